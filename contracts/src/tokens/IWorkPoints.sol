// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Points for work that is paid: read from the escrow and the training registry, written into the emissions
/// @notice Anyone may have a settled Session or an accepted training recorded; everything in it counts once, in the
/// month in which it is recorded. A Session gives
///
///   BUILDER    each entry's payee    1 for the entry
///   CREATOR    the opener            1 for each entry
///   EVALUATOR  each paid judge       1 for each entry it judged; on an appeal's panel, for each contested score
///
/// and an accepted training TRAINER points, 1 for each node with the accepted result. Sessions and trainings whose fee
/// is below `leastFee` give nothing: where it costs nothing to play against oneself, points would be for nothing too.
interface IWorkPoints {
    /// @notice `tickets` are those that are recorded so far.
    event SessionRecorded(uint256 indexed id, uint256 tickets);
    event TaskRecorded(uint256 indexed id);

    error ZeroAddress();
    error NotSettled(uint256 id);
    error NotAccepted(uint256 id);
    /// @dev All of it is recorded already, or no entries were asked for.
    error NothingToRecord(uint256 id);
    /// @dev `least` is 0 for an asset that gives no points at all.
    error FeeTooSmall(uint256 id, uint256 fee, uint256 least);

    /// @notice Record the next `most` entries of a settled Session (all, if there are fewer), and with the first of them
    /// its judges.
    function recordSession(uint256 id, uint256 most) external;

    /// @notice Record the nodes of an accepted training.
    function recordTask(uint256 id) external;

    /// @notice Entries of a Session that are not recorded yet and give points: what `recordSession` can do now.
    function ticketsDue(uint256 id) external view returns (uint256);

    /// @notice Whether `recordTask` would record something now.
    function isTaskDue(uint256 id) external view returns (bool);

    /// @notice The smallest entry or training fee in `asset` that gives points; 0 if none does.
    function leastFee(address asset) external view returns (uint256);
}
