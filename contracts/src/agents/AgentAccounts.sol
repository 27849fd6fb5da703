// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {AgentAccount} from "./AgentAccount.sol";

/// @title Makes each agent's account, at an address that is known before
contract AgentAccounts {
    address public immutable registry;

    event Created(uint256 indexed agentId, address account);

    error ZeroAddress();
    error AlreadyCreated(uint256 agentId, address account);

    constructor(address registry_) {
        if (registry_ == address(0)) revert ZeroAddress();
        registry = registry_;
    }

    /// @notice Make the account of an agent, once; anyone may, since only the agent's owner owns it.
    function create(uint256 agentId) external returns (address account) {
        IERC721(registry).ownerOf(agentId); // reverts for an agent that does not exist
        account = accountOf(agentId);
        if (account.code.length != 0) revert AlreadyCreated(agentId, account);
        account = address(new AgentAccount{salt: bytes32(agentId)}(registry, agentId));
        emit Created(agentId, account);
    }

    /// @notice Where the agent's account is, or will be.
    function accountOf(uint256 agentId) public view returns (address) {
        bytes memory code = abi.encodePacked(type(AgentAccount).creationCode, abi.encode(registry, agentId));
        return Create2.computeAddress(bytes32(agentId), keccak256(code));
    }
}
