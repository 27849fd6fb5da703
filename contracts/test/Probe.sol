// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What `contracts/rewrite.py` puts into the sources to see and to disturb how they run; never deployed for use
library Probe {
    /// @dev The console of development chains: anvil prints what it is called with, also when the call reverts later.
    address private constant _CONSOLE = 0x000000000000000000636F6e736F6c652e6c6f67;
    /// @dev Its balance in wei is the number of the mutant that is on; none at 0.
    address private constant _SWITCH = address(0xC0DE);

    /// @notice Tell that the place `id` was reached.
    function hit(uint256 id) internal pure {
        _pure(_print)(id);
    }

    /// @notice Return `condition`, and tell that it was false (`id`) or true (`id + 1`).
    function test(uint256 id, bool condition) internal pure returns (bool) {
        _pure(_print)(condition ? id + 1 : id);
        return condition;
    }

    /// @notice Whether the mutant `id` is on; while none is, tell that its place was reached.
    function on(uint256 id) internal pure returns (bool) {
        uint256 active = _pure(_active)();
        if (active == 0) _pure(_print)(id);
        return active == id;
    }

    function _print(uint256 id) private view {
        address console = _CONSOLE;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, 0xf82c50f1) // log(uint256)
            mstore(add(free, 32), id)
            pop(staticcall(gas(), console, add(free, 28), 36, 0, 0))
        }
    }

    function _active() private view returns (uint256) {
        return _SWITCH.balance;
    }

    /// @dev The compiler's promise that a pure function looks at nothing is broken here on purpose.
    function _pure(function(uint256) internal view looks)
        private
        pure
        returns (function(uint256) internal pure blind)
    {
        assembly ("memory-safe") {
            blind := looks
        }
    }

    function _pure(function() internal view returns (uint256) looks)
        private
        pure
        returns (function() internal pure returns (uint256) blind)
    {
        assembly ("memory-safe") {
            blind := looks
        }
    }
}
