// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title A coin for local chains, worth nothing
/// @notice Stands where a stablecoin stands on a public chain: 6 decimals and permit (ERC-2612).
/// Warning: anyone can make any amount with `faucet`; never deploy it where real money is at stake.
contract TestUSD is ERC20, ERC20Permit {
    constructor() ERC20("Test USD (no value)", "tUSD") ERC20Permit("Test USD (no value)") {}

    /// @notice Give the caller `amount` millionths of a test dollar.
    function faucet(uint256 amount) external {
        _mint(msg.sender, amount);
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
