// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Agents change hands, or work for others for a while, by offers that were signed elsewhere
/// @notice An ask is signed by the agent's owner, a bid by who wants it; whoever takes the offer pays or sells at once.
/// Works with every ERC-721 collection; a royalty is paid where the collection knows one (ERC-2981). Money for sellers,
/// licensors and royalty receivers is fetched with `withdraw`.
///
/// A licence is the right to use an agent until a certain time under terms that are named by their digest, as in
/// ERC-4907, but any number of licensees may hold one. It stays with the agent when the agent is sold.
///
/// A sale moves no Session's prize: who is paid for a Session is fixed at its entry.
/// Warning: what the agent's own account holds is sold with the agent, and its seller may empty it until the sale.
interface IAgentMarket {
    enum Side {
        /// Signed by the seller; the caller buys.
        ASK,
        /// Signed by the buyer, paid from its allowance; the caller sells.
        BID
    }

    struct Sale {
        Side side;
        address collection;
        uint256 agentId;
        /// Who signed.
        address maker;
        /// Who may take the offer; address(0) for anyone.
        address taker;
        /// address(0) for ETH, which a bid cannot be in.
        address asset;
        uint256 price;
        /// The most of the price that may go to the royalty.
        uint256 maxRoyalty;
        uint256 nonce;
        /// At this second it is too late.
        uint256 expiry;
    }

    struct Licence {
        address collection;
        uint256 agentId;
        /// The agent's owner, who signed.
        address licensor;
        /// Who may buy it; address(0) for anyone, any number of times.
        address licensee;
        address asset;
        uint256 price;
        /// How long one purchase lasts; a further one adds to it.
        uint32 duration;
        /// SHA-256 of the terms' text.
        bytes32 terms;
        uint256 nonce;
        uint256 expiry;
    }

    event Sold(
        address indexed collection,
        uint256 indexed agentId,
        address indexed seller,
        address buyer,
        address asset,
        uint256 price,
        uint256 royalty
    );
    event Licensed(
        address indexed collection,
        uint256 indexed agentId,
        address indexed licensee,
        address licensor,
        bytes32 terms,
        uint256 until,
        address asset,
        uint256 price
    );
    event OfferCancelled(address indexed maker, uint256 nonce);

    error OfferExpired(uint256 expiry);
    error OfferUsed(address maker, uint256 nonce);
    error OfferSignatureInvalid(address maker);
    error NotTaker(address taker, address caller);
    error NotOwnedBy(uint256 agentId, address account);
    /// @dev ETH cannot be taken from who is not the caller.
    error BidNeedsToken();
    error RoyaltyAboveLimit(uint256 royalty, uint256 most);

    /// @notice Take an offer to sell or to buy an agent. The seller must have approved this contract for the agent.
    function trade(Sale calldata sale, bytes calldata signature) external payable;

    /// @notice Buy the use of an agent for the licence's duration, or prolong it.
    function license(Licence calldata licence, bytes calldata signature) external payable returns (uint256 until);

    /// @notice Make the caller's offers with these nonces worthless.
    function cancel(uint256[] calldata nonces) external;

    /// @notice Until when `user` may use the agent under these terms; 0 if never.
    function userExpires(address collection, uint256 agentId, address user, bytes32 terms)
        external
        view
        returns (uint256);

    function isUsed(address maker, uint256 nonce) external view returns (bool);

    /// @notice What the maker signs (EIP-712): binds the chain and this contract.
    function saleDigest(Sale calldata sale) external view returns (bytes32);
    function licenceDigest(Licence calldata licence) external view returns (bytes32);
}
