// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What others say about an agent
/// @notice The part of ERC-8004's reputation registry that is needed on chain: scores with tags, revocable. After a
/// Session its opener says each agent's median, with the tag "session" and the transcript's digest, so that it can be
/// checked against the escrow.
/// Warning: anybody but the agent's own owner may speak, so a summary without a list of clients means nothing.
/// Source: https://eips.ethereum.org/EIPS/eip-8004
interface IAgentReputation {
    event NewFeedback(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        uint8 score,
        string indexed indexedTag1,
        string tag1,
        string tag2,
        string endpoint,
        string feedbackURI,
        bytes32 feedbackHash
    );
    event FeedbackRevoked(uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex);
    event ResponseAppended(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        address indexed responder,
        string responseURI,
        bytes32 responseHash
    );

    error ZeroAddress();
    error ScoreOutOfRange(uint256 score);
    error SelfFeedback(uint256 agentId, address caller);
    error NoSuchFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex);
    error AlreadyRevoked(uint256 agentId, uint64 feedbackIndex);
    error NoClients();

    /// @notice Say that the agent was worth `score`, 0..100; not by its owner or operators.
    function giveFeedback(
        uint256 agentId,
        uint8 score,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external;

    /// @notice Take the caller's own words back.
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external;

    /// @notice Answer to somebody's words; anyone may.
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external;

    /// @notice How often these clients spoke under these tags (all, where a tag is empty), and the mean, rounded down.
    function getSummary(
        uint256 agentId,
        address[] calldata clientAddresses,
        string calldata tag1,
        string calldata tag2
    ) external view returns (uint64 count, uint8 averageScore);

    function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex)
        external
        view
        returns (uint8 score, string memory tag1, string memory tag2, bool isRevoked);

    /// @notice How often the client spoke about the agent; indexes are 1 to this.
    function getLastIndex(uint256 agentId, address clientAddress) external view returns (uint64);
    function getIdentityRegistry() external view returns (address);
}
