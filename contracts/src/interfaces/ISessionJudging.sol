// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title From the draw of judges to the payment of everybody
/// @notice See `ISessionEscrow` for how a Session goes, and which step is due when.
interface ISessionJudging {
    /// @notice Draw the panel, or what it lacks, by stake: never the opener, an owner, a payee, an appellant, or a judge
    /// that was drawn for this Session before. The panel is smaller than asked for if only that many, but a quorum, can be
    /// drawn. Takes a new randomness ticket instead if the old one expired.
    function draw(uint256 id) external;

    /// @notice Slash the judges that stayed away, and have others drawn in their place. Who has committed keeps its
    /// commitment, who has revealed its scores.
    function redraw(uint256 id) external;

    /// @notice Fix the caller's scores without showing them; may be repeated until all drawn judges have committed.
    function commit(uint256 id, bytes32 commitment) external;

    /// @notice Show what was committed. `verdict` is the digest of the blob with criteria and reasons.
    function reveal(uint256 id, bytes calldata scores, bytes32 verdict, bytes32 salt) external;

    /// @notice Take the lower medians: of the first panel for up to 5000 entrants a call, of an appeal's panel for all that
    /// is contested.
    function settle(uint256 id) external;

    /// @notice Contest a ticket's score, whoever's it is, with a bond (`bondOf`), in the Session's asset. The bond comes
    /// back if the appeal is upheld or lapses, and goes to the judges of the appeal if it is denied.
    function appeal(uint256 id, uint256 ticket) external payable;

    /// @notice Have a fresh panel drawn for all scores that were contested in time.
    function convene(uint256 id) external;

    /// @notice Rank by the final scores, pay, slash.
    function finalize(uint256 id) external;

    /// @notice Credit the prizes of these tickets to their payees, where `finalize` left that to be done.
    function claim(uint256 id, uint256[] calldata tickets) external;
}
