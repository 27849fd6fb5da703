// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Tells the validation registry which trainings of an agent the training registry accepted
/// @notice The agent's owner asks `AgentValidation` with this contract as validator and `requestHashOf` as the request;
/// once the task is accepted anyone has it answered: 100, with the accepted root, under the tag "training". A training is
/// one agent's: the task was opened by who owns the agent, and it validates no second agent. Which agent the
/// nodes trained is also in the task's manifest, for everybody to compare.
interface ITrainingValidator {
    event Validated(uint256 indexed task, uint256 indexed agentId, bytes32 root, bytes32 adapter);

    error ZeroAddress();
    error NotAccepted(uint256 task);
    /// @dev Somebody else opened the task.
    error NotOpenedByOwner(uint256 task, address opener, address owner);
    error AlreadyValidated(uint256 task, uint256 agentId);
    /// @dev What was asked with this hash is about another agent.
    error AskedForAnother(bytes32 requestHash, uint256 agentId);

    /// @notice Answer what the owner asked; anyone may.
    function validate(uint256 task, uint256 agentId, bytes32 salt) external;

    /// @notice What the owner passes to `AgentValidation.validationRequest`; the salt keeps others from asking first.
    function requestHashOf(uint256 task, uint256 agentId, bytes32 salt) external view returns (bytes32);

    /// @notice Which agent a task validated; 0 for none.
    function agentOf(uint256 task) external view returns (uint256);
}
