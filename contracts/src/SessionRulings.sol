// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SessionPanels} from "./SessionPanels.sol";
import {ISessionJudging} from "./interfaces/ISessionJudging.sol";
import {ScoreCode} from "./libraries/ScoreCode.sol";
import {Settlement} from "./libraries/Settlement.sol";

/// @title From revealed scores to a result: medians, and appeals against them
abstract contract SessionRulings is SessionPanels {
    /// @dev Scores that can be contested in one round.
    uint256 internal constant MAX_APPEALS = 64;

    /// @inheritdoc ISessionJudging
    function settle(uint256 id) external nonReentrant inPhase(id, Phase.SETTLEABLE) {
        Session storage session = _sessions[id];
        if (session.round == 0) _score(id, session);
        else _decide(id, session);
    }

    /// @inheritdoc ISessionJudging
    function appeal(uint256 id, uint256 ticket) external payable nonReentrant inPhase(id, Phase.APPEALABLE) {
        Session storage session = _sessions[id];
        _checkTicket(id, ticket);
        uint8 round = session.round + 1;
        Appeal[] storage appeals = _appeals[id];
        (uint256 first, uint256 end) = _appealsOf(id, round);
        if (end - first == MAX_APPEALS) revert TooManyAppeals(id);
        for (uint256 i = first; i < end; ++i) {
            if (appeals[i].ticket == ticket) revert AlreadyContested(id, ticket);
        }
        appeals.push(Appeal(msg.sender, uint16(ticket), round, Outcome.PENDING, 0));
        _isParty[id][msg.sender] = true;
        uint256 bond = _bond(session, round);
        emit Appealed(id, ticket, msg.sender, round, bond);
        _take(session.terms.asset, bond);
    }

    /// @inheritdoc ISessionJudging
    function convene(uint256 id) external inPhase(id, Phase.CONTESTED) {
        Session storage session = _sessions[id];
        ++session.round;
        (session.redraws, session.commits, session.reveals) = (0, 0, 0);
        _go(session, Phase.DRAWING, session.terms.commitSeconds);
        emit Convened(id, session.round, _takeTicket(session), session.deadline);
    }

    /// @dev The first panel's medians of the next chunk of tickets; after the last one the result can be contested.
    function _score(uint256 id, Session storage session) private {
        uint256 from = session.scored;
        uint256 count = Math.min(CHUNK, session.entrants - from);
        bytes memory middle = _medianScores(id, 0, from, count);
        _medians[id].push(ScoreCode.write(middle));
        session.scored = uint16(from + count);
        uint256[] memory slashes;
        uint256 appealEnd;
        if (session.scored == session.entrants) {
            slashes = _dismissAbsent(id, _panels[id][0]);
            _settleBond(id, session, session.opener);
            appealEnd = _openAppeals(session);
        }
        emit Scored(id, from, middle, slashes, appealEnd);
    }

    /// @dev What the panel of an appeal found, for each score that was contested in its round.
    function _decide(uint256 id, Session storage session) private {
        uint256 round = session.round;
        (uint256 first, uint256 end) = _appealsOf(id, round);
        bytes memory middle = _medianScores(id, round, 0, end - first);
        bool[] memory isUpheld = new bool[](end - first);
        for (uint256 i = first; i < end; ++i) {
            isUpheld[i - first] = _rule(id, session, _appeals[id][i], Settlement.scoreAt(middle, i - first));
        }
        uint256[] memory slashes = _dismissAbsent(id, _panels[id][round]);
        emit AppealsDecided(id, round, middle, isUpheld, slashes, _openAppeals(session));
    }

    /// @dev Decide one appeal: correct the score and give the bond back, or give the bond to the panel.
    function _rule(uint256 id, Session storage session, Appeal storage contested, uint256 score)
        private
        returns (bool isUpheld)
    {
        uint256 ticket = contested.ticket;
        isUpheld = _distance(score, _scoreOf(id, ticket)) > session.terms.tolerance;
        contested.score = uint16(score);
        contested.outcome = isUpheld ? Outcome.UPHELD : Outcome.DENIED;
        uint256 bond = _bond(session, session.round);
        if (isUpheld) {
            _corrections[id][ticket] = score + 1;
            _credit(contested.appellant, session.terms.asset, bond);
            // the panel gets from the treasury's part what it would have got from the bond, as far as that reaches
            uint256 costs = _appealCosts[id];
            bond = Math.min(bond, Math.ceilDiv(_protocolFeeOf(id), 2) - costs);
            _appealCosts[id] = costs + bond;
        }
        _pools[id][session.round] += bond;
    }

    /// @dev Lower medians of what a round's panel revealed for `count` places from `from` on; adds to its distances.
    function _medianScores(uint256 id, uint256 round, uint256 from, uint256 count)
        private
        returns (bytes memory middle)
    {
        address[] memory panel = _panels[id][round];
        bytes[] memory scores = new bytes[](panel.length);
        uint256 given;
        for (uint256 i; i < panel.length; ++i) {
            address code = _judges[id][panel[i]].scores;
            if (code == address(0)) continue;
            panel[given] = panel[i];
            scores[given++] = ScoreCode.read(code, from, count);
        }
        assembly ("memory-safe") {
            mstore(scores, given)
        }
        uint256[] memory distances;
        (middle, distances) = Settlement.medians(scores, count);
        for (uint256 i; i < given; ++i) _judges[id][panel[i]].distance += uint32(distances[i]);
    }

    /// @dev Returns when the time to contest ends, which is now if there is none.
    function _openAppeals(Session storage session) private returns (uint256) {
        _go(session, Phase.APPEALABLE, _isFinal(session) ? 0 : session.appealSeconds);
        return session.deadline;
    }

    function _distance(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? b - a : a - b;
    }
}
