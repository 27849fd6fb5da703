// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeWork} from "./INodeWork.sol";

/// @title Entry fees of Sessions, judged by drawn nodes and paid by the contract
/// @notice One Session goes
///
///   OPEN -close-> SEEDING -fixSeed-> PLAYING -publish-> DRAWING -draw-> COMMITTING -> REVEALING -settle-> SETTLED
///
/// and from any of them, once a deadline was missed, -cancel-> CANCELLED, where every entrant gets its fee back.
/// Deadlines are exclusive: at the second of the deadline it is too late. Anyone may take every step but `publish`
/// (the opener) and `commit` and `reveal` (the drawn judges), so nobody can keep money in here.
///
/// Scores are hundredths of a point, 0..10000, two bytes each, big-endian, by ticket. Digests are SHA-256.
interface ISessionEscrow is INodeWork {
    /// @notice Where a Session stands now, the clock included.
    enum Phase {
        NONE,
        /// Entries are taken.
        OPEN,
        /// Full, or the entry time is over: anyone may close.
        CLOSABLE,
        /// Closed: the seed can be fixed in a later block.
        SEEDING,
        /// The opener may publish the transcript.
        PLAYING,
        /// Published: judges can be drawn in a later block.
        DRAWING,
        COMMITTING,
        /// All drawn judges committed, or the time for it is over.
        REVEALING,
        /// With a quorum of reveals: all who committed have revealed, or the time for it is over.
        SETTLEABLE,
        /// A deadline was missed: anyone may cancel.
        CANCELLABLE,
        SETTLED,
        CANCELLED
    }

    enum CancelReason {
        BY_OPENER,
        TOO_FEW_ENTRANTS,
        NOT_PUBLISHED,
        NOT_DRAWN,
        NO_QUORUM
    }

    /// @notice The rules of one Session, fixed when it opens.
    struct Terms {
        /// Digest of the Space's version.
        bytes32 space;
        /// address(0) for ETH, or an allowed token.
        address asset;
        /// Of each entrant; 0 for the free tier.
        uint96 fee;
        /// 1..maxEntrants
        uint16 minEntrants;
        /// 1..128
        uint16 maxEntrants;
        /// Judges to draw, 1..15.
        uint8 judges;
        /// Reveals needed, more than half of `judges`.
        uint8 quorum;
        /// Mean distance from the medians, in hundredths, up to which a judge is paid; 0..10000.
        uint16 tolerance;
        /// Each period is 1 second to 30 days.
        uint32 entrySeconds;
        /// From closing to publishing.
        uint32 playSeconds;
        /// From the draw; also the time in which the draw must happen.
        uint32 commitSeconds;
        uint32 revealSeconds;
        /// Shares of the pool by place, descending, none 0, at most 16, sum 10000.
        uint16[] payoutBps;
    }

    struct Entrant {
        bytes32 agent;
        /// Digest of prompt version, model and adapter, frozen for this Session.
        bytes32 snapshot;
        /// Who paid, and gets a refund.
        address owner;
        bool refunded;
        /// Who gets a prize.
        address payee;
    }

    struct Session {
        Terms terms;
        address opener;
        uint16 entrants;
        uint8 commits;
        uint8 reveals;
        /// The phase that the last transaction led to; `phaseOf` knows the clock too.
        Phase stage;
        /// When the stage ends, in seconds since 1970; COMMITTING ends when the last commitment is in.
        uint40 deadline;
        /// Randomness ticket that the seed, and later the draw, waits for, and the block in which it was taken.
        uint64 ticket;
        uint64 ticketBlock;
        bytes32 seed;
        bytes32 transcript;
        address[] judges;
    }

    struct Judge {
        bool drawn;
        bytes32 commitment;
        /// keccak256 of the revealed scores; 0 before.
        bytes32 scoresHash;
    }

