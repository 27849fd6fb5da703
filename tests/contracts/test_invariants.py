"""Whatever happens in whatever order: the escrow holds exactly what it owes, and all of it can be fetched."""

from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Phases
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.contracts.chain import Decoded
from tests.contracts.world import (
    ETH,
    JUDGE,
    TRANSCRIPT,
    Phase,
    Terms,
    World,
    agent,
    least_quorum,
    snapshot,
)

pytestmark = [pytest.mark.chain, pytest.mark.slow]

FEES = st.sampled_from([0, 1, 7, 101, 10**15])
PAYOUTS = st.sampled_from([(10_000,), (5000, 3000, 2000), (625,) * 16])
STEPS = {
    Phase.CLOSABLE: "close",
    Phase.REDRAWABLE: "redraw",
    Phase.SETTLEABLE: "settle",
    Phase.CONTESTED: "convene",
    Phase.FINALIZABLE: "finalize",
    Phase.CANCELLABLE: "cancel",
}
"""Phases that do not end by themselves, and what anyone may do then."""
SCORES = st.sampled_from([0, 1, 5000, 9999, 10_000])


class Sessions(RuleBasedStateMachine):
    """Several Sessions side by side, played by people who come, stay away and change their minds."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.snapshot = world.chain.rpc("evm_snapshot")
        self.terms: dict[int, Terms] = {}
        self.panels: dict[int, list[str]] = {}
        self.rows: dict[tuple[int, str], tuple[int, ...]] = {}
        self.refunded: Counter[int] = Counter()
        self.due = 0
        """What the escrow must hold: fees paid in, less what was fetched."""

    @rule(fee=FEES, payouts=PAYOUTS, judges=st.integers(1, 4), tolerance=st.sampled_from([0, 3000]))
    def open(self, fee: int, payouts: tuple[int, ...], judges: int, tolerance: int) -> None:
        space = bytes([1 + len(payouts)]) * 32
        quorum = least_quorum(judges)
        terms = Terms(space, fee=fee, payout_bps=payouts, judges=judges, quorum=quorum, tolerance=tolerance)
        self.terms[self.world.open(terms)] = terms

    @precondition(lambda self: self.terms)
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """One Session goes one step further, by whatever its phase allows."""
        self.step(data.draw(st.sampled_from(sorted(self.terms))), data)

    @initialize(
        data=st.data(), entrants=st.integers(1, 4), silent=st.sampled_from([1, 0, 2]), fee=FEES, payouts=PAYOUTS
    )
    def a_session_is_played(
        self, data: st.DataObject, entrants: int, silent: int, fee: int, payouts: tuple[int, ...]
    ) -> None:
        """A whole Session first, so that all ends are reached; some judges stay away."""
        space = bytes([1 + len(payouts)]) * 32
        terms = Terms(space, fee=fee, payout_bps=payouts, judges=4, quorum=3)
        id = self.world.open(terms)
        self.terms[id] = terms
        for number in range(entrants):
            self.enter(id, number)
        self.pass_deadline(id)
        while self.world.phase(id) < Phase.COMMITTING:
            self.step(id, data)
        for _ in range(4 - silent):
            self.step(id, data)
        if silent:
            self.pass_deadline(id)
        while Phase.COMMITTING < self.world.phase(id) < Phase.SETTLED:
            self.step(id, data)

    @precondition(lambda self: self.terms)
    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        """The deadline of one Session passes; the others may be late as well."""
        self.pass_deadline(data.draw(st.sampled_from(sorted(self.terms))))

    @precondition(lambda self: self.terms)
    @rule(data=st.data())
    def the_opener_gives_up(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.terms)))
        if self.world.phase(id) in (Phase.OPEN, Phase.CLOSABLE):
            self.world.escrow.send(self.world.opener, "cancel", id)

    @rule(place=st.integers(0, 3))
    def somebody_fetches_money(self, place: int) -> None:
        self.withdraw([*self.world.owners[:3], self.world.treasury][place])

    @invariant()
    def the_escrow_holds_what_is_due(self) -> None:
        assert self.world.held(self.world.escrow, ETH) == self.due

    def teardown(self) -> None:
        """In the end every Session can be brought to its end by time alone, and the escrow is empty."""
        try:
            for id in self.terms:
                self.finish(id)
            for account in {*self.world.owners, *self.world.judges, self.world.treasury}:
                self.withdraw(account)
            assert self.world.held(self.world.escrow, ETH) == self.due == 0
            nodes = [self.world.vault.call("nodeOf", JUDGE, judge) for judge in self.world.judges]
            assert {node.locks for node in nodes} == {0}
            others = [self.world.vault.call("stakeOf", 1, n) for n in self.world.trainers]
            others += [self.world.vault.call("stakeOf", 2, n) for n in self.world.verifiers]
            staked = sum(node.stake for node in nodes) + sum(others)
            assert self.world.frac.call("balanceOf", self.world.vault.address) == staked
        finally:
            self.world.chain.rpc("evm_revert", self.snapshot)

    def finish(self, id: int) -> None:
        while (phase := self.world.phase(id)) not in (Phase.SETTLED, Phase.CANCELLED):
            if phase in STEPS:
                self.step(id, None)
            else:
                self.pass_deadline(id)
        if phase == Phase.CANCELLED:
            for _ in range(self.refunded[id], self.world.escrow.call("sessionOf", id).entrants):
                self.step(id, None)

    def pass_deadline(self, id: int) -> None:
        deadline = self.world.deadline(id)
        if deadline > self.world.chain.next_time():
            self.world.chain.go_to(deadline)
            self.world.chain.rpc("evm_mine")

    def withdraw(self, account: str) -> None:
        owed = self.world.escrow.call("balanceOf", account, ETH)
        if owed:
            self.world.escrow.send(account, "withdraw", ETH, account)
            self.due -= owed
            self.seen["withdrawn"] += 1

    def step(self, id: int, data: st.DataObject | None) -> None:
        world, session = self.world, self.world.escrow.call("sessionOf", id)
        phase = world.phase(id)
        if phase in STEPS:
            world.escrow.send(world.opener, STEPS[phase], id)
            self.seen[STEPS[phase]] += 1
            return
        match phase:
            case Phase.OPEN:
                self.enter(id, session.entrants)
            case Phase.SEEDING:
                world.chain.mine()
                world.escrow.send(world.opener, "fixSeed", id)
            case Phase.PLAYING:
                world.escrow.send(world.opener, "publish", id, TRANSCRIPT)
            case Phase.DRAWING:
                self.draw(id)
            case Phase.COMMITTING | Phase.REVEALING if data is not None:
                self.judge(id, session, data)
            case Phase.APPEALABLE:
                self.contest(id, session, data)
            case Phase.CANCELLED:
                self.refund(id, session.entrants)
            case _:
                self.seen["idle"] += 1

    def enter(self, id: int, number: int) -> None:
        owner, fee = self.world.owners[number % 3], self.terms[id].fee
        self.world.escrow.send(owner, "enter", id, agent(number), snapshot(number), owner, value=fee)
        self.due += fee

    def judge(self, id: int, session: Decoded, data: st.DataObject) -> None:
        """The next judge of those who have something to do commits or reveals."""
        is_committing = self.world.phase(id) == Phase.COMMITTING
        for judge in self.panels[id]:
            state = self.world.escrow.call("judgeOf", id, judge)
            if is_committing and state.commitment == bytes(32):
                places = self.places(id, session)
                row = tuple(data.draw(st.lists(SCORES, min_size=places, max_size=places)))
                self.rows[id, judge] = row
                self.world.commit(id, judge, row)
                return
            if not is_committing and state.commitment != bytes(32) and int(state.scores, 16) == 0:
                self.world.reveal(id, judge, self.rows[id, judge])
                return

    def draw(self, id: int) -> None:
        """Draw, unless too few judges are left; then time passes."""
        self.world.chain.mine()
        try:
            self.panels[id] = self.world.draw(id)
        except AssertionError:
            self.seen["no panel"] += 1
            self.pass_deadline(id)

    def places(self, id: int, session: Decoded) -> int:
        """Return how many scores a judge gives."""
        if session.round == 0:
            return session.entrants
        return sum(appeal.round == session.round for appeal in self.world.escrow.call("appealsOf", id))

    def contest(self, id: int, session: Decoded, data: st.DataObject | None) -> None:
        """Somebody contests the next score, or time passes."""
        contested = {a.ticket for a in self.world.escrow.call("appealsOf", id) if a.round > session.round}
        free = [ticket for ticket in range(session.entrants) if ticket not in contested]
        if data is None or not free or not data.draw(st.booleans()):
            self.pass_deadline(id)
            return
        self.due += self.world.escrow.call("bondOf", id)
        self.world.appeal(id, free[0])
        self.seen["contested"] += 1

    def refund(self, id: int, entrants: int) -> None:
        if self.refunded[id] < entrants:
            self.world.escrow.send(self.world.opener, "refund", id, self.refunded[id])
            self.refunded[id] += 1
            self.seen["refunded"] += 1


def test_the_escrow_is_solvent_whatever_happens(world: World) -> None:
    Sessions.seen.clear()

    class HereSessions(Sessions):
        def __init__(self) -> None:
            super().__init__(world)

    run_state_machine_as_test(
        HereSessions,
        settings=settings(
            max_examples=6,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            phases=[Phases.generate],  # a failure is printed as it is: to shrink it takes minutes
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
    reached = {name for name, times in Sessions.seen.items() if times}
    assert reached >= {"settle", "contested", "convene", "redraw", "finalize", "refunded", "withdrawn"}
