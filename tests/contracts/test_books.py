"""The Python books of the simulation and the contracts keep the same accounts, Session after Session of chance."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from eth_abi.abi import encode
from web3 import Web3

from fraction.base import Dice
from fraction.economy import PotTerms
from fraction.economy.simulation import Appeals, Books, Panel, Played
from tests.contracts.world import ETH, JUDGE, MINIMUM_STAKE, STAKE, Phase, Terms, World, least_quorum

pytestmark = pytest.mark.chain

Row = tuple[int, ...] | None

SCORES = (0, 1, 2_000, 5_000, 5_001, 9_999, 10_000)


class Trace:
    """Sessions of chance, played with the contracts and with the books."""

    def __init__(self, world: World, dice: Dice) -> None:
        self.world = world
        self.dice = dice
        self.books = Books(MINIMUM_STAKE)
        for judge in world.judges:
            self.books.stake(judge, STAKE)
        self.seen: set[str] = set()
        self.lonely = False
        """Whether only the first judge that is drawn comes."""

    def play(self) -> None:
        """Play one Session to its end with both."""
        world, dice = self.world, self.dice
        terms = Terms(
            fee=dice.choice([1, 7, 101, 10**15]),
            judges=3 if self.lonely else dice.choice([1, 3]),
            payout_bps=(5000, 3000, 2000),
        )
        terms = replace(terms, quorum=terms.judges, tolerance=dice.choice([0, 3_000]))
        entrants = dice.between(1, 4)
        id = world.open(terms)
        world.enter(id, entrants, terms)
        world.play(id)
        panel = self._seat(id, entrants, {world.opener, *world.owners[:entrants]}, terms.judges)
        appeals: list[Appeals] = []
        if world.phase(id) == Phase.SETTLEABLE:
            world.settle(id)
            while world.phase(id) == Phase.APPEALABLE and dice.chance(70):
                appeals.append(self._appeal(id, entrants, panel, appeals, terms))
        pot = PotTerms(fee=terms.fee, payout_bps=terms.payout_bps, tolerance=terms.tolerance)
        payees = tuple(world.owners[ticket] for ticket in range(entrants))
        self._end(id, entrants)
        result, _ = self.books.finish(Played(pot, terms.quorum, payees, panel, tuple(appeals)))
        self.seen.add("settled" if result else "cancelled")
        self.seen |= {"upheld" if r.upheld else "denied" for round in (result.rulings if result else ()) for r in round}

    def _appeal(self, id: int, entrants: int, first: Panel, before: Sequence[Appeals], terms: Terms) -> Appeals:
        """Contest some scores, and have them judged again."""
        tickets = tuple(sorted(self.dice.sample(range(entrants), self.dice.between(1, entrants))))
        appellants = tuple(self.world.owners[4 + ticket % 2] for ticket in tickets)
        for ticket, appellant in zip(tickets, appellants, strict=True):
            self.world.appeal(id, ticket, appellant)
        self.world.chain.go_to(self.world.deadline(id))
        self.world.escrow.send(self.world.opener, "convene", id)
        used = {self.world.opener, *self.world.owners, *first.judges, *first.replaced}
        for round in before:
            used |= {*round.panel.judges, *round.panel.replaced}
        size = ((terms.judges + 1) << (len(before) + 1)) - 1
        panel = self._seat(id, len(tickets), used, size)
        if self.world.phase(id) == Phase.SETTLEABLE:
            self.world.settle(id)
        return Appeals(tickets, appellants, panel, least_quorum(size))

    def _seat(self, id: int, places: int, used: set[str], size: int) -> Panel:
        """Draw a panel, and let it judge; replace those who stay away as often as the contract does."""
        rows: dict[str, Row] = {}
        revealed: set[str] = set()
        replaced: list[str] = []
        while self.world.phase(id) == Phase.DRAWING:
            drawn = self._draw(id, [*rows], used, size)
            used |= {*drawn}
            fresh: dict[str, Row] = {judge: self._row(places) for judge in drawn}
            if self.lonely:
                fresh = {judge: None if judge in drawn[1:] or rows else (5_000,) * places for judge in drawn}
            rows |= fresh
            self._commit(id, fresh)
            if self.world.phase(id) == Phase.REVEALING:
                revealed |= self._reveal(id, rows, revealed)
            if self.world.phase(id) == Phase.REDRAWABLE:
                self.world.escrow.send(self.world.opener, "redraw", id)
                self.seen.add("redrawn")
                replaced += [judge for judge, row in rows.items() if row is None]
                rows = {judge: row for judge, row in rows.items() if row is not None}
        seen = tuple(row if judge in revealed else None for judge, row in rows.items())
        uncommitted = frozenset(judge for judge, row in rows.items() if row is None)
        if len(rows) - len(uncommitted) < least_quorum(size) and len(uncommitted) < len(rows):
            self.seen.add("committed in vain")
        return Panel(tuple(rows), seen, tuple(replaced), uncommitted)

    def _draw(self, id: int, seated: list[str], used: set[str], size: int) -> tuple[str, ...]:
        """Have judges drawn, and check that the books draw the same; too few are none."""
        world = self.world
        world.chain.mine()
        block = world.chain.rpc("eth_getBlockByNumber", hex(world.escrow.call("sessionOf", id).ticket), False)
        bound = (bytes.fromhex(block["hash"][2:]), 31337, world.escrow.address, id)
        seed = Web3.keccak(encode(["bytes32", "uint256", "address", "uint256"], bound))

        def point(found: int, total: int) -> int:
            return int.from_bytes(Web3.keccak(encode(["bytes32", "uint256"], (seed, found))), "big") % total

        drawn = self.books.draw(size - len(seated), used, point)
        if len(seated) + len(drawn) < least_quorum(size):
            assert world.escrow.refusal(world.opener, "draw", id).error == "TooFewJudges"
            self._pass_deadline(id)
            return ()
        assert [*seated, *drawn] == world.draw(id)
        return drawn

    def _commit(self, id: int, rows: dict[str, Row]) -> None:
        """Let everybody with a row commit to it, and time pass for the others."""
        for judge, row in rows.items():
            if row is not None:
                self.world.commit(id, judge, row)
        if self.world.phase(id) == Phase.COMMITTING:
            self._pass_deadline(id)

    def _reveal(self, id: int, rows: dict[str, Row], revealed: set[str]) -> set[str]:
        """Let everybody who has committed reveal; return who did."""
        fresh = {judge: row for judge, row in rows.items() if row is not None and judge not in revealed}
        for judge, row in fresh.items():
            self.world.reveal(id, judge, row)
        return {*fresh}

    def _pass_deadline(self, id: int) -> None:
        self.world.chain.go_to(self.world.deadline(id))
        self.world.chain.rpc("evm_mine")

    def _row(self, places: int) -> Row:
        return None if self.dice.chance(12) else tuple(self.dice.choice(SCORES) for _ in range(places))

    def _end(self, id: int, entrants: int) -> None:
        if self.world.phase(id) == Phase.CANCELLABLE:
            self.world.escrow.send(self.world.opener, "cancel", id)
            for ticket in range(entrants):
                self.world.escrow.send(self.world.opener, "refund", id, ticket)
        else:
            self.world.finalize(id)

    def check(self) -> None:
        """Compare every account."""
        world = self.world
        for account in {*world.owners, *world.judges}:
            assert world.escrow.call("balanceOf", account, ETH) == self.books.credits[account]
        for judge in world.judges:
            assert world.vault.call("stakeOf", JUDGE, judge) == self.books.stakes[judge]
            assert world.vault.call("nodeOf", JUDGE, judge).locks == 0
        assert world.escrow.call("balanceOf", world.treasury, ETH) == self.books.treasury
        assert world.frac.call("balanceOf", world.treasury) == self.books.slashed


def test_books_and_contracts_agree_on_random_traces(world: World) -> None:
    seen: set[str] = set()
    for number in range(4):
        snapshot = world.chain.rpc("evm_snapshot")
        trace = Trace(world, Dice("books", number))
        for _ in range(4):
            trace.play()
            trace.check()
        if number == 0:
            trace.lonely = True
            trace.play()
            trace.check()
        seen |= trace.seen
        world.chain.rpc("evm_revert", snapshot)
    assert seen >= {"settled", "redrawn", "upheld", "denied", "committed in vain"}
