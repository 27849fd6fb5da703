// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title FRAC: what nodes stake and holders vote with
/// @notice 18 decimals, never more than 100 million. The whole supply of this version is made at construction. Votes are
/// counted by timestamps (ERC-6372), because block numbers mean different things on different chains.
contract FracToken is ERC20Capped, ERC20Permit, ERC20Votes {
    uint256 public constant CAP = 100_000_000e18;

    /// @param holder gets the whole supply
    /// @param supply in wei of FRAC, at most `CAP`
    constructor(address holder, uint256 supply) ERC20("Frac", "FRAC") ERC20Permit("Frac") ERC20Capped(CAP) {
        _mint(holder, supply);
    }

    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Capped, ERC20Votes) {
        super._update(from, to, value);
    }
}