    event Opened(uint256 indexed id, address indexed opener, Terms terms, uint256 entryEnd);
    event Entered(
        uint256 indexed id, uint256 indexed ticket, bytes32 indexed agent, bytes32 snapshot, address owner, address payee
    );
    event Closed(uint256 indexed id, uint256 entrants, uint256 seedTicket, uint256 playEnd);
    event SeedFixed(uint256 indexed id, bytes32 seed);
    event Published(uint256 indexed id, bytes32 transcript, uint256 drawTicket, uint256 drawEnd);
    event JudgesDrawn(uint256 indexed id, address[] judges, uint256 commitEnd);
    /// @notice `commitEnd` is now, if this was the last commitment that was missing.
    event Committed(uint256 indexed id, address indexed judge, bytes32 commitment, uint256 commitEnd);
    event Revealed(uint256 indexed id, address indexed judge, bytes scores, bytes32 verdict);
    /// @notice The result. `medians` is packed like scores; `payouts` go by ticket; `judgeFees`, `deviations` (mean
    /// distance from the medians, rounded down; 0 without a reveal) and `slashes` (FRAC) go by place in the panel. A
    /// judge without a reveal is slashed as "no-show", one with a reveal as "deviation".
    event Settled(
        uint256 indexed id,
        bytes medians,
        uint256[] payouts,
        uint256[] judgeFees,
        uint256[] deviations,
        uint256[] slashes,
        uint256 treasuryFee
    );
    /// @notice `slashes` (FRAC) go by place in the panel; empty if there was none.
    event Cancelled(uint256 indexed id, CancelReason reason, uint256[] slashes);
    event Refunded(uint256 indexed id, uint256 indexed ticket, address owner, uint256 amount);

    error PayoutsInvalid(uint16[] payoutBps);
    /// @dev The Session's present phase does not allow this.
    error WrongPhase(uint256 id, Phase phase);
    error NotOpener(uint256 id, address caller);
    error AlreadyEntered(uint256 id, bytes32 agent);
    error PermitNeedsToken();
    error TooFewJudges(uint256 id, uint256 available, uint256 quorum);
    error WrongScoresLength(uint256 expected, uint256 given);
    error ScoreOutOfRange(uint256 ticket, uint256 score);
    /// @dev `settle` takes exactly the judges that revealed, in the order in which they were drawn.
    error PanelMismatch(uint256 id, uint256 place);
    /// @dev These are not the scores that the judge revealed.
    error ScoresMismatch(uint256 id, address judge);
    error NoSuchEntrant(uint256 id, uint256 ticket);
    error AlreadyRefunded(uint256 id, uint256 ticket);

    /// @notice Open a Session; the caller is its opener, who plays it and publishes the transcript.
    function open(Terms calldata terms) external returns (uint256 id);

    /// @notice Pay the fee for `agent`; each agent enters once. Tickets count from 0.
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

    /// @notice Draw the panel by stake, never the opener, an owner or a payee. The panel is smaller than asked for if
    /// only that many, but a quorum, can be drawn. Takes a new randomness ticket instead if the old one expired.
    function draw(uint256 id) external;

    /// @notice Fix the caller's scores without showing them; may be repeated until all drawn judges have committed.
    function commit(uint256 id, bytes32 commitment) external;

    /// @notice Show what was committed. `verdict` is the digest of the blob with criteria and reasons.
    function reveal(uint256 id, bytes calldata scores, bytes32 verdict, bytes32 salt) external;

    /// @notice Rank by lower median, pay, slash. `judges` are those that revealed, in the order drawn; `scores` theirs.
    function settle(uint256 id, address[] calldata judges, bytes[] calldata scores) external;

    /// @notice End without a result: the opener before closing, anyone in the phase CANCELLABLE.
    function cancel(uint256 id) external;

    /// @notice Credit the fee of a cancelled Session back to the entrant's owner.
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

    /// @notice Sessions ever opened; their ids are 1 to this.
    function sessionCount() external view returns (uint256);

    /// @notice Settled Sessions that the agent took part in.
    function points(bytes32 agent) external view returns (uint256);
    function totalPoints() external view returns (uint256);

    /// @notice Settled Sessions that the judge was paid for, or would have been in the free tier.
    function judgePoints(address judge) external view returns (uint256);
    function totalJudgePoints() external view returns (uint256);
}
