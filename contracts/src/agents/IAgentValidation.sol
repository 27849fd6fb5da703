// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What was validated of an agent's work, by whom, with which result
/// @notice ERC-8004's validation registry. Here the work is a training: the request names a task of the training
/// registry, and `TrainingValidator` answers with what the quorum found.
/// Source: https://eips.ethereum.org/EIPS/eip-8004
interface IAgentValidation {
    event ValidationRequest(
        address indexed validatorAddress, uint256 indexed agentId, string requestURI, bytes32 indexed requestHash
    );
    event ValidationResponse(
        address indexed validatorAddress,
        uint256 indexed agentId,
        bytes32 indexed requestHash,
        uint8 response,
        string responseURI,
        bytes32 responseHash,
        string tag
    );

    error ZeroAddress();
    error NotOwnerNorApproved(uint256 agentId, address caller);
    error AlreadyRequested(bytes32 requestHash);
    error UnknownRequest(bytes32 requestHash);
    error NotValidator(bytes32 requestHash, address caller);
    error ResponseOutOfRange(uint256 response);

    /// @notice Ask `validatorAddress` to validate; the agent's owner or operator only, once for each `requestHash`.
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external;

    /// @notice Answer with 0 (failed) to 100 (passed); may be repeated. The validator that was asked only.
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external;

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
        );

    /// @notice How many of the agent's requests these validators answered under `tag` (all, if it is empty), and the mean
    /// answer, rounded down.
    function getSummary(uint256 agentId, address[] calldata validatorAddresses, string calldata tag)
        external
        view
        returns (uint64 count, uint8 averageResponse);

    function getAgentValidations(uint256 agentId) external view returns (bytes32[] memory requestHashes);
    function getIdentityRegistry() external view returns (address);
}
