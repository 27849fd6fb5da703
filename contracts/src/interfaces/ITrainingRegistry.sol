// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeWork} from "./INodeWork.sol";

/// @title Training tasks: one node trains, others recompute, a quorum of equal results decides
/// @notice One task goes
///
///   DRAWING -draw-> COMMITTING -> REVEALING -> DISPUTABLE -settle-> ACCEPTED or FAILED
///
/// or, if nobody can be drawn in time, DRAWING -cancel-> CANCELLED. Deadlines are exclusive. Anyone may draw, settle
/// and cancel. A result is the claim (the root over the partial updates) and the digest of the adapter.
///
/// While a task is DISPUTABLE, anyone may call a node's result wrong in the dispute game, which decides by arithmetic
/// and not by counting: who loses there loses stake at once, and its result does not count. If some were refuted and
/// all that is left is one result, it is accepted even where there is no quorum: one honest node is enough.
interface ITrainingRegistry is INodeWork {
    enum Phase {
        NONE,
        DRAWING,
        COMMITTING,
        /// All drawn nodes committed, or the time for it is over.
        REVEALING,
        /// All who committed have revealed, or the time for it is over: results may be disputed.
        DISPUTABLE,
        /// The time for disputes is over, and none is open.
        SETTLEABLE,
        /// Nobody was drawn in time: anyone may cancel.
        CANCELLABLE,
        ACCEPTED,
        FAILED,
        CANCELLED
    }

    /// @notice How a dispute ended.
    enum Ruling {
        DEFENDED,
        /// The node did not answer in time.
        SILENT,
        /// The result is wrong, whoever else has it.
        WRONG
    }

    struct Task {
        /// Digest of what is to be computed: base model, data, recipe, seed.
        bytes32 manifest;
        address asset;
        uint96 fee;
        address opener;
        uint8 verifiers;
        /// Equal results needed, more than half of the trainer and all verifiers.
        uint8 quorum;
        uint8 commits;
        uint8 reveals;
        uint32 commitSeconds;
        uint32 revealSeconds;
        uint32 disputeSeconds;
        /// Disputes that are not decided yet, and results refuted so far.
        uint16 disputes;
        uint16 refutations;
        /// The phase that the last transaction led to; `phaseOf` knows the clock too.
        Phase stage;
        /// When the stage ends, in seconds since 1970; COMMITTING ends when the last commitment is in.
        uint40 deadline;
        /// When the last commitment was revealed; 0 until then.
        uint40 revealedAt;
        /// Randomness ticket that the draw waits for, and the block in which it was taken.
        uint64 ticket;
        uint64 ticketBlock;
        /// The trainer first, then the verifiers; empty before the draw.
        address[] nodes;
        /// The accepted result; 0 without one.
        bytes32 root;
        bytes32 adapter;
    }

    struct Answer {
        bool drawn;
        bytes32 commitment;
        /// 0 before the reveal.
        bytes32 root;
        bytes32 adapter;
        /// It lost a dispute.
        bool refuted;
    }

    event Wired(address game);
    event Opened(
        uint256 indexed id,
        address indexed opener,
        bytes32 indexed manifest,
        address asset,
        uint96 fee,
        uint8 verifiers,
        uint8 quorum,
        uint32 commitSeconds,
        uint32 revealSeconds,
        uint32 disputeSeconds,
        uint256 drawTicket,
        uint256 drawEnd
    );
    event NodesDrawn(uint256 indexed id, address trainer, address[] verifiers, uint256 commitEnd);
    /// @notice `commitEnd` is now, if this was the last commitment that was missing.
    event Committed(uint256 indexed id, address indexed node, bytes32 commitment, uint256 commitEnd);
    event Revealed(uint256 indexed id, address indexed node, bytes32 root, bytes32 adapter);
    /// @notice `fees` and `slashes` (FRAC) go by node, the trainer first.
    event Accepted(
        uint256 indexed id, bytes32 root, bytes32 adapter, uint256[] fees, uint256[] slashes, uint256 treasuryFee
    );
    event DisputeBegun(uint256 indexed id, address indexed node);
    /// @notice `amount` is the FRAC that the node lost.
    event DisputeEnded(uint256 indexed id, address indexed node, Ruling ruling, uint256 amount);
    /// @notice `node` revealed another result than the accepted one and lost `amount` FRAC.
    event Mismatched(uint256 indexed id, address indexed node, bytes32 root, bytes32 adapter, uint256 amount);
    /// @notice No quorum of equal results: the fee went back. `slashes` (FRAC) of no-shows go by node.
    event Failed(uint256 indexed id, uint256 refund, uint256[] slashes);
    event Cancelled(uint256 indexed id, uint256 refund);

    /// @dev The task's present phase does not allow this.
    error WrongPhase(uint256 id, Phase phase);
    /// @dev `available` counts the trainer and the verifiers that could be drawn; 0 if there is no trainer.
    error TooFewNodes(uint256 id, uint256 available, uint256 quorum);
    error NotDeployer(address caller);
    error AlreadyWired();
    error NotGame(address caller);

    /// @notice Fix the dispute game; once, by the deployer, who has no other right.
    function wire(address game) external;

    /// @notice Ask for the work that `manifest` describes; the fee is paid here.
    /// @param verifiers 1..14
    /// @param quorum more than half of `verifiers + 1`, at most all of them
    /// @param commitSeconds 1 second to 30 days, from the draw; also the time in which the draw must happen
    /// @param revealSeconds 1 second to 30 days
    /// @param disputeSeconds 0 to 30 days; 0 where the task's arithmetic has no referee
    function open(
        bytes32 manifest,
        address asset,
        uint96 fee,
        uint8 verifiers,
        uint8 quorum,
        uint32 commitSeconds,
        uint32 revealSeconds,
        uint32 disputeSeconds
    ) external payable returns (uint256 id);

    /// @notice Draw one trainer and the verifiers by stake, never the opener, nobody twice. There are fewer verifiers
    /// than asked for if only that many, but a quorum, can be drawn. Takes a new randomness ticket instead if the old
    /// one expired.
    function draw(uint256 id) external;

    /// @notice Fix the caller's result without showing it; may be repeated until all drawn nodes have committed.
    function commit(uint256 id, bytes32 commitment) external;

    /// @notice Show what was committed.
    function reveal(uint256 id, bytes32 root, bytes32 adapter, bytes32 salt) external;

    /// @notice A dispute over what `node` revealed has begun; the game only.
    function beginDispute(uint256 id, address node) external;

    /// @notice A dispute is decided; a node that lost it is slashed. The game only.
    function endDispute(uint256 id, address node, Ruling ruling) external;

    /// @notice Count, pay, slash.
    function settle(uint256 id) external;

    /// @notice End a task for which nobody was drawn in time.
    function cancel(uint256 id) external;

    /// @notice What a node passes to `commit`.
    function commitmentOf(uint256 id, address node, bytes32 root, bytes32 adapter, bytes32 salt)
        external
        view
        returns (bytes32);

    function phaseOf(uint256 id) external view returns (Phase);

    /// @notice When the present phase ends by itself, in seconds since 1970; 0 if it does not.
    function deadlineOf(uint256 id) external view returns (uint256);

    function taskOf(uint256 id) external view returns (Task memory);
    function answerOf(uint256 id, address node) external view returns (Answer memory);

    /// @notice The contract that decides disputes.
    function game() external view returns (address);

    /// @notice Tasks ever opened; their ids are 1 to this.
    function taskCount() external view returns (uint256);
}
