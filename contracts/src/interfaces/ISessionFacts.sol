// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What is known of a Session: its rules, where it stands, what happens, and what is refused
/// @notice See `ISessionEscrow` for how a Session goes.
interface ISessionFacts {
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
        /// Judges can be drawn in a later block.
        DRAWING,
        COMMITTING,
        /// All drawn judges committed, or the time for it is over with a quorum of commitments.
        REVEALING,
        /// There is no quorum: anyone may have those replaced who stayed away.
        REDRAWABLE,
        /// With a quorum of reveals: all who committed have revealed, or the time for it is over.
        SETTLEABLE,
        /// The scores are known and can be contested; nothing is paid yet.
        APPEALABLE,
        /// The time to contest is over, and somebody did: anyone may convene the next panel.
        CONTESTED,
        /// The scores are final: anyone may have everybody paid.
        FINALIZABLE,
        /// A deadline was missed before there was any result: anyone may cancel.
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

    enum Outcome {
        PENDING,
        /// The fresh panel's score is further than the tolerance from the contested one, and replaces it.
        UPHELD,
        DENIED,
        /// There was no panel, or it did not decide in time.
        LAPSED
    }

    /// @notice The rules of one Session, fixed when it opens.
    struct Terms {
        /// Digest of the Space's version.
        bytes32 space;
        /// What fees are paid in; `address(0)` is ETH.
        address asset;
        /// Of each entrant; 0 for the free tier.
        uint96 fee;
        /// 1..maxEntrants
        uint16 minEntrants;
        /// 1..12000
        uint16 maxEntrants;
        /// Judges to draw, 1..15.
        uint8 judges;
        /// Reveals needed: more than half of `judges`, and three of every panel that has three.
        uint8 quorum;
        /// Mean distance from the medians, in hundredths, up to which a judge is paid; also how far the score of an appeal
        /// must be from the contested one to replace it; 0..10000.
        uint16 tolerance;
        /// Each period is 1 second to 30 days.
        uint32 entrySeconds;
        /// From closing to publishing.
        uint32 playSeconds;
        /// From each draw; also the time in which the draw must happen.
        uint32 commitSeconds;
        uint32 revealSeconds;
        /// Shares of the pool by place, descending, none 0, at most 16, sum 10000.
        uint16[] payoutBps;
    }

    struct Entrant {
        /// Who gets a prize or a refund.
        address payee;
        /// The first 88 bits of keccak256(abi.encode(agent, snapshot, owner)); see `isEntry`.
        uint88 digest;
        /// Whether a prize was claimed or the fee refunded.
        bool done;
    }

    struct Session {
        Terms terms;
        address opener;
        /// Kept of the pot, as governance had it when the Session opened.
        uint16 feeBps;
        /// How long a result can be contested, as governance had it when the Session opened.
        uint32 appealSeconds;
        uint16 entrants;
        /// The phase that the last transaction led to; `phaseOf` knows the clock too.
        Phase stage;
        /// 0 for the first panel, from 1 for those of appeals.
        uint8 round;
        /// How often the present panel was filled up.
        uint8 redraws;
        /// When the stage ends, in seconds since 1970; COMMITTING ends when the last commitment is in. When it was settled
        /// or cancelled, at the end.
        uint40 deadline;
        /// Randomness ticket that the seed, and later a draw, waits for, and the block in which it was taken.
        uint64 ticket;
        uint64 ticketBlock;
        uint8 commits;
        uint8 reveals;
        /// Entrants whose median is known.
        uint16 scored;
        /// What the opener answers with, of the most that entrants may pay, as governance had it when the Session opened.
        uint16 bondBps;
        bytes32 seed;
        bytes32 transcript;
    }

    struct Judge {
        bytes32 commitment;
        /// Contract whose code holds the revealed scores (`ScoreCode`); 0 before.
        address scores;
        /// Sum of the distances from the medians.
        uint32 distance;
        /// Which panel it was drawn for: 1 for the first, then those of appeals; 0 if it never was.
        uint8 panel;
        /// Not on the panel any more: replaced, or not paid for want of a reveal.
        bool dismissed;
        /// Beyond the tolerance, in the mean or at a corrected score; known when the Session is settled.
        bool deviates;
        /// Beyond the tolerance at a score that an appeal corrected.
        bool overruled;
    }

    struct Appeal {
        /// Who paid the bond.
        address appellant;
        uint16 ticket;
        /// Of the panel that decides, from 1.
        uint8 round;
        Outcome outcome;
        /// What the panel found; known unless the outcome is PENDING or LAPSED.
        uint16 score;
    }

