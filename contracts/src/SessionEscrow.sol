// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {NodeWork} from "./NodeWork.sol";
import {PullPayment} from "./PullPayment.sol";
import {SessionBook} from "./SessionBook.sol";
import {SessionJudging} from "./SessionJudging.sol";
import {IPullPayment} from "./interfaces/IPullPayment.sol";
import {ISessionEscrow} from "./interfaces/ISessionEscrow.sol";
import {ISessionJudging} from "./interfaces/ISessionJudging.sol";
import {SessionTerms} from "./libraries/SessionTerms.sol";

/// @title Entry fees of Sessions: opened, entered, played, or given back
/// @notice Everything from the draw of judges on is in `SessionJudging`, whose code runs here.
contract SessionEscrow is ISessionEscrow, SessionBook {
    /// @notice Whatever governance says, no more than this is kept of a pot.
    uint256 public constant MAX_FEE_BPS = 2_000;

    /// @inheritdoc ISessionEscrow
    address public immutable judging;

    constructor(address vault_, address randomness_, address treasury_, address parameters_)
        NodeWork(vault_, randomness_, treasury_, new address[](0))
        SessionBook(parameters_)
    {
        judging = address(new SessionJudging(vault_, randomness_, treasury_, parameters_));
    }

    /// @inheritdoc IPullPayment
    function isAllowed(address asset) public view override(IPullPayment, PullPayment) returns (bool) {
        return _parameters.isAssetAllowed(asset);
    }

    /// @inheritdoc ISessionEscrow
    function open(Terms calldata terms) external payable nonReentrant returns (uint256 id) {
        if (_parameters.isPaused()) revert Paused();
        if (!isAllowed(terms.asset)) revert AssetNotAllowed(terms.asset);
        SessionTerms.check(terms);
        _checkPeriod("entrySeconds", terms.entrySeconds);
        _checkPeriod("playSeconds", terms.playSeconds);
        _checkPeriod("commitSeconds", terms.commitSeconds);
        _checkPeriod("revealSeconds", terms.revealSeconds);
        _pinCurve(terms);
        id = ++_sessionCount;
        Session storage session = _sessions[id];
        session.terms = terms;
        session.opener = msg.sender;
        _isParty[id][msg.sender] = true;
        _fixParameters(session);
        _go(session, Phase.OPEN, terms.entrySeconds);
        uint256 bond = _openerBond(session);
        emit Opened(id, msg.sender, terms, session.deadline, session.feeBps, session.appealSeconds, bond);
        _takeOwed(terms.asset, bond);
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
    function cancel(uint256 id) external nonReentrant {
        Session storage session = _sessions[id];
        Phase phase = _phaseOf(id);
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
        _checkTicket(id, ticket);
        Entrant storage entrant = _entrants[id][ticket];
        if (entrant.done) revert AlreadyRefunded(id, ticket);
        entrant.done = true;
        _credit(entrant.payee, session.terms.asset, session.terms.fee);
        emit Refunded(id, ticket, entrant.payee, session.terms.fee);
    }

    /// @inheritdoc ISessionJudging
    function draw(uint256) external {
        _judge();
    }

    /// @inheritdoc ISessionJudging
    function redraw(uint256) external {
        _judge();
    }

    /// @inheritdoc ISessionJudging
    function commit(uint256, bytes32) external {
        _judge();
    }

    /// @inheritdoc ISessionJudging
    function reveal(uint256, bytes calldata, bytes32, bytes32) external {
        _judge();
    }

    /// @inheritdoc ISessionJudging
    function settle(uint256) external {
        _judge();
    }

    /// @inheritdoc ISessionJudging
    function appeal(uint256, uint256) external payable {
        _judge();
    }

    /// @inheritdoc ISessionJudging
    function convene(uint256) external {
        _judge();
    }

    /// @inheritdoc ISessionJudging
    function finalize(uint256) external {
        _judge();
    }

    /// @inheritdoc ISessionJudging
    function claim(uint256, uint256[] calldata) external {
        _judge();
    }

    /// @inheritdoc ISessionEscrow
    function deadlineOf(uint256 id) external view returns (uint256) {
        Session storage session = _sessions[id];
        Phase phase = _phaseOf(id);
        if (phase == Phase.REVEALING) return _revealEnd(session);
        bool ends = phase == session.stage && phase != Phase.SETTLED && phase != Phase.CANCELLED;
        return ends ? session.deadline : 0;
    }

    /// @inheritdoc ISessionEscrow
    function sessionOf(uint256 id) external view returns (Session memory) {
        return _sessions[id];
    }

    /// @inheritdoc ISessionEscrow
    function entrantOf(uint256 id, uint256 ticket) external view returns (Entrant memory) {
        _checkTicket(id, ticket);
        return _entrants[id][ticket];
    }

    /// @inheritdoc ISessionEscrow
    function judgeOf(uint256 id, address judge) external view returns (Judge memory) {
        return _judges[id][judge];
    }

    /// @inheritdoc ISessionEscrow
    function appealsOf(uint256 id) external view returns (Appeal[] memory) {
        return _appeals[id];
    }

    /// @inheritdoc ISessionEscrow
    function panelOf(uint256 id, uint256 round) external view returns (address[] memory) {
        return _panels[id][round];
    }

    /// @inheritdoc ISessionEscrow
    function openerBondOf(uint256 id) external view returns (uint256) {
        return _openerBond(_sessions[id]);
    }

    /// @inheritdoc ISessionEscrow
    function bondOf(uint256 id) external view returns (uint256) {
        return _bond(_sessions[id], _sessions[id].round + 1);
    }

    /// @inheritdoc ISessionEscrow
    function isEntry(uint256 id, uint256 ticket, bytes32 agent, bytes32 snapshot, address owner)
        external
        view
        returns (bool)
    {
        return ticket < _sessions[id].entrants && _entrants[id][ticket].digest == _entryDigest(agent, snapshot, owner);
    }

    /// @inheritdoc ISessionEscrow
    function isPaid(uint256 id, address judge) external view returns (bool) {
        Judge storage found = _judges[id][judge];
        return _sessions[id].stage == Phase.SETTLED && found.scores != address(0) && !found.dismissed && !found.deviates;
    }

    /// @inheritdoc ISessionEscrow
    function parameters() external view returns (address) {
        return address(_parameters);
    }

    /// @inheritdoc ISessionEscrow
    function phaseOf(uint256 id) external view returns (Phase) {
        return _phaseOf(id);
    }

    /// @inheritdoc ISessionEscrow
    function scoreOf(uint256 id, uint256 ticket) external view returns (uint256) {
        return _scoreOf(id, ticket);
    }

    /// @inheritdoc ISessionEscrow
    function protocolFeeOf(uint256 id) external view returns (uint256) {
        return _protocolFeeOf(id);
    }

    /// @inheritdoc ISessionEscrow
    function commitmentOf(uint256 id, address judge, bytes calldata scores, bytes32 verdict, bytes32 salt)
        external
        view
        returns (bytes32)
    {
        return _commitmentOf(id, judge, scores, verdict, salt);
    }

    /// @inheritdoc ISessionEscrow
    function curveOf(address opener, bytes32 space) external view returns (bytes32) {
        return _curves[opener][space];
    }

    /// @inheritdoc ISessionEscrow
    function sessionCount() external view returns (uint256) {
        return _sessionCount;
    }

    /// @dev Let the judging code do what was asked, on this contract's storage and money.
    function _judge() private {
        (bool done, bytes memory answer) = judging.delegatecall(msg.data);
        if (done) return;
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }

    /// @dev A Space version that is new here must pay by a standard; afterwards it pays as it did first.
    function _pinCurve(Terms calldata terms) private {
        bytes32 curve = keccak256(abi.encode(terms.payoutBps));
        bytes32 pinned = _curves[msg.sender][terms.space];
        if (pinned == 0 ? !_parameters.isCurveAllowed(curve) : pinned != curve) revert CurveNotAllowed(curve);
        if (pinned == 0) _curves[msg.sender][terms.space] = curve;
    }

    /// @dev What governance says now holds for this Session to its end.
    function _fixParameters(Session storage session) private {
        uint256 feeBps = _parameters.protocolFeeBps();
        if (feeBps > MAX_FEE_BPS) revert FeeAboveCap(feeBps, MAX_FEE_BPS);
        uint256 appealSeconds = _parameters.appealSeconds();
        if (appealSeconds > MAX_PERIOD) revert TermOutOfBounds("appealSeconds", appealSeconds);
        uint256 bondBps = _parameters.openerBondBps();
        if (bondBps > BPS) revert TermOutOfBounds("openerBondBps", bondBps);
        (session.feeBps, session.appealSeconds, session.bondBps) = (uint16(feeBps), uint32(appealSeconds), uint16(bondBps));
    }

    function _enter(uint256 id, bytes32 agent, bytes32 snapshot, address payee)
        private
        inPhase(id, Phase.OPEN)
        returns (uint256 ticket)
    {
        Session storage session = _sessions[id];
        if (agent == 0 || snapshot == 0) revert EmptyDigest();
        if (payee == address(0)) revert ZeroAddress();
        ticket = session.entrants++;
        _entrants[id][ticket] = Entrant(payee, _entryDigest(agent, snapshot, msg.sender), false);
        _isParty[id][msg.sender] = true;
        if (payee != msg.sender) _isParty[id][payee] = true;
        emit Entered(id, ticket, agent, snapshot, msg.sender, payee);
        _take(session.terms.asset, session.terms.fee);
    }

    /// @dev Slash judges that were drawn and did not reveal, let the panel go, and open the way for refunds.
    function _cancel(uint256 id, CancelReason reason) private {
        Session storage session = _sessions[id];
        address[] memory panel = _panels[id][0];
        uint256[] memory slashes = _dismissAbsent(id, panel);
        for (uint256 i; i < panel.length; ++i) {
            if (!_judges[id][panel[i]].dismissed) _vault.release(_ROLE, panel[i]);
        }
        _go(session, Phase.CANCELLED, 0);
        emit Cancelled(id, reason, slashes);
        // before closing nobody knew anything; afterwards the opener could wait for what it liked
        bool isBlameless = reason == CancelReason.BY_OPENER || reason == CancelReason.TOO_FEW_ENTRANTS;
        _settleBond(id, session, isBlameless ? session.opener : treasury);
    }
}
