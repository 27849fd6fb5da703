// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title An agent's own account at other protocols, kept within what its owner signed
/// @notice The owner of the agent's token owns the account: it may do anything with it. The agent's key may call only
/// what a policy allows: these functions of these contracts, spending at most so much a day of one asset each, until
/// the policy expires, is revoked, or the agent is sold.
///
/// Allowances are lent: the target may take the amount of one call during that call and nothing afterwards. What the
/// account spent is measured, not believed.
/// Warning: an allowed function can do whatever its contract does, also to what the account holds there. A rule should
/// say where the function names its beneficiary (`selfAt`), so that the agent cannot send the proceeds elsewhere.
interface IAgentAccount {
    struct Rule {
        address target;
        bytes4 selector;
        /// What the call may spend; address(0) is ETH.
        address asset;
        /// The most of it that may be spent through this rule in one day (UTC), in its smallest unit.
        uint128 perDay;
        /// Which argument (32 bytes each, from 1) must be this account; 0 for none.
        uint8 selfAt;
    }

    struct Policy {
        /// The agent's key, which may call `act`.
        address operator;
        Rule[] rules;
        /// Named by the owner, to revoke it by.
        uint256 nonce;
        /// Seconds since 1970; at this second it is too late.
        uint64 expiry;
        /// How often the agent had changed hands when this was signed.
        uint64 transfers;
    }

    event Acted(bytes32 indexed policy, uint256 indexed rule, address asset, uint256 spent);
    event Revoked(address indexed owner, uint256 nonce);
    event Called(address indexed target, uint256 value, bytes4 selector);

    error NotOwner(address caller);
    error NotOperator(address caller);
    error PolicyExpired(uint256 expiry);
    error PolicyRevoked(uint256 nonce);
    /// @dev The agent was sold after the policy was signed.
    error PolicyOfFormerOwner(uint256 transfers);
    error PolicySignatureInvalid(address owner);
    error NoSuchRule(uint256 rule);
    error WrongSelector(bytes4 allowed, bytes4 given);
    /// @dev Allowances outlive a call, so no policy can allow to give one.
    error AllowanceForbidden(bytes4 selector);
    error BeneficiaryNotSelf(uint256 argument);
    error OverDailyLimit(uint256 wanted, uint256 left);
    /// @dev The account lost more than the amount that the agent named.
    error SpentTooMuch(uint256 spent, uint256 amount);

    /// @notice Call what rule number `rule` allows with `data`, spending up to `amount`; the policy's operator only.
    /// For ETH exactly `amount` is sent along.
    function act(Policy calldata policy, bytes calldata signature, uint256 rule, uint256 amount, bytes calldata data)
        external
        returns (bytes memory);

    /// @notice End the policy with this nonce at once; owner only.
    function revoke(uint256 nonce) external;

    /// @notice Call anything; owner only.
    function call(address target, uint256 value, bytes calldata data) external returns (bytes memory);

    /// @notice What the owner signs (EIP-712): binds the chain and this account.
    function digestOf(Policy calldata policy) external view returns (bytes32);

    /// @notice What may still be spent today through a rule.
    function leftToday(Policy calldata policy, uint256 rule) external view returns (uint256);

    /// @notice Who owns the agent now.
    function owner() external view returns (address);
    function agentId() external view returns (uint256);
    function isRevoked(address owner, uint256 nonce) external view returns (bool);
}
