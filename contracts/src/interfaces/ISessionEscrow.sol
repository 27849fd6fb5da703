// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeWork} from "./INodeWork.sol";
import {ISessionFacts} from "./ISessionFacts.sol";
import {ISessionJudging} from "./ISessionJudging.sol";

/// @title Entry fees of Sessions, judged by drawn nodes, contested by players, and paid by the contract
/// @notice One Session goes
///
///   OPEN -close-> SEEDING -fixSeed-> PLAYING -publish-> DRAWING -draw-> COMMITTING -> REVEALING -settle-> APPEALABLE
///   APPEALABLE -finalize-> SETTLED, or, if somebody contested a score,
///   CONTESTED -convene-> DRAWING ... -settle-> APPEALABLE with a panel of 2n+1 that nobody of was drawn before
///
/// and before the first `settle`, once a deadline was missed, -cancel-> CANCELLED, where every entrant gets its fee back.
/// Judges that stay away are replaced (-redraw-> DRAWING) up to twice a panel. An appeal that finds no panel lapses: bonds go
/// back, and the result stands. Deadlines are exclusive: at the second of the deadline it is too late. Anyone may take
/// every step but `publish` (the opener) and `commit` and `reveal` (the drawn judges), so nobody can keep money in here.
///
/// Scores are hundredths of a point, 0..10000, two bytes each, big-endian, by ticket; those of an appeal's panel by the
/// order in which the round's appeals were made. Digests are SHA-256.
interface ISessionEscrow is ISessionFacts, ISessionJudging, INodeWork {
    /// @notice Open a Session; the caller is its opener, who plays it and publishes the transcript. It answers for a result
    /// with a bond, for it alone knows the transcript first: without a result the bond is the treasury's, unless the Session
    /// ends before it is closed or for want of entrants. What the escrow owes the caller counts towards the bond; the rest
    /// comes with the call.
    function open(Terms calldata terms) external payable returns (uint256 id);

    /// @notice Pay the fee for `agent`; tickets count from 0. The caller is the agent's owner; neither it nor `payee`, who
    /// gets whatever comes of the entry, is drawn as judge.
    function enter(uint256 id, bytes32 agent, bytes32 snapshot, address payee) external payable returns (uint256 ticket);

    /// @notice `enter` with an ERC-2612 signature in place of an allowance; a permit that somebody else sent first does
    /// no harm.
    function enterWithPermit(
        uint256 id,
        bytes32 agent,
        bytes32 snapshot,
        address payee,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 ticket);

    /// @notice Take no more entries; cancels if there are too few.
    function close(uint256 id) external;

    /// @notice Fix the seed of the tasks, which nobody could know while entries were open. Takes a new randomness
    /// ticket instead if the old one expired.
    function fixSeed(uint256 id) external;

    /// @notice Bind the transcript that the judges will judge.
    function publish(uint256 id, bytes32 transcript) external;

    /// @notice End without a result: the opener before closing, anyone in the phase CANCELLABLE.
    function cancel(uint256 id) external;

    /// @notice Credit an entrant's fee back to its payee; once for each ticket, after a cancellation.
    function refund(uint256 id, uint256 ticket) external;

    /// @notice What a judge passes to `commit`.
    function commitmentOf(uint256 id, address judge, bytes calldata scores, bytes32 verdict, bytes32 salt)
        external
        view
        returns (bytes32);

    function phaseOf(uint256 id) external view returns (Phase);

    /// @notice When the present phase ends by itself, in seconds since 1970; 0 if it does not.
    function deadlineOf(uint256 id) external view returns (uint256);

    function sessionOf(uint256 id) external view returns (Session memory);
    function entrantOf(uint256 id, uint256 ticket) external view returns (Entrant memory);
    function judgeOf(uint256 id, address judge) external view returns (Judge memory);
    function appealsOf(uint256 id) external view returns (Appeal[] memory);

    /// @notice The panel of a round, without those who were replaced.
    function panelOf(uint256 id, uint256 round) external view returns (address[] memory);

    /// @notice What the opener answered with for a result, in the Session's asset.
    function openerBondOf(uint256 id) external view returns (uint256);

    /// @notice What an appeal costs now, in the Session's asset.
    function bondOf(uint256 id) external view returns (uint256);

    /// @notice The ticket's score by what is known now: the first panel's median, or what an upheld appeal put in its place.
    function scoreOf(uint256 id, uint256 ticket) external view returns (uint256);

    /// @notice Whether this is what entered with `ticket`: what the event Entered says, for other contracts.
    function isEntry(uint256 id, uint256 ticket, bytes32 agent, bytes32 snapshot, address owner)
        external
        view
        returns (bool);

    /// @notice Whether the judge was paid for a settled Session, or would have been in the free tier.
    function isPaid(uint256 id, address judge) external view returns (bool);

    /// @notice What the protocol keeps of the pot.
    function protocolFeeOf(uint256 id) external view returns (uint256);

    /// @notice The curve that an opener's Space version began with, as keccak256(abi.encode(payoutBps)); 0 before.
    function curveOf(address opener, bytes32 space) external view returns (bytes32);

    /// @notice Where governance says what new Sessions get.
    function parameters() external view returns (address);

    /// @notice Sessions ever opened; their ids are 1 to this.
    function sessionCount() external view returns (uint256);

    /// @notice Code that runs in the escrow's name for all of `ISessionJudging`, as there is too much for one contract; made
    /// by the escrow's constructor, and the same for ever.
    function judging() external view returns (address);
}
