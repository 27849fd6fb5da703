// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What these tests use of forge's cheat codes
interface Vm {
    function warp(uint256 time) external;
    function roll(uint256 number) external;
    function prank(address sender) external;
    function deal(address account, uint256 balance) external;
    function writeLine(string calldata path, string calldata line) external;
    function readFile(string calldata path) external view returns (string memory);
    function parseBytes(string calldata text) external pure returns (bytes memory);
    function toString(uint256 value) external pure returns (string memory);
}

/// @dev Where forge listens.
Vm constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
