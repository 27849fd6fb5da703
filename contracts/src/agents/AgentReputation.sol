// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IAgentReputation} from "./IAgentReputation.sol";

/// @title What others say about an agent
contract AgentReputation is IAgentReputation {
    uint8 public constant MAX_SCORE = 100;

    struct Feedback {
        uint8 score;
        bool isRevoked;
        string tag1;
        string tag2;
    }

    IERC721 private immutable _agents;
    mapping(uint256 agentId => mapping(address client => Feedback[])) private _feedback;

    constructor(address agents) {
        if (agents == address(0)) revert ZeroAddress();
        _agents = IERC721(agents);
    }

    /// @inheritdoc IAgentReputation
    function giveFeedback(
        uint256 agentId,
        uint8 score,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external {
        if (score > MAX_SCORE) revert ScoreOutOfRange(score);
        address owner = _agents.ownerOf(agentId);
        bool isOwn = msg.sender == owner || _agents.isApprovedForAll(owner, msg.sender)
            || _agents.getApproved(agentId) == msg.sender;
        if (isOwn) revert SelfFeedback(agentId, msg.sender);
        Feedback[] storage said = _feedback[agentId][msg.sender];
        said.push(Feedback(score, false, tag1, tag2));
        uint64 index = uint64(said.length);
        emit NewFeedback(agentId, msg.sender, index, score, tag1, tag1, tag2, endpoint, feedbackURI, feedbackHash);
    }

    /// @inheritdoc IAgentReputation
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external {
        Feedback storage said = _said(agentId, msg.sender, feedbackIndex);
        if (said.isRevoked) revert AlreadyRevoked(agentId, feedbackIndex);
        said.isRevoked = true;
        emit FeedbackRevoked(agentId, msg.sender, feedbackIndex);
    }

    /// @inheritdoc IAgentReputation
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external {
        _said(agentId, clientAddress, feedbackIndex);
        emit ResponseAppended(agentId, clientAddress, feedbackIndex, msg.sender, responseURI, responseHash);
    }

    /// @inheritdoc IAgentReputation
    function getSummary(
        uint256 agentId,
        address[] calldata clientAddresses,
        string calldata tag1,
        string calldata tag2
    ) external view returns (uint64 count, uint8 averageScore) {
        if (clientAddresses.length == 0) revert NoClients();
        uint256 sum;
        for (uint256 i; i < clientAddresses.length; ++i) {
            Feedback[] storage said = _feedback[agentId][clientAddresses[i]];
            for (uint256 j; j < said.length; ++j) {
                if (said[j].isRevoked || !_matches(tag1, said[j].tag1) || !_matches(tag2, said[j].tag2)) continue;
                sum += said[j].score;
                ++count;
            }
        }
        averageScore = count == 0 ? 0 : uint8(sum / count);
    }

    /// @inheritdoc IAgentReputation
    function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex)
        external
        view
        returns (uint8 score, string memory tag1, string memory tag2, bool isRevoked)
    {
        Feedback storage said = _said(agentId, clientAddress, feedbackIndex);
        return (said.score, said.tag1, said.tag2, said.isRevoked);
    }

    /// @inheritdoc IAgentReputation
    function getLastIndex(uint256 agentId, address clientAddress) external view returns (uint64) {
        return uint64(_feedback[agentId][clientAddress].length);
    }

    /// @inheritdoc IAgentReputation
    function getIdentityRegistry() external view returns (address) {
        return address(_agents);
    }

    function _said(uint256 agentId, address client, uint64 index) private view returns (Feedback storage) {
        Feedback[] storage said = _feedback[agentId][client];
        if (index == 0 || index > said.length) revert NoSuchFeedback(agentId, client, index);
        return said[index - 1];
    }

    function _matches(string calldata wanted, string storage tag) private pure returns (bool) {
        return bytes(wanted).length == 0 || keccak256(bytes(wanted)) == keccak256(bytes(tag));
    }
}
