// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SessionRulings} from "./SessionRulings.sol";
import {ISessionJudging} from "./interfaces/ISessionJudging.sol";
import {ScoreCode} from "./libraries/ScoreCode.sol";
import {Settlement} from "./libraries/Settlement.sol";

/// @title From final scores to money: prizes, judges' fees, slashes, the treasury's part
abstract contract SessionPayments is SessionRulings {
    /// @dev Stake lost by a judge beyond the tolerance in the mean: little, for judging is a matter of opinion.
    uint256 internal constant DEVIATION_BPS = 50;
    /// @dev Stake lost by a judge beyond the tolerance at a score that an appeal corrected: as much as by staying away.
    uint256 internal constant OVERRULED_BPS = NO_SHOW_BPS;
    /// @dev Winners that `finalize` credits; more have to `claim`.
    uint256 internal constant MAX_CREDITED = 128;

    /// @dev What becomes of all judges that were on a panel at the end, in the order of panels.
    struct Reckoning {
        address[] judges;
        uint256[] fees;
        uint256[] slashes;
        uint256 filled;
        uint256 treasuryFee;
    }

    /// @inheritdoc ISessionJudging
    function finalize(uint256 id) external nonReentrant inPhase(id, Phase.FINALIZABLE) {
        Session storage session = _sessions[id];
        if (session.stage != Phase.APPEALABLE) _lapse(id, session);
        _markCorrected(id, session);
        Reckoning memory result = _reckon(id, session);
        Prize[] memory prizes = _award(id, session);
        _go(session, Phase.SETTLED, 0);
        _credit(treasury, session.terms.asset, result.treasuryFee);
        emit Settled(id, prizes, result.judges, result.fees, result.slashes, result.treasuryFee);
        for (uint256 i; i < result.judges.length; ++i) {
            if (!_judges[id][result.judges[i]].dismissed) {
                _dismiss(_ROLE, result.judges[i], result.slashes[i], "deviation");
            }
        }
    }

    /// @inheritdoc ISessionJudging
    function claim(uint256 id, uint256[] calldata tickets) external inPhase(id, Phase.SETTLED) {
        Session storage session = _sessions[id];
        Prize[] memory prizes = _prizes[id];
        for (uint256 i; i < tickets.length; ++i) {
            uint256 ticket = tickets[i];
            uint256 amount = Settlement.prizeOf(prizes, _scoreOf(id, ticket), ticket);
            Entrant storage entrant = _entrants[id][ticket];
            if (amount == 0 || entrant.done) revert NothingToClaim(id, ticket);
            entrant.done = true;
            _credit(entrant.payee, session.terms.asset, amount);
            emit Claimed(id, ticket, entrant.payee, amount);
        }
    }

    /// @dev The present round did not decide: its bonds go back; those of its panel that stayed away are slashed.
    function _lapse(uint256 id, Session storage session) private {
        (uint256 first, uint256 end) = _appealsOf(id, session.round);
        uint256 bond = _bond(session, session.round);
        for (uint256 i = first; i < end; ++i) {
            _appeals[id][i].outcome = Outcome.LAPSED;
            _credit(_appeals[id][i].appellant, session.terms.asset, bond);
        }
        emit AppealsLapsed(id, session.round);
    }

    /// @dev A judge whose score of an entry is beyond the tolerance of what an appeal put in its place is overruled; the
    /// distances of the first panel's judges are brought to the corrected scores.
    function _markCorrected(uint256 id, Session storage session) private {
        Appeal[] memory appeals = _appeals[id];
        for (uint256 i; i < appeals.length; ++i) {
            uint256 ticket = appeals[i].ticket;
            uint256 correction = _corrections[id][ticket];
            if (appeals[i].outcome != Outcome.UPHELD || correction != uint256(appeals[i].score) + 1) continue;
            if (_isRuledAgain(appeals, i)) continue;
            uint256 before = Settlement.scoreAt(ScoreCode.read(_medians[id][ticket / CHUNK], ticket % CHUNK, 1), 0);
            _compare(id, session, 0, ticket, before, correction - 1);
            uint256 first;
            for (uint256 j; j < appeals.length; ++j) {
                if (appeals[j].round != appeals[first].round) first = j;
                if (appeals[j].ticket == ticket && appeals[j].outcome != Outcome.LAPSED) {
                    _compare(id, session, appeals[j].round, j - first, appeals[j].score, correction - 1);
                }
            }
        }
    }

    /// @dev Whether a later appeal put another score in the place of the `i`th one's.
    function _isRuledAgain(Appeal[] memory appeals, uint256 i) private pure returns (bool) {
        for (uint256 j = i + 1; j < appeals.length; ++j) {
            if (appeals[j].ticket == appeals[i].ticket && appeals[j].outcome == Outcome.UPHELD) return true;
        }
        return false;
    }

    /// @dev Hold what a panel's judges gave at `place` against the final score.
    function _compare(
        uint256 id,
        Session storage session,
        uint256 round,
        uint256 place,
        uint256 before,
        uint256 corrected
    ) private {
        address[] memory panel = _panels[id][round];
        for (uint256 i; i < panel.length; ++i) {
            Judge storage judge = _judges[id][panel[i]];
            if (judge.scores == address(0)) continue;
            uint256 given = Settlement.scoreAt(ScoreCode.read(judge.scores, place, 1), 0);
            uint256 distance = _distance(given, corrected);
            judge.distance = uint32(judge.distance + distance - _distance(given, before));
            if (distance > session.terms.tolerance) (judge.deviates, judge.overruled) = (true, true);
        }
    }

    /// @dev Pay and weigh the judges of all panels; what is left of the fee and of the bonds is the treasury's.
    function _reckon(uint256 id, Session storage session) private returns (Reckoning memory result) {
        uint256 count;
        for (uint256 round; round <= session.round; ++round) count += _panels[id][round].length;
        (result.judges, result.fees, result.slashes) = (new address[](count), new uint256[](count), new uint256[](count));
        uint256 fee = _protocolFeeOf(id);
        result.treasuryFee = fee - fee / 2 - _appealCosts[id];
        for (uint256 round; round <= session.round; ++round) {
            (uint256 first, uint256 end) = _appealsOf(id, round);
            uint256 pool = round == 0 ? fee / 2 : _pools[id][round];
            _reckonPanel(id, session, round, round == 0 ? session.entrants : end - first, pool, result);
        }
    }

    /// @dev Equal parts of `pool` for the judges of a panel within the tolerance; slashes for those beyond it.
    function _reckonPanel(
        uint256 id,
        Session storage session,
        uint256 round,
        uint256 places,
        uint256 pool,
        Reckoning memory result
    ) private {
        address[] memory panel = _panels[id][round];
        bool[] memory agrees = new bool[](panel.length);
        bool isLapsed = round == session.round && session.stage != Phase.APPEALABLE;
        if (isLapsed) _copyInto(result.slashes, result.filled, _dismissAbsent(id, panel));
        for (uint256 i; i < panel.length; ++i) {
            Judge storage judge = _judges[id][panel[i]];
            if (judge.dismissed || isLapsed) continue;
            if (judge.distance / places > session.terms.tolerance) judge.deviates = true;
            agrees[i] = !judge.deviates;
            if (agrees[i]) continue;
            uint256 bps = judge.overruled ? OVERRULED_BPS : DEVIATION_BPS;
            result.slashes[result.filled + i] = _stakePart(_ROLE, panel[i], bps);
        }
        uint256[] memory fees = new uint256[](panel.length);
        result.treasuryFee += pool - _shareAmong(agrees, fees, pool);
        for (uint256 i; i < panel.length; ++i) {
            result.judges[result.filled] = panel[i];
            result.fees[result.filled++] = fees[i];
            _credit(panel[i], session.terms.asset, fees[i]);
        }
    }

    function _copyInto(uint256[] memory list, uint256 from, uint256[] memory values) private pure {
        for (uint256 i; i < values.length; ++i) list[from + i] = values[i];
    }

    /// @dev Who wins what by the final scores; credited now, if not too many win.
    function _award(uint256 id, Session storage session) private returns (Prize[] memory prizes) {
        bytes memory scores = _finalScores(id, session);
        uint256 pot = uint256(session.entrants) * session.terms.fee;
        prizes = Settlement.prizes(scores, pot - _protocolFeeOf(id), session.terms.payoutBps);
        uint256 winners;
        for (uint256 i; i < prizes.length; ++i) winners += prizes[i].tied;
        if (winners > MAX_CREDITED) {
            for (uint256 i; i < prizes.length; ++i) _prizes[id].push(prizes[i]);
            return prizes;
        }
        uint256 lowest = prizes[prizes.length - 1].median;
        for (uint256 ticket; winners != 0; ++ticket) {
            uint256 score = Settlement.scoreAt(scores, ticket);
            if (score < lowest) continue;
            --winners;
            uint256 amount = Settlement.prizeOf(prizes, score, ticket);
            _credit(_entrants[id][ticket].payee, session.terms.asset, amount);
        }
    }

    /// @dev The medians of all chunks with the corrections written over them.
    function _finalScores(uint256 id, Session storage session) private view returns (bytes memory scores) {
        uint256 entrants = session.entrants;
        for (uint256 from; from < entrants; from += CHUNK) {
            uint256 count = entrants - from < CHUNK ? entrants - from : CHUNK;
            scores = bytes.concat(scores, ScoreCode.read(_medians[id][from / CHUNK], 0, count));
        }
        Appeal[] memory appeals = _appeals[id];
        for (uint256 i; i < appeals.length; ++i) {
            if (appeals[i].outcome == Outcome.UPHELD) {
                Settlement.setScore(scores, appeals[i].ticket, _corrections[id][appeals[i].ticket] - 1);
            }
        }
    }
}
