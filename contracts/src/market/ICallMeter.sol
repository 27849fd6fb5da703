// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Pay an agent by the call, with one transaction for any number of calls
/// @notice A caller puts money aside for an agent and signs, with each call, a voucher for the sum of all its calls so
/// far. Whoever owns the agent redeems the newest voucher when it likes. The caller can ask for the rest back; the
/// agent's owner then has a day to redeem what it still holds.
/// Who owns the agent when a voucher is redeemed is paid, so a seller redeems before a sale.
interface ICallMeter {
    struct Account {
        /// Put aside in all.
        uint128 deposited;
        /// Redeemed in all.
        uint128 redeemed;
        /// When the rest may be taken back; 0 while nobody asked.
        uint64 closesAt;
    }

    struct Voucher {
        address caller;
        uint256 agentId;
        address asset;
        /// For all calls of this caller so far, in the asset's smallest unit.
        uint128 total;
    }

    event Deposited(address indexed caller, uint256 indexed agentId, address indexed asset, uint256 amount);
    event Redeemed(address indexed caller, uint256 indexed agentId, address indexed asset, address owner, uint256 amount);
    event ClosingAsked(address indexed caller, uint256 indexed agentId, address indexed asset, uint256 closesAt);
    event Closed(address indexed caller, uint256 indexed agentId, address indexed asset, uint256 amount);

    error AmountZero();
    error VoucherSignatureInvalid(address caller);
    error NothingNew(uint256 total, uint256 redeemed);
    error DepositTooSmall(uint256 total, uint256 deposited);
    error NotClosing();
    error StillOpen(uint256 closesAt);

    /// @notice Put `amount` aside for calls of the agent; keeps the account open if it was about to close.
    function deposit(uint256 agentId, address asset, uint128 amount) external payable;

    /// @notice Credit the agent's owner with what the voucher is worth beyond those before; anyone may.
    function redeem(Voucher calldata voucher, bytes calldata signature) external returns (uint256 amount);

    /// @notice Begin to take back what is left.
    function askToClose(uint256 agentId, address asset) external;

    /// @notice Credit the caller with what is left.
    function close(uint256 agentId, address asset) external returns (uint256 amount);

    function accountOf(address caller, uint256 agentId, address asset) external view returns (Account memory);

    /// @notice What a caller signs (EIP-712): binds the chain and this contract.
    function voucherDigest(Voucher calldata voucher) external view returns (bytes32);
}
