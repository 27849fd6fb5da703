// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Agents as property: each is an ERC-721 token
/// @notice The shape of ERC-8004's identity registry (Trustless Agents): a token for each agent, whose URI resolves to
/// its registration file, with metadata and a wallet that the agent's owner proved to hold. In addition a royalty
/// (ERC-2981), fixed when the agent is registered, and a count of how often the agent changed hands, so that what an
/// owner signed ends with the sale.
/// Source: https://eips.ethereum.org/EIPS/eip-8004
interface IAgentRegistry {
    struct MetadataEntry {
        string metadataKey;
        bytes metadataValue;
    }

    event Registered(uint256 indexed agentId, string agentURI, address indexed owner);
    event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy);
    event MetadataSet(
        uint256 indexed agentId, string indexed indexedMetadataKey, string metadataKey, bytes metadataValue
    );
    event RoyaltySet(uint256 indexed agentId, address indexed receiver, uint256 bps);

    error NotOwnerNorApproved(uint256 agentId, address caller);
    /// @dev `agentWallet` is set with the wallet's own signature only.
    error ReservedKey();
    error SignatureExpired(uint256 deadline);
    error WalletSignatureInvalid(address wallet);
    error RoyaltyTooHigh(uint256 bps, uint256 most);

    /// @notice Make an agent that the caller owns; ids count from 1. Without a royalty.
    function register() external returns (uint256 agentId);
    function register(string calldata agentURI) external returns (uint256 agentId);
    function register(string calldata agentURI, MetadataEntry[] calldata metadata) external returns (uint256 agentId);

    /// @notice Make an agent whose every sale pays `receiver` `bps` of the price, for ever; at most 1000 (10 %).
    function registerWithRoyalty(
        string calldata agentURI,
        MetadataEntry[] calldata metadata,
        address receiver,
        uint96 bps
    ) external returns (uint256 agentId);

    function setAgentURI(uint256 agentId, string calldata newURI) external;
    function setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) external;
    function getMetadata(uint256 agentId, string calldata metadataKey) external view returns (bytes memory);

    /// @notice Name the agent's wallet, which must have signed (EIP-712, ERC-1271) for this owner.
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external;
    function unsetAgentWallet(uint256 agentId) external;

    /// @notice The agent's wallet: its owner at first, none after a sale until the new owner names one.
    function getAgentWallet(uint256 agentId) external view returns (address);

    /// @notice How often the agent changed hands.
    function transfers(uint256 agentId) external view returns (uint256);

    /// @notice Agents ever made; their ids are 1 to this.
    function agentCount() external view returns (uint256);
}
