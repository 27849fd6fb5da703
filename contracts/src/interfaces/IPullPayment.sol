// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Money owed by a contract, fetched by whom it is owed to
/// @notice ETH is the asset `address(0)`. Nobody, the deployer included, can move what is owed to somebody else.
interface IPullPayment {
    /// @notice `account` fetched `amount` of `asset` and had it sent to `to`.
    event Withdrawn(address indexed account, address indexed asset, address to, uint256 amount);

    error ZeroAddress();
    /// @dev Fees cannot be paid in this asset; see `isAllowed`.
    error AssetNotAllowed(address asset);
    /// @dev ETH sent along differs from what is due (nothing, if the asset is a token).
    error WrongValue(uint256 expected, uint256 sent);
    /// @dev The token arrived in another amount, for example because it takes a fee on transfers.
    error WrongAmountReceived(uint256 expected, uint256 received);
    error NothingOwed(address account, address asset);
    /// @dev The receiver refused the ETH; withdraw to another address.
    error TransferFailed(address to, uint256 amount);

    /// @notice Send everything of `asset` that is owed to the caller to `to`; returns how much it was.
    function withdraw(address asset, address to) external returns (uint256 amount);

    /// @notice What the contract owes `account`.
    function balanceOf(address account, address asset) external view returns (uint256);

    /// @notice Whether fees may be paid in `asset`.
    function isAllowed(address asset) external view returns (bool);
}
