// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPullPayment} from "./IPullPayment.sol";

/// @title Paid work by drawn nodes, who commit to a result before they show it
/// @notice What the Session escrow and the training registry have in common. Both take steps by randomness tickets and
/// deadlines; both lock the drawn nodes' stake until the work is over.
interface INodeWork is IPullPayment {
    /// @notice The randomness of the earlier ticket was left to expire; a new ticket was taken.
    event Rearmed(uint256 indexed id, uint256 ticket);

    /// @dev A value is outside its bounds; `term` is the field's name in ASCII.
    error TermOutOfBounds(bytes32 term, uint256 value);
    error EmptyDigest();
    /// @dev Try again in a later block.
    error RandomnessPending(uint256 ticket);
    error NotDrawn(uint256 id, address caller);
    error CommitmentMismatch(uint256 id, address node);
    error AlreadyRevealed(uint256 id, address node);

    function vault() external view returns (address);
    function randomness() external view returns (address);

    /// @notice Who gets what nobody else has a claim to.
    function treasury() external view returns (address);
}
