// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Randomness that nobody knows when it is asked for
/// @notice Ask for a ticket, wait, read. A ticket that was left too long expires, and the caller takes a new one.
interface IRandomness {
    enum Status {
        PENDING,
        READY,
        EXPIRED
    }

    /// @notice A ticket whose value is not known to anybody yet.
    function ticket() external view returns (uint256);

    /// @notice The value of `ticket_`, which is 0 unless the status is READY.
    function read(uint256 ticket_) external view returns (Status status, bytes32 value);
}
