// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Scores kept as the code of a contract that does nothing
/// @notice Two bytes a score cost 400 gas as code and 22,100 as a storage slot each, and any contract can read them.
/// The first byte is STOP, so that nothing can be run. After https://github.com/0xsequence/sstore2, written anew.
library ScoreCode {
    /// @dev EIP-170 allows 24,576 bytes, of which one is STOP.
    uint256 internal constant MAX_BYTES = 24_575;

    error NotWritten();

    /// @notice The address of new code that holds `scores`; at most `MAX_BYTES`.
    function write(bytes memory scores) internal returns (address code) {
        // PUSH2 length; DUP1; PUSH1 10; PUSH0; CODECOPY; PUSH0; RETURN; then the code itself: STOP and the scores
        bytes memory creation =
            abi.encodePacked(hex"61", uint16(scores.length + 1), hex"80600a5f395ff3", hex"00", scores);
        assembly ("memory-safe") {
            code := create(0, add(creation, 32), mload(creation))
        }
        if (code == address(0)) revert NotWritten();
    }

    /// @notice `count` scores from the ticket `from` on, packed as they were written.
    function read(address code, uint256 from, uint256 count) internal view returns (bytes memory scores) {
        scores = new bytes(2 * count);
        assembly ("memory-safe") {
            extcodecopy(code, add(scores, 32), add(1, mul(2, from)), mul(2, count))
        }
    }
}
