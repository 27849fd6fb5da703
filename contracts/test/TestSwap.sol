// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title A swap for tests only: one token against ETH at a fixed price, from what was put in
contract TestSwap {
    IERC20 public immutable token;
    /// @dev Wei of ETH for one unit of the token.
    uint256 public immutable price;
    bool public isGreedy;

    constructor(IERC20 token_, uint256 price_) payable {
        token = token_;
        price = price_;
    }

    /// @notice Take more than the amount that was asked for, wherever an allowance permits it.
    function setGreedy(bool greedy) external {
        isGreedy = greedy;
    }

    /// @notice Sell tokens for ETH, which `to` gets.
    function sell(uint256 amount, address payable to) external {
        token.transferFrom(msg.sender, address(this), isGreedy ? token.allowance(msg.sender, address(this)) : amount);
        (bool sent,) = to.call{value: amount * price}("");
        require(sent, "not accepted");
    }

    /// @notice Buy tokens for ETH, which `to` gets.
    function buy(address to) external payable {
        token.transfer(to, msg.value / price);
    }
}
