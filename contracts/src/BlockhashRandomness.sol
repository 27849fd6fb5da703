// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRandomness} from "./interfaces/IRandomness.sol";

/// @title Randomness from the hash of the next block
/// @notice A ticket is the number of the next block. Its hash is known one block later, and for 256 blocks.
/// Warning: who produces that block can discard a hash it does not like, at the price of the block; where more is at
/// stake than a block is worth, use a beacon (drand) behind the same interface.
contract BlockhashRandomness is IRandomness {
    /// @inheritdoc IRandomness
    function ticket() external view returns (uint256) {
        return block.number + 1;
    }

    /// @inheritdoc IRandomness
    function read(uint256 ticket_) external view returns (Status status, bytes32 value) {
        if (block.number <= ticket_) return (Status.PENDING, 0);
        value = blockhash(ticket_);
        return (value == 0 ? Status.EXPIRED : Status.READY, value);
    }
}
