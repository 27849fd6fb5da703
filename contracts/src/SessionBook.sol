// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {NodeWork} from "./NodeWork.sol";
import {IParameters} from "./interfaces/IParameters.sol";
import {ISessionFacts} from "./interfaces/ISessionFacts.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {ScoreCode} from "./libraries/ScoreCode.sol";
import {SessionTerms} from "./libraries/SessionTerms.sol";
import {Settlement} from "./libraries/Settlement.sol";

/// @title What is written of each Session, and where it stands
abstract contract SessionBook is ISessionFacts, NodeWork {
    /// @dev Times that a panel is filled up before the Session (or the appeal) is given up.
    uint256 internal constant MAX_REDRAWS = 2;
    /// @dev Appeals after one another.
    uint256 internal constant MAX_ROUNDS = 2;
    uint256 internal constant MAX_PANEL = 31;
    /// @dev Entrants whose medians one transaction takes: with five judges it fits under 16,777,216 gas (EIP-7825).
    uint256 internal constant CHUNK = 5_000;

    IStakeVault.Role internal constant _ROLE = IStakeVault.Role.JUDGE;

    IParameters internal immutable _parameters;

    uint256 internal _sessionCount;
    mapping(address opener => mapping(bytes32 space => bytes32)) internal _curves;

    mapping(uint256 id => Session) internal _sessions;
    mapping(uint256 id => mapping(uint256 ticket => Entrant)) internal _entrants;
    /// @dev Who has something to win or lose by the result, and so may not judge.
    mapping(uint256 id => mapping(address => bool)) internal _isParty;
    mapping(uint256 id => mapping(address judge => Judge)) internal _judges;
    mapping(uint256 id => mapping(uint256 round => address[])) internal _panels;
    /// @dev The first panel's medians, a contract for each chunk.
    mapping(uint256 id => address[]) internal _medians;
    mapping(uint256 id => Appeal[]) internal _appeals;
    /// @dev One more than the score that replaced the median.
    mapping(uint256 id => mapping(uint256 ticket => uint256)) internal _corrections;
    /// @dev What the panel of an appeal shares.
    mapping(uint256 id => mapping(uint256 round => uint256)) internal _pools;
    /// @dev What upheld appeals took of the treasury's part.
    mapping(uint256 id => uint256) internal _appealCosts;
    /// @dev Of Sessions with more winners than `finalize` credits.
    mapping(uint256 id => Prize[]) internal _prizes;

    modifier inPhase(uint256 id, Phase wanted) {
        Phase phase = _phaseOf(id);
        if (phase != wanted) revert WrongPhase(id, phase);
        _;
    }

    constructor(address parameters_) {
        if (parameters_ == address(0)) revert ZeroAddress();
        _parameters = IParameters(parameters_);
    }

    function _phaseOf(uint256 id) internal view returns (Phase) {
        Session storage session = _sessions[id];
        Phase stage = session.stage;
        bool late = block.timestamp >= session.deadline;
        if (stage == Phase.OPEN) {
            return late || session.entrants == session.terms.maxEntrants ? Phase.CLOSABLE : Phase.OPEN;
        }
        if (!late || stage == Phase.SETTLED || stage == Phase.CANCELLED) return stage;
        if (stage == Phase.APPEALABLE) return _isContested(id, session) ? Phase.CONTESTED : Phase.FINALIZABLE;
        return stage == Phase.COMMITTING ? _judgingPhase(session) : _failed(session);
    }

    function _scoreOf(uint256 id, uint256 ticket) internal view returns (uint256) {
        if (ticket >= _sessions[id].scored) revert NoSuchEntrant(id, ticket);
        uint256 correction = _corrections[id][ticket];
        if (correction != 0) return correction - 1;
        return Settlement.scoreAt(ScoreCode.read(_medians[id][ticket / CHUNK], ticket % CHUNK, 1), 0);
    }

    function _protocolFeeOf(uint256 id) internal view returns (uint256) {
        Session storage session = _sessions[id];
        return uint256(session.entrants) * session.terms.fee * session.feeBps / BPS;
    }

    function _commitmentOf(uint256 id, address judge, bytes calldata scores, bytes32 verdict, bytes32 salt)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(block.chainid, address(this), id, judge, keccak256(scores), verdict, salt));
    }

    /// @dev Enter a stage that lasts `period` seconds from now.
    function _go(Session storage session, Phase stage, uint256 period) internal {
        session.stage = stage;
        session.deadline = uint40(block.timestamp + period);
    }

    function _takeTicket(Session storage session) internal returns (uint256 ticket) {
        ticket = _randomness.ticket();
        (session.ticket, session.ticketBlock) = (uint64(ticket), uint64(block.number));
    }

    function _entryDigest(bytes32 agent, bytes32 snapshot, address owner) internal pure returns (uint88) {
        return uint88(bytes11(keccak256(abi.encode(agent, snapshot, owner))));
    }

    function _checkTicket(uint256 id, uint256 ticket) internal view {
        if (ticket >= _sessions[id].entrants) revert NoSuchEntrant(id, ticket);
    }

    /// @dev Judges of a round's panel: n, 2n+1, 2(2n+1)+1.
    function _panelSize(Session storage session, uint256 round) internal view returns (uint256) {
        return ((uint256(session.terms.judges) + 1) << round) - 1;
    }

    function _quorum(Session storage session) internal view returns (uint256) {
        if (session.round == 0) return session.terms.quorum;
        return SessionTerms.leastQuorum(_panelSize(session, session.round));
    }

    function _openerBond(Session storage session) internal view returns (uint256) {
        return uint256(session.terms.fee) * session.terms.maxEntrants * session.bondBps / BPS;
    }

    function _settleBond(uint256 id, Session storage session, address to) internal {
        uint256 bond = _openerBond(session);
        if (bond == 0) return;
        _credit(to, session.terms.asset, bond);
        emit BondSettled(id, to, bond);
    }

    /// @dev The bond of an appeal that the panel of `round` decides: the entry fee, and twice that for the second.
    function _bond(Session storage session, uint256 round) internal view returns (uint256) {
        return uint256(session.terms.fee) << (round - 1);
    }

    /// @dev Slash and let go those of `judges` that stayed away.
    function _dismissAbsent(uint256 id, address[] memory judges) internal returns (uint256[] memory slashes) {
        bool isCommitEnough = _isCommitEnough(_sessions[id]);
        slashes = new uint256[](judges.length);
        for (uint256 i; i < judges.length; ++i) {
            Judge storage judge = _judges[id][judges[i]];
            if (_came(judge, isCommitEnough)) continue;
            judge.dismissed = true;
            slashes[i] = _stakePart(_ROLE, judges[i], NO_SHOW_BPS);
            _dismiss(_ROLE, judges[i], slashes[i], "no-show");
        }
    }

    /// @dev Whether so many of the present panel committed that reveals began.
    function _isCommitEnough(Session storage session) internal view returns (bool) {
        return session.commits >= _quorum(session);
    }

    /// @dev Whether a judge did what it could: reveal, or, where reveals never began, commit.
    function _came(Judge storage judge, bool isCommitEnough) internal view returns (bool) {
        return judge.scores != address(0) || (!isCommitEnough && judge.commitment != 0);
    }

    /// @dev Nothing can be won by contesting a Session of the free tier.
    function _isFinal(Session storage session) internal view returns (bool) {
        return session.terms.fee == 0 || session.round == MAX_ROUNDS
            || _panelSize(session, session.round + 1) > MAX_PANEL;
    }

    /// @dev Where a round's appeals begin and end in the list of all: the decided ones come first.
    function _appealsOf(uint256 id, uint256 round) internal view returns (uint256 first, uint256 end) {
        Appeal[] storage appeals = _appeals[id];
        while (first < appeals.length && appeals[first].round < round) ++first;
        end = first;
        while (end < appeals.length && appeals[end].round == round) ++end;
    }

    function _revealEnd(Session storage session) internal view returns (uint256) {
        return uint256(session.deadline) + session.terms.revealSeconds;
    }

    function _isContested(uint256 id, Session storage session) private view returns (bool) {
        uint256 count = _appeals[id].length;
        return count != 0 && _appeals[id][count - 1].round > session.round;
    }

    /// @dev The time to commit is over.
    function _judgingPhase(Session storage session) private view returns (Phase) {
        uint256 quorum = _quorum(session);
        if (session.commits >= quorum) {
            if (session.reveals < session.commits && block.timestamp < _revealEnd(session)) return Phase.REVEALING;
            if (session.reveals >= quorum) return Phase.SETTLEABLE;
        }
        return session.redraws < MAX_REDRAWS ? Phase.REDRAWABLE : _failed(session);
    }

    /// @dev Without a first result the Session is cancelled; without a decision on appeal the result stands.
    function _failed(Session storage session) private view returns (Phase) {
        if (session.stage == Phase.NONE) return Phase.NONE;
        return session.round == 0 ? Phase.CANCELLABLE : Phase.FINALIZABLE;
    }
}
