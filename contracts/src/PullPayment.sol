// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IPullPayment} from "./interfaces/IPullPayment.sol";

/// @title Money owed by a contract, fetched by whom it is owed to
abstract contract PullPayment is IPullPayment, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    address internal constant ETH = address(0);

    mapping(address asset => bool) private _isAllowed;

    /// @inheritdoc IPullPayment
    mapping(address account => mapping(address asset => uint256)) public balanceOf;

    constructor(address[] memory tokens) {
        _isAllowed[ETH] = true;
        for (uint256 i; i < tokens.length; ++i) {
            if (tokens[i] == address(0)) revert ZeroAddress();
            _isAllowed[tokens[i]] = true;
        }
    }

    /// @inheritdoc IPullPayment
    function withdraw(address asset, address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert ZeroAddress();
        amount = balanceOf[msg.sender][asset];
        if (amount == 0) revert NothingOwed(msg.sender, asset);
        balanceOf[msg.sender][asset] = 0;
        emit Withdrawn(msg.sender, asset, to, amount);
        if (asset != ETH) {
            IERC20(asset).safeTransfer(to, amount);
        } else {
            (bool sent,) = to.call{value: amount}("");
            if (!sent) revert TransferFailed(to, amount);
        }
    }

    /// @inheritdoc IPullPayment
    function isAllowed(address asset) public view virtual returns (bool) {
        return _isAllowed[asset];
    }

    /// @dev Let `account` fetch `amount` of what the contract holds.
    function _credit(address account, address asset, uint256 amount) internal {
        if (amount != 0) balanceOf[account][asset] += amount;
    }

    /// @dev Take exactly `amount` from the caller, out of what it is owed here as far as possible; of ETH, as far as less
    /// than `amount` comes with the call.
    function _takeOwed(address asset, uint256 amount) internal {
        uint256 owed = balanceOf[msg.sender][asset];
        uint256 used = Math.min(owed, asset == ETH ? amount - Math.min(amount, msg.value) : amount);
        balanceOf[msg.sender][asset] = owed - used;
        _take(asset, amount - used);
    }

    /// @dev Take exactly `amount` from the caller.
    function _take(address asset, uint256 amount) internal {
        uint256 due = asset == ETH ? amount : 0;
        if (msg.value != due) revert WrongValue(due, msg.value);
        if (asset == ETH || amount == 0) return;
        uint256 before = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = IERC20(asset).balanceOf(address(this)) - before;
        if (received != amount) revert WrongAmountReceived(amount, received);
    }
}
