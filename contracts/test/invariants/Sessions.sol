// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISessionFacts} from "../../src/interfaces/ISessionFacts.sol";
import {Stage} from "./Stage.sol";
import {vm} from "./Vm.sol";

/// @title Players, judges and passers-by in Sessions: they come, stay away, contest and change their minds
abstract contract Sessions is Stage {
    bytes32 private constant SALT = "salt";

    /// @notice Money that the escrow took, and what was fetched from it, by asset.
    mapping(address asset => uint256) public paid;
    mapping(address asset => uint256) public fetched;
    mapping(uint256 id => mapping(address judge => bytes)) private _rows;

    function openSession(uint256 dice) external {
        uint256 judges = _roll(dice, "judges", 2) == 0 ? 1 : 3;
        ISessionFacts.Terms memory terms = ISessionFacts.Terms({
            space: bytes32(1 + _roll(dice, "curve", 2)),
            asset: _roll(dice, "asset", 3) == 0 ? address(usd) : address(0),
            fee: [uint96(0), 1, 7, 101, 1e15][_roll(dice, "fee", 5)],
            minEntrants: 1,
            maxEntrants: 4,
            judges: uint8(judges),
            quorum: uint8(judges),
            tolerance: _roll(dice, "tolerance", 2) == 0 ? 0 : 3_000,
            entrySeconds: 100,
            playSeconds: 100,
            commitSeconds: 100,
            revealSeconds: 100,
            payoutBps: curve(_roll(dice, "curve", 2))
        });
        uint256 bond = uint256(terms.fee) * terms.maxEntrants / 2;
        uint256 owed = escrow.balanceOf(OPENER, terms.asset);
        uint256 due = bond > owed ? bond - owed : 0;
        vm.prank(OPENER);
        escrow.open{value: terms.asset == address(0) ? due : 0}(terms);
        paid[terms.asset] += due;
        if (due < bond) _see("bond from credit");
        _see("opened");
    }

    function enter(uint256 dice) external {
        (bool any, uint256 id) = _anySession(dice);
        if (any && escrow.phaseOf(id) == ISessionFacts.Phase.OPEN) _enter(id, dice);
    }

    /// @notice One Session goes one step further, by whatever its phase allows.
    function goOn(uint256 dice) external {
        (bool any, uint256 id) = _anySession(dice);
        if (any) _step(id, dice);
    }

    /// @notice One Session goes many steps further, so that the ends are reached too.
    function playAlong(uint256 dice) external {
        (bool any, uint256 id) = _anySession(dice);
        for (uint256 i; any && i < 20; ++i) _step(id, uint256(keccak256(abi.encode(dice, i))));
    }

    /// @notice The deadline of one Session passes; others may be late then as well.
    function waitForSession(uint256 dice) external {
        (bool any, uint256 id) = _anySession(dice);
        if (any) _passTo(escrow.deadlineOf(id));
    }

    function giveUp(uint256 dice) external {
        (bool any, uint256 id) = _anySession(dice);
        if (!any || _roll(dice, "really", 4) != 0) return;
        ISessionFacts.Phase phase = escrow.phaseOf(id);
        if (phase != ISessionFacts.Phase.OPEN && phase != ISessionFacts.Phase.CLOSABLE) return;
        vm.prank(OPENER);
        escrow.cancel(id);
        _see("given up");
    }

    function fetch(uint256 dice) external {
        address[] memory all = accounts();
        _fetch(all[_roll(dice, "who", all.length)], _roll(dice, "asset", 2) == 0 ? address(usd) : address(0));
    }

    /// @dev Bring every Session to its end by time alone, and fetch everything.
    function _finishSessions() internal {
        for (uint256 id = 1; id <= escrow.sessionCount(); ++id) {
            for (uint256 i; !_isOver(id); ++i) {
                require(i < 100, "a Session does not end");
                _passTo(escrow.deadlineOf(id));
                _end(id, escrow.phaseOf(id), 0);
            }
            _end(id, escrow.phaseOf(id), 0);
        }
        address[] memory all = accounts();
        for (uint256 i; i < all.length; ++i) {
            _fetch(all[i], address(0));
            _fetch(all[i], address(usd));
        }
    }

    function _isOver(uint256 id) private view returns (bool) {
        ISessionFacts.Phase phase = escrow.phaseOf(id);
        return phase == ISessionFacts.Phase.SETTLED || phase == ISessionFacts.Phase.CANCELLED;
    }

    function _anySession(uint256 dice) private view returns (bool any, uint256 id) {
        uint256 count = escrow.sessionCount();
        if (count != 0) (any, id) = (true, 1 + _roll(dice, "session", count));
    }

    function _step(uint256 id, uint256 dice) private {
        ISessionFacts.Phase phase = escrow.phaseOf(id);
        if (phase == ISessionFacts.Phase.OPEN) {
            _enter(id, dice);
        } else if (phase == ISessionFacts.Phase.PLAYING) {
            vm.prank(OPENER);
            escrow.publish(id, "transcript");
        } else if (phase == ISessionFacts.Phase.COMMITTING || phase == ISessionFacts.Phase.REVEALING) {
            _judge(id, phase == ISessionFacts.Phase.COMMITTING, dice);
        } else if (phase == ISessionFacts.Phase.APPEALABLE) {
            _appeal(id, dice);
        } else {
            _end(id, phase, dice);
        }
    }

    /// @dev What anybody may do, with the Session's money as the only interest.
    function _end(uint256 id, ISessionFacts.Phase phase, uint256 dice) private {
        if (phase == ISessionFacts.Phase.CLOSABLE) {
            escrow.close(id);
        } else if (phase == ISessionFacts.Phase.SEEDING) {
            _passBlock();
            if (escrow.phaseOf(id) == phase) escrow.fixSeed(id);
        } else if (phase == ISessionFacts.Phase.DRAWING) {
            _draw(id, dice);
        } else if (phase == ISessionFacts.Phase.REDRAWABLE) {
            escrow.redraw(id);
            _see("redrawn");
        } else if (phase == ISessionFacts.Phase.SETTLEABLE) {
            escrow.settle(id);
            _see(escrow.sessionOf(id).round == 0 ? bytes32("settled") : bytes32("appeal decided"));
        } else if (phase == ISessionFacts.Phase.CONTESTED) {
            escrow.convene(id);
        } else if (phase == ISessionFacts.Phase.FINALIZABLE) {
            _finalize(id);
        } else if (phase == ISessionFacts.Phase.CANCELLABLE) {
            escrow.cancel(id);
            _see("cancelled");
        } else if (phase == ISessionFacts.Phase.CANCELLED) {
            _refund(id);
        }
    }

    function _enter(uint256 id, uint256 dice) private {
        ISessionFacts.Terms memory terms = escrow.sessionOf(id).terms;
        uint256 value = terms.asset == address(0) ? terms.fee : 0;
        vm.prank(player(_roll(dice, "owner", PLAYERS)));
        escrow.enter{value: value}(id, bytes32(dice | 1), "snapshot", player(_roll(dice, "payee", PLAYERS)));
        paid[terms.asset] += terms.fee;
    }

    function _draw(uint256 id, uint256 dice) private {
        _passBlock();
        if (_roll(dice, "late", 16) == 1) vm.roll(block.number + 300); // the ticket expires
        if (escrow.phaseOf(id) != ISessionFacts.Phase.DRAWING) return;
        try escrow.draw(id) {
            _see("drawn");
        } catch {
            _see("too few judges");
        }
    }

    /// @dev The next judge that has something to do does it, or stays away while time passes.
    function _judge(uint256 id, bool isCommitting, uint256 dice) private {
        ISessionFacts.Session memory session = escrow.sessionOf(id);
        address[] memory panel = escrow.panelOf(id, session.round);
        for (uint256 i; i < panel.length; ++i) {
            ISessionFacts.Judge memory judge = escrow.judgeOf(id, panel[i]);
            if (judge.scores != address(0) || isCommitting != (judge.commitment == 0)) continue;
            if (_roll(dice, "stays away", 12) == 0) break;
            if (isCommitting) _commit(id, panel[i], session, dice);
            else _reveal(id, panel[i]);
            return;
        }
        _passTo(escrow.deadlineOf(id));
    }

    function _commit(uint256 id, address judge, ISessionFacts.Session memory session, uint256 dice) private {
        uint256 places = session.entrants;
        if (session.round != 0) {
            places = 0;
            ISessionFacts.Appeal[] memory appeals = escrow.appealsOf(id);
            for (uint256 i; i < appeals.length; ++i) if (appeals[i].round == session.round) ++places;
        }
        bytes memory row;
        for (uint256 i; i < places; ++i) {
            row = bytes.concat(row, bytes2([uint16(0), 1, 5_000, 9_999, 10_000][uint256(keccak256(abi.encode(dice, i))) % 5]));
        }
        _rows[id][judge] = row;
        bytes32 commitment = escrow.commitmentOf(id, judge, row, "verdict", SALT);
        vm.prank(judge);
        escrow.commit(id, commitment);
    }

    function _reveal(uint256 id, address judge) private {
        vm.prank(judge);
        escrow.reveal(id, _rows[id][judge], "verdict", SALT);
    }

    /// @dev Somebody contests a score that nobody contested in this round, or time passes.
    function _appeal(uint256 id, uint256 dice) private {
        ISessionFacts.Session memory session = escrow.sessionOf(id);
        uint256 ticket = _roll(dice, "ticket", session.entrants);
        bool isNew = _roll(dice, "contest", 2) == 0;
        ISessionFacts.Appeal[] memory appeals = escrow.appealsOf(id);
        for (uint256 i; i < appeals.length; ++i) {
            if (appeals[i].round > session.round && appeals[i].ticket == ticket) isNew = false;
        }
        if (!isNew) return _passTo(escrow.deadlineOf(id));
        uint256 bond = escrow.bondOf(id);
        vm.prank(player(_roll(dice, "appellant", PLAYERS)));
        escrow.appeal{value: session.terms.asset == address(0) ? bond : 0}(id, ticket);
        paid[session.terms.asset] += bond;
        _see("appealed");
    }

    function _finalize(uint256 id) private {
        uint256 slashed = frac.balanceOf(TREASURY);
        escrow.finalize(id);
        if (frac.balanceOf(TREASURY) != slashed) _see("slashed");
        ISessionFacts.Appeal[] memory appeals = escrow.appealsOf(id);
        for (uint256 i; i < appeals.length; ++i) {
            if (appeals[i].outcome == ISessionFacts.Outcome.UPHELD) _see("upheld");
            if (appeals[i].outcome == ISessionFacts.Outcome.DENIED) _see("denied");
            if (appeals[i].outcome == ISessionFacts.Outcome.LAPSED) _see("lapsed");
        }
        _see("finalized");
    }

    function _refund(uint256 id) private {
        uint256 entrants = escrow.sessionOf(id).entrants;
        for (uint256 ticket; ticket < entrants; ++ticket) {
            if (escrow.entrantOf(id, ticket).done) continue;
            escrow.refund(id, ticket);
            _see("refunded");
        }
    }

    function _fetch(address account, address asset) private {
        uint256 owed = escrow.balanceOf(account, asset);
        if (owed == 0) return;
        vm.prank(account);
        escrow.withdraw(asset, account);
        fetched[asset] += owed;
        _see("fetched");
    }
}
