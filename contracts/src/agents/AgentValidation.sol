// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IAgentValidation} from "./IAgentValidation.sol";

/// @title What was validated of an agent's work
contract AgentValidation is IAgentValidation {
    uint8 public constant MAX_RESPONSE = 100;

    struct Validation {
        address validator;
        uint8 response;
        bool answered;
        uint64 lastUpdate;
        uint256 agentId;
        bytes32 responseHash;
        string tag;
    }

    IERC721 private immutable _agents;
    mapping(bytes32 requestHash => Validation) private _validations;
    mapping(uint256 agentId => bytes32[]) private _requests;

    constructor(address agents) {
        if (agents == address(0)) revert ZeroAddress();
        _agents = IERC721(agents);
    }

    /// @inheritdoc IAgentValidation
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external {
        if (validatorAddress == address(0)) revert ZeroAddress();
        address owner = _agents.ownerOf(agentId);
        bool manages = msg.sender == owner || _agents.isApprovedForAll(owner, msg.sender)
            || _agents.getApproved(agentId) == msg.sender;
        if (!manages) revert NotOwnerNorApproved(agentId, msg.sender);
        Validation storage asked = _validations[requestHash];
        if (asked.validator != address(0)) revert AlreadyRequested(requestHash);
        asked.validator = validatorAddress;
        asked.agentId = agentId;
        asked.lastUpdate = uint64(block.timestamp);
        _requests[agentId].push(requestHash);
        emit ValidationRequest(validatorAddress, agentId, requestURI, requestHash);
    }

    /// @inheritdoc IAgentValidation
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external {
        if (response > MAX_RESPONSE) revert ResponseOutOfRange(response);
        Validation storage asked = _known(requestHash);
        if (msg.sender != asked.validator) revert NotValidator(requestHash, msg.sender);
        asked.response = response;
        asked.answered = true;
        asked.lastUpdate = uint64(block.timestamp);
        asked.responseHash = responseHash;
        asked.tag = tag;
        emit ValidationResponse(msg.sender, asked.agentId, requestHash, response, responseURI, responseHash, tag);
    }

    /// @inheritdoc IAgentValidation
    function getValidationStatus(bytes32 requestHash)
        external
        view
        returns (
            address validatorAddress,
            uint256 agentId,
            uint8 response,
            bytes32 responseHash,
            string memory tag,
            uint256 lastUpdate
        )
    {
        Validation storage v = _known(requestHash);
        return (v.validator, v.agentId, v.response, v.responseHash, v.tag, v.lastUpdate);
    }

    /// @inheritdoc IAgentValidation
    function getSummary(uint256 agentId, address[] calldata validatorAddresses, string calldata tag)
        external
        view
        returns (uint64 count, uint8 averageResponse)
    {
        uint256 sum;
        for (uint256 i; i < _requests[agentId].length; ++i) {
            Validation storage v = _validations[_requests[agentId][i]];
            bool tagged = bytes(tag).length == 0 || keccak256(bytes(tag)) == keccak256(bytes(v.tag));
            if (!v.answered || !tagged || !_among(validatorAddresses, v.validator)) continue;
            sum += v.response;
            ++count;
        }
        averageResponse = count == 0 ? 0 : uint8(sum / count);
    }

    /// @inheritdoc IAgentValidation
    function getAgentValidations(uint256 agentId) external view returns (bytes32[] memory) {
        return _requests[agentId];
    }

    /// @inheritdoc IAgentValidation
    function getIdentityRegistry() external view returns (address) {
        return address(_agents);
    }

    function _known(bytes32 requestHash) private view returns (Validation storage asked) {
        asked = _validations[requestHash];
        if (asked.validator == address(0)) revert UnknownRequest(requestHash);
    }

    /// @dev An empty list means everybody.
    function _among(address[] calldata list, address item) private pure returns (bool) {
        for (uint256 i; i < list.length; ++i) {
            if (list[i] == item) return true;
        }
        return list.length == 0;
    }
}
