// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISessionJudging} from "./interfaces/ISessionJudging.sol";
import {SessionBook} from "./SessionBook.sol";
import {ScoreCode} from "./libraries/ScoreCode.sol";
import {SessionTerms} from "./libraries/SessionTerms.sol";
import {Settlement} from "./libraries/Settlement.sol";

/// @title Panels of judges: drawn, filled up, committed and revealed; the first one's and those of appeals alike
abstract contract SessionPanels is ISessionJudging, SessionBook {
    /// @inheritdoc ISessionJudging
    function draw(uint256 id) external inPhase(id, Phase.DRAWING) {
        Session storage session = _sessions[id];
        bytes32 seed = _seed(id, session.ticket);
        if (seed == 0) {
            emit Rearmed(id, _takeTicket(session));
            return;
        }
        address[] storage panel = _panels[id][session.round];
        uint256 wanted = _panelSize(session, session.round) - panel.length;
        address[] memory drawn = _vault.draw(_ROLE, seed, wanted, session.ticketBlock, _excluded(id));
        uint256 quorum = _quorum(session);
        if (panel.length + drawn.length < quorum) revert TooFewJudges(id, panel.length + drawn.length, quorum);
        for (uint256 i; i < drawn.length; ++i) {
            panel.push(drawn[i]);
            _judges[id][drawn[i]].panel = session.round + 1;
        }
        _go(session, Phase.COMMITTING, session.terms.commitSeconds);
        emit JudgesDrawn(id, session.round, panel, session.deadline);
        for (uint256 i; i < drawn.length; ++i) _vault.lock(_ROLE, drawn[i]);
    }

    /// @inheritdoc ISessionJudging
    function redraw(uint256 id) external nonReentrant inPhase(id, Phase.REDRAWABLE) {
        Session storage session = _sessions[id];
        address[] memory panel = _panels[id][session.round];
        bool isCommitEnough = _isCommitEnough(session);
        delete _panels[id][session.round];
        address[] memory missing = new address[](panel.length);
        uint256 gone;
        for (uint256 i; i < panel.length; ++i) {
            if (_came(_judges[id][panel[i]], isCommitEnough)) _panels[id][session.round].push(panel[i]);
            else missing[gone++] = panel[i];
        }
        assembly ("memory-safe") {
            mstore(missing, gone)
        }
        uint256[] memory slashes = _dismissAbsent(id, missing); // before `commits` counts those who stay
        session.commits = uint8(panel.length - gone);
        ++session.redraws;
        _go(session, Phase.DRAWING, session.terms.commitSeconds);
        uint256 ticket = _takeTicket(session);
        emit Redrawn(id, missing, slashes, ticket, session.deadline);
    }

    /// @inheritdoc ISessionJudging
    function commit(uint256 id, bytes32 commitment) external inPhase(id, Phase.COMMITTING) {
        Session storage session = _sessions[id];
        Judge storage judge = _drawn(id);
        if (commitment == 0) revert EmptyDigest();
        if (judge.scores != address(0)) revert AlreadyRevealed(id, msg.sender);
        if (judge.commitment == 0 && ++session.commits == _panels[id][session.round].length) {
            session.deadline = uint40(block.timestamp); // nobody is missing: the time to reveal begins
        }
        judge.commitment = commitment;
        emit Committed(id, msg.sender, commitment, session.deadline);
    }

    /// @inheritdoc ISessionJudging
    function reveal(uint256 id, bytes calldata scores, bytes32 verdict, bytes32 salt)
        external
        inPhase(id, Phase.REVEALING)
    {
        Session storage session = _sessions[id];
        Judge storage judge = _drawn(id);
        if (judge.scores != address(0)) revert AlreadyRevealed(id, msg.sender);
        if (judge.commitment != _commitmentOf(id, msg.sender, scores, verdict, salt)) {
            revert CommitmentMismatch(id, msg.sender);
        }
        _checkScores(scores, _scoresWanted(id, session));
        judge.scores = ScoreCode.write(scores);
        ++session.reveals;
        emit Revealed(id, msg.sender, scores, verdict);
    }

    /// @dev How many scores a judge of the present panel gives.
    function _scoresWanted(uint256 id, Session storage session) private view returns (uint256) {
        if (session.round == 0) return session.entrants;
        (uint256 first, uint256 end) = _appealsOf(id, session.round);
        return end - first;
    }

    /// @dev Nodes that may not be drawn: those with an interest, and those drawn before.
    function _excluded(uint256 id) private view returns (address[] memory excluded) {
        excluded = _vault.nodes(_ROLE);
        uint256 count;
        for (uint256 i; i < excluded.length; ++i) {
            address node = excluded[i];
            if (_isParty[id][node] || _judges[id][node].panel != 0) excluded[count++] = node;
        }
        assembly ("memory-safe") {
            mstore(excluded, count)
        }
    }

    /// @dev The caller, who is on the present panel.
    function _drawn(uint256 id) private view returns (Judge storage judge) {
        judge = _judges[id][msg.sender];
        if (judge.panel != _sessions[id].round + 1 || judge.dismissed) revert NotDrawn(id, msg.sender);
    }

    function _checkScores(bytes memory scores, uint256 wanted) private pure {
        if (scores.length != 2 * wanted) revert WrongScoresLength(2 * wanted, scores.length);
        for (uint256 i; i < wanted; ++i) {
            uint256 score = Settlement.scoreAt(scores, i);
            if (score > SessionTerms.MAX_SCORE) revert ScoreOutOfRange(i, score);
        }
    }
}
