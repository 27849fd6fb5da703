// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {NodeWork} from "./NodeWork.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {ISessionEscrow} from "./interfaces/ISessionEscrow.sol";
import {SessionTerms} from "./libraries/SessionTerms.sol";
import {Settlement} from "./libraries/Settlement.sol";

/// @title Entry fees of Sessions, judged by drawn nodes and paid by the contract
contract SessionEscrow is ISessionEscrow, NodeWork {
    /// @notice What is kept of the pot; half of it goes to the judges.
    uint256 public constant FEE_BPS = 1_000;
    /// @notice Stake lost by a judge beyond the tolerance.
    uint256 public constant DEVIATION_BPS = 50;

    IStakeVault.Role private constant _ROLE = IStakeVault.Role.JUDGE;

    /// @dev What `settle` decides; arrays by ticket, or by place in the panel.
    struct Outcome {
        uint256[] medians;
        uint256[] payouts;
        uint256[] judgeFees;
        uint256[] deviations;
        uint256[] slashes;
        bool[] agrees;
        uint256 treasuryFee;
    }

    /// @inheritdoc ISessionEscrow
    uint256 public sessionCount;
    /// @inheritdoc ISessionEscrow
    uint256 public totalPoints;
    /// @inheritdoc ISessionEscrow
    uint256 public totalJudgePoints;
    /// @inheritdoc ISessionEscrow
    mapping(bytes32 agent => uint256) public points;
    /// @inheritdoc ISessionEscrow
    mapping(address judge => uint256) public judgePoints;

    mapping(uint256 id => Session) private _sessions;
    mapping(uint256 id => mapping(uint256 ticket => Entrant)) private _entrants;
    mapping(uint256 id => mapping(bytes32 agent => bool)) private _isEntered;
    mapping(uint256 id => mapping(address judge => Judge)) private _judges;

    modifier inPhase(uint256 id, Phase wanted) {
        Phase phase = phaseOf(id);
        if (phase != wanted) revert WrongPhase(id, phase);
        _;
    }

    constructor(address vault_, address randomness_, address treasury_, address[] memory tokens)
        NodeWork(vault_, randomness_, treasury_, tokens)
    {}

    /// @inheritdoc ISessionEscrow
    function open(Terms calldata terms) external returns (uint256 id) {
        if (!isAllowed[terms.asset]) revert AssetNotAllowed(terms.asset);
        SessionTerms.check(terms);
        _checkPeriod("entrySeconds", terms.entrySeconds);
        _checkPeriod("playSeconds", terms.playSeconds);
        _checkPeriod("commitSeconds", terms.commitSeconds);
        _checkPeriod("revealSeconds", terms.revealSeconds);
        id = ++sessionCount;
        Session storage session = _sessions[id];
        session.terms = terms;
        session.opener = msg.sender;
        _go(session, Phase.OPEN, terms.entrySeconds);
        emit Opened(id, msg.sender, terms, session.deadline);
    }

    /// @inheritdoc ISessionEscrow
    function enter(uint256 id, bytes32 agent, bytes32 snapshot, address payee)
        external
        payable
        nonReentrant
        returns (uint256 ticket)
    {
        return _enter(id, agent, snapshot, payee);
    }

    /// @inheritdoc ISessionEscrow
    function enterWithPermit(
        uint256 id,
        bytes32 agent,
        bytes32 snapshot,
        address payee,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (uint256 ticket) {
        Terms storage terms = _sessions[id].terms;
        if (terms.asset == ETH) revert PermitNeedsToken();
        // somebody may have sent the same permit first: then the allowance is there, and the transfer decides
        try IERC20Permit(terms.asset).permit(msg.sender, address(this), terms.fee, deadline, v, r, s) {} catch {}
        return _enter(id, agent, snapshot, payee);
    }

    /// @inheritdoc ISessionEscrow
    function close(uint256 id) external inPhase(id, Phase.CLOSABLE) {
        Session storage session = _sessions[id];
        if (session.entrants < session.terms.minEntrants) {
            _cancel(id, CancelReason.TOO_FEW_ENTRANTS);
        } else {
            _go(session, Phase.SEEDING, session.terms.playSeconds);
            emit Closed(id, session.entrants, _takeTicket(session), session.deadline);
        }
    }

    /// @inheritdoc ISessionEscrow
    function fixSeed(uint256 id) external inPhase(id, Phase.SEEDING) {
        Session storage session = _sessions[id];
        bytes32 seed = _seed(id, session.ticket);
        if (seed == 0) {
            emit Rearmed(id, _takeTicket(session));
        } else {
            session.seed = seed;
            session.stage = Phase.PLAYING; // the deadline stays: it counts from closing
            emit SeedFixed(id, seed);
        }
    }

    /// @inheritdoc ISessionEscrow
    function publish(uint256 id, bytes32 transcript) external inPhase(id, Phase.PLAYING) {
        Session storage session = _sessions[id];
        if (msg.sender != session.opener) revert NotOpener(id, msg.sender);
        if (transcript == 0) revert EmptyDigest();
        session.transcript = transcript;
        _go(session, Phase.DRAWING, session.terms.commitSeconds);
        emit Published(id, transcript, _takeTicket(session), session.deadline);
    }

    /// @inheritdoc ISessionEscrow
    function draw(uint256 id) external inPhase(id, Phase.DRAWING) {
        Session storage session = _sessions[id];
        bytes32 seed = _seed(id, session.ticket);
        if (seed == 0) {
            emit Rearmed(id, _takeTicket(session));
            return;
        }
        address[] memory panel =
            _vault.draw(_ROLE, seed, session.terms.judges, session.ticketBlock, _interested(id, session));
        if (panel.length < session.terms.quorum) revert TooFewJudges(id, panel.length, session.terms.quorum);
        session.judges = panel;
        for (uint256 i; i < panel.length; ++i) _judges[id][panel[i]].drawn = true;
        _go(session, Phase.COMMITTING, session.terms.commitSeconds);
        emit JudgesDrawn(id, panel, session.deadline);
        for (uint256 i; i < panel.length; ++i) _vault.lock(_ROLE, panel[i]);
    }

    /// @inheritdoc ISessionEscrow
    function commit(uint256 id, bytes32 commitment) external inPhase(id, Phase.COMMITTING) {
        Session storage session = _sessions[id];
        Judge storage judge = _drawn(id);
        if (commitment == 0) revert EmptyDigest();
        if (judge.commitment == 0 && ++session.commits == session.judges.length) {
            session.deadline = uint40(block.timestamp); // nobody is missing: the time to reveal begins
        }
        judge.commitment = commitment;
        emit Committed(id, msg.sender, commitment, session.deadline);
    }

    /// @inheritdoc ISessionEscrow
    function reveal(uint256 id, bytes calldata scores, bytes32 verdict, bytes32 salt)
        external
        inPhase(id, Phase.REVEALING)
    {
        Session storage session = _sessions[id];
        Judge storage judge = _drawn(id);
        if (judge.scoresHash != 0) revert AlreadyRevealed(id, msg.sender);
        if (judge.commitment != commitmentOf(id, msg.sender, scores, verdict, salt)) {
            revert CommitmentMismatch(id, msg.sender);
        }
        _checkScores(scores, session.entrants);
        judge.scoresHash = keccak256(scores);
        ++session.reveals;
        emit Revealed(id, msg.sender, scores, verdict);
    }

    /// @inheritdoc ISessionEscrow
    function settle(uint256 id, address[] calldata judges, bytes[] calldata scores)
        external
        nonReentrant
        inPhase(id, Phase.SETTLEABLE)
    {
        Session storage session = _sessions[id];
        address[] memory panel = session.judges;
        _checkReveals(id, panel, judges, scores);
        Outcome memory outcome = _outcome(id, session, panel, scores);
        session.stage = Phase.SETTLED;
        _pay(id, session.terms.asset, panel, outcome);
        emit Settled(
            id,
            Settlement.pack(outcome.medians),
            outcome.payouts,
            outcome.judgeFees,
            outcome.deviations,
            outcome.slashes,
            outcome.treasuryFee
        );
        _dismissPanel(id, panel, outcome.slashes);
    }

    /// @inheritdoc ISessionEscrow
    function cancel(uint256 id) external nonReentrant {
        Session storage session = _sessions[id];
        Phase phase = phaseOf(id);
        if (phase == Phase.OPEN || phase == Phase.CLOSABLE) {
            if (msg.sender != session.opener) revert NotOpener(id, msg.sender);
            _cancel(id, CancelReason.BY_OPENER);
        } else if (phase != Phase.CANCELLABLE) {
            revert WrongPhase(id, phase);
        } else if (session.stage == Phase.COMMITTING) {
            _cancel(id, CancelReason.NO_QUORUM);
        } else {
            _cancel(id, session.stage == Phase.DRAWING ? CancelReason.NOT_DRAWN : CancelReason.NOT_PUBLISHED);
        }
    }

    /// @inheritdoc ISessionEscrow
    function refund(uint256 id, uint256 ticket) external inPhase(id, Phase.CANCELLED) {
        Session storage session = _sessions[id];
        if (ticket >= session.entrants) revert NoSuchEntrant(id, ticket);
        Entrant storage entrant = _entrants[id][ticket];
        if (entrant.refunded) revert AlreadyRefunded(id, ticket);
        entrant.refunded = true;
        _credit(entrant.owner, session.terms.asset, session.terms.fee);
        emit Refunded(id, ticket, entrant.owner, session.terms.fee);
    }

    /// @inheritdoc ISessionEscrow
    function commitmentOf(uint256 id, address judge, bytes calldata scores, bytes32 verdict, bytes32 salt)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(block.chainid, address(this), id, judge, keccak256(scores), verdict, salt));
    }

    /// @inheritdoc ISessionEscrow
    function phaseOf(uint256 id) public view returns (Phase) {
        Session storage session = _sessions[id];
        Phase stage = session.stage;
        bool late = block.timestamp >= session.deadline;
        if (stage == Phase.OPEN) {
            return late || session.entrants == session.terms.maxEntrants ? Phase.CLOSABLE : Phase.OPEN;
        }
        if (stage == Phase.SEEDING || stage == Phase.PLAYING || stage == Phase.DRAWING) {
            return late ? Phase.CANCELLABLE : stage;
        }
        if (stage != Phase.COMMITTING || !late) return stage;
        if (session.reveals < session.commits && block.timestamp < _revealEnd(session)) return Phase.REVEALING;
        return session.reveals >= session.terms.quorum ? Phase.SETTLEABLE : Phase.CANCELLABLE;
    }

    /// @inheritdoc ISessionEscrow
    function deadlineOf(uint256 id) external view returns (uint256) {
        Phase phase = phaseOf(id);
        if (phase == Phase.REVEALING) return _revealEnd(_sessions[id]);
        return phase == _sessions[id].stage && phase < Phase.SETTLEABLE ? _sessions[id].deadline : 0;
    }

    /// @inheritdoc ISessionEscrow
    function sessionOf(uint256 id) external view returns (Session memory) {
        return _sessions[id];
    }

    /// @inheritdoc ISessionEscrow
    function entrantOf(uint256 id, uint256 ticket) external view returns (Entrant memory) {
        if (ticket >= _sessions[id].entrants) revert NoSuchEntrant(id, ticket);
        return _entrants[id][ticket];
    }

    /// @inheritdoc ISessionEscrow
    function judgeOf(uint256 id, address judge) external view returns (Judge memory) {
        return _judges[id][judge];
    }

    /// @dev Enter a stage that lasts `period` seconds from now.
    function _go(Session storage session, Phase stage, uint256 period) private {
        session.stage = stage;
        session.deadline = uint40(block.timestamp + period);
    }

    function _takeTicket(Session storage session) private returns (uint256 ticket) {
        ticket = _randomness.ticket();
        (session.ticket, session.ticketBlock) = (uint64(ticket), uint64(block.number));
    }

    function _enter(uint256 id, bytes32 agent, bytes32 snapshot, address payee)
        private
        inPhase(id, Phase.OPEN)
        returns (uint256 ticket)
    {
        Session storage session = _sessions[id];
        if (agent == 0 || snapshot == 0) revert EmptyDigest();
        if (payee == address(0)) revert ZeroAddress();
        if (_isEntered[id][agent]) revert AlreadyEntered(id, agent);
        ticket = session.entrants++;
        _isEntered[id][agent] = true;
        _entrants[id][ticket] = Entrant(agent, snapshot, msg.sender, false, payee);
        emit Entered(id, ticket, agent, snapshot, msg.sender, payee);
        _take(session.terms.asset, session.terms.fee);
    }

    /// @dev Who may not judge: the opener, the owners and the payees.
    function _interested(uint256 id, Session storage session) private view returns (address[] memory interested) {
        uint256 entrants = session.entrants;
        interested = new address[](2 * entrants + 1);
        interested[2 * entrants] = session.opener;
        for (uint256 i; i < entrants; ++i) {
            interested[2 * i] = _entrants[id][i].owner;
            interested[2 * i + 1] = _entrants[id][i].payee;
        }
    }

    /// @dev The caller, who is on the panel.
    function _drawn(uint256 id) private view returns (Judge storage judge) {
        judge = _judges[id][msg.sender];
        if (!judge.drawn) revert NotDrawn(id, msg.sender);
    }

    function _revealEnd(Session storage session) private view returns (uint256) {
        return uint256(session.deadline) + session.terms.revealSeconds;
    }

    function _checkScores(bytes memory scores, uint256 entrants) private pure {
        if (scores.length != 2 * entrants) revert WrongScoresLength(2 * entrants, scores.length);
        for (uint256 i; i < entrants; ++i) {
            uint256 score = Settlement.scoreAt(scores, i);
            if (score > SessionTerms.MAX_SCORE) revert ScoreOutOfRange(i, score);
        }
    }

    /// @dev `judges` must be those of the panel that revealed, in its order, and `scores` what they revealed.
    function _checkReveals(uint256 id, address[] memory panel, address[] calldata judges, bytes[] calldata scores)
        private
        view
    {
        uint256 given;
        for (uint256 i; i < panel.length; ++i) {
            bytes32 expected = _judges[id][panel[i]].scoresHash;
            if (expected == 0) continue;
            if (given >= judges.length || given >= scores.length || judges[given] != panel[i]) {
                revert PanelMismatch(id, given);
            }
            if (keccak256(scores[given]) != expected) revert ScoresMismatch(id, panel[i]);
            ++given;
        }
        if (given != judges.length || given != scores.length) revert PanelMismatch(id, given);
    }

    /// @dev Rank, and say who gets and loses what.
    function _outcome(uint256 id, Session storage session, address[] memory panel, bytes[] memory scores)
        private
        view
        returns (Outcome memory outcome)
    {
        uint256 entrants = session.entrants;
        uint256 pot = entrants * session.terms.fee;
        uint256 fee = pot * FEE_BPS / BPS;
        uint256[] memory distances;
        (outcome.medians, distances) = Settlement.medians(scores, entrants);
        outcome.payouts = Settlement.payouts(outcome.medians, pot - fee, session.terms.payoutBps);
        outcome.deviations = new uint256[](panel.length);
        outcome.judgeFees = new uint256[](panel.length);
        outcome.slashes = new uint256[](panel.length);
        outcome.agrees = new bool[](panel.length);
        _weigh(id, session, panel, distances, outcome);
        outcome.treasuryFee = fee - _shareAmong(outcome.agrees, outcome.judgeFees, fee / 2);
    }

    /// @dev Deviation and slash of each judge, and whether it is within the tolerance.
    function _weigh(
        uint256 id,
        Session storage session,
        address[] memory panel,
        uint256[] memory distances,
        Outcome memory outcome
    ) private view {
        uint256 given;
        for (uint256 i; i < panel.length; ++i) {
            if (_judges[id][panel[i]].scoresHash == 0) {
                outcome.slashes[i] = _stakePart(_ROLE, panel[i], NO_SHOW_BPS);
                continue;
            }
            outcome.deviations[i] = distances[given++] / session.entrants;
            outcome.agrees[i] = outcome.deviations[i] <= session.terms.tolerance;
            if (!outcome.agrees[i]) outcome.slashes[i] = _stakePart(_ROLE, panel[i], DEVIATION_BPS);
        }
    }

    /// @dev Write who is owed what, and the points.
    function _pay(uint256 id, address asset, address[] memory panel, Outcome memory outcome) private {
        uint256 entrants = outcome.payouts.length;
        for (uint256 i; i < entrants; ++i) {
            Entrant storage entrant = _entrants[id][i];
            ++points[entrant.agent];
            if (outcome.payouts[i] != 0) _credit(entrant.payee, asset, outcome.payouts[i]);
        }
        totalPoints += entrants;
        for (uint256 i; i < panel.length; ++i) {
            if (!outcome.agrees[i]) continue;
            ++judgePoints[panel[i]];
            ++totalJudgePoints;
            _credit(panel[i], asset, outcome.judgeFees[i]);
        }
        _credit(treasury, asset, outcome.treasuryFee);
    }

    /// @dev Slash judges that were drawn and did not reveal, let the panel go, and open the way for refunds.
    function _cancel(uint256 id, CancelReason reason) private {
        Session storage session = _sessions[id];
        address[] memory panel = session.judges;
        uint256[] memory slashes = new uint256[](panel.length);
        for (uint256 i; i < panel.length; ++i) {
            if (_judges[id][panel[i]].scoresHash == 0) slashes[i] = _stakePart(_ROLE, panel[i], NO_SHOW_BPS);
        }
        session.stage = Phase.CANCELLED;
        emit Cancelled(id, reason, slashes);
        _dismissPanel(id, panel, slashes);
    }

    function _dismissPanel(uint256 id, address[] memory panel, uint256[] memory slashes) private {
        for (uint256 i; i < panel.length; ++i) {
            bytes32 reason = _judges[id][panel[i]].scoresHash == 0 ? bytes32("no-show") : bytes32("deviation");
            _dismiss(_ROLE, panel[i], slashes[i], reason);
        }
    }
}