    /// @notice The prize of all with one median.
    struct Prize {
        uint16 median;
        uint16 tied;
        /// Those of them with a lower ticket get one wei more than `share`.
        uint16 bonusBelow;
        uint128 share;
    }

    event Opened(
        uint256 indexed id,
        address indexed opener,
        Terms terms,
        uint256 entryEnd,
        uint256 feeBps,
        uint256 appealSeconds,
        uint256 bond
    );
    /// @notice The opener's bond went back to it or, for want of a result, to the treasury.
    event BondSettled(uint256 indexed id, address to, uint256 amount);
    event Entered(
        uint256 indexed id, uint256 indexed ticket, bytes32 indexed agent, bytes32 snapshot, address owner, address payee
    );
    event Closed(uint256 indexed id, uint256 entrants, uint256 seedTicket, uint256 playEnd);
    event SeedFixed(uint256 indexed id, bytes32 seed);
    event Published(uint256 indexed id, bytes32 transcript, uint256 drawTicket, uint256 drawEnd);
    /// @notice `judges` is the whole panel, those included who were not replaced.
    event JudgesDrawn(uint256 indexed id, uint256 round, address[] judges, uint256 commitEnd);
    /// @notice These judges stayed away and are replaced; they lost `slashes` (FRAC).
    event Redrawn(uint256 indexed id, address[] missing, uint256[] slashes, uint256 drawTicket, uint256 drawEnd);
    /// @notice `commitEnd` is now, if this was the last commitment that was missing.
    event Committed(uint256 indexed id, address indexed judge, bytes32 commitment, uint256 commitEnd);
    event Revealed(uint256 indexed id, address indexed judge, bytes scores, bytes32 verdict);
    /// @notice The first panel's medians of the tickets from `first` on. `appealEnd` is 0 if more follow. `slashes` (FRAC)
    /// go by place in the panel and are those of the judges that did not reveal.
    event Scored(uint256 indexed id, uint256 first, bytes medians, uint256[] slashes, uint256 appealEnd);
    event Appealed(uint256 indexed id, uint256 indexed ticket, address appellant, uint256 round, uint256 bond);
    event Convened(uint256 indexed id, uint256 round, uint256 drawTicket, uint256 drawEnd);
    /// @notice What an appeal's panel found, by the order of the round's appeals; an appeal is upheld if its score is in
    /// `isUpheld`. `slashes` as in `Scored`.
    event AppealsDecided(
        uint256 indexed id, uint256 round, bytes scores, bool[] isUpheld, uint256[] slashes, uint256 appealEnd
    );
    /// @notice The round's panel did not decide: the bonds went back.
    event AppealsLapsed(uint256 indexed id, uint256 round);
    /// @notice Everybody is paid: `prizes` from the best, `judges` of all panels with what each earned and lost (FRAC). If
    /// more than 128 win, nothing is credited to them before `claim`.
    event Settled(
        uint256 indexed id,
        Prize[] prizes,
        address[] judges,
        uint256[] judgeFees,
        uint256[] slashes,
        uint256 treasuryFee
    );
    event Claimed(uint256 indexed id, uint256 indexed ticket, address payee, uint256 amount);
    /// @notice `slashes` (FRAC) go by place in the panel; empty if there was none.
    event Cancelled(uint256 indexed id, CancelReason reason, uint256[] slashes);
    event Refunded(uint256 indexed id, uint256 indexed ticket, address payee, uint256 amount);

    /// @dev Governance has stopped new Sessions; those that are open go on.
    error Paused();
    error FeeAboveCap(uint256 feeBps, uint256 cap);
    /// @dev Neither a standard of governance for a new Space version, nor the one this version began with.
    error CurveNotAllowed(bytes32 curve);
    error PayoutsInvalid(uint16[] payoutBps);
    /// @dev The Session's present phase does not allow this.
    error WrongPhase(uint256 id, Phase phase);
    error NotOpener(uint256 id, address caller);
    error PermitNeedsToken();
    error TooFewJudges(uint256 id, uint256 available, uint256 quorum);
    error WrongScoresLength(uint256 expected, uint256 given);
    error ScoreOutOfRange(uint256 place, uint256 score);
    error NoSuchEntrant(uint256 id, uint256 ticket);
    error AlreadyRefunded(uint256 id, uint256 ticket);
    /// @dev No prize, or it was credited before.
    error NothingToClaim(uint256 id, uint256 ticket);
    /// @dev The ticket's score is contested in this round already.
    error AlreadyContested(uint256 id, uint256 ticket);
    error TooManyAppeals(uint256 id);
}
