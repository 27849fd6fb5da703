"""Points of paid work: who gets how many, once, and what a month's emission comes to for all of them."""

import pytest

from tests.contracts.chain import gas_used
from tests.contracts.estate import (
    BUILDER,
    CREATOR,
    EVALUATOR,
    LEAST_FEE,
    MONTH,
    NOBODY,
    PER_MONTH,
    PLAN,
    TRAINER,
    Estate,
)
from tests.contracts.world import ETH, Terms, World, someone

pytestmark = pytest.mark.chain

ALL = 2**256 - 1
ROWS = [(9_000, 5_000, 1_000)] * 3
TRUE, FALSE = b"\x01" * 32, b"\x02" * 32


def points(estate: Estate, group: int, account: str) -> int:
    return int(estate.emissions.call("pointsOf", 0, group, account))


def record(estate: Estate, id: int, most: int = ALL) -> None:
    estate.points.send(someone(9), "recordSession", id, most)


def trained(world: World, fee: int = LEAST_FEE) -> int:
    """Return an accepted training; the last node found something else."""
    id = world.drawn_task(fee)
    world.work(id, [TRUE, TRUE, TRUE, FALSE])
    world.registry.send(someone(9), "settle", id)
    return id


def test_entries_opener_and_paid_judges_of_a_session_get_points(estate: Estate) -> None:
    world = estate.world
    id, _ = world.settled([*ROWS[:2], (1_000, 5_000, 9_000)], Terms(tolerance=100))
    assert estate.points.call("ticketsDue", id) == 3
    record(estate, id)
    assert [points(estate, BUILDER, owner) for owner in world.owners[:4]] == [1, 1, 1, 0]
    assert points(estate, CREATOR, world.opener) == 3
    assert [points(estate, EVALUATOR, judge) for judge in world.panel] == [3, 3, 0]  # the third deviates
    assert estate.points.call("ticketsDue", id) == 0


def test_a_large_session_is_recorded_in_parts_and_its_judges_once(estate: Estate) -> None:
    world = estate.world
    id, _ = world.settled(ROWS)
    first = estate.points.event(estate.points.send(someone(9), "recordSession", id, 2), "SessionRecorded")
    assert (first.id, first.tickets) == (id, 2)
    assert [points(estate, BUILDER, owner) for owner in world.owners[:3]] == [1, 1, 0]
    assert estate.points.call("ticketsDue", id) == 1
    record(estate, id, 2)
    assert [points(estate, BUILDER, owner) for owner in world.owners[:3]] == [1, 1, 1]
    assert points(estate, CREATOR, world.opener) == 3
    assert {points(estate, EVALUATOR, judge) for judge in world.panel} == {3}


def test_who_judged_an_appeal_gets_points_for_what_was_contested(estate: Estate) -> None:
    world = estate.world
    id = world.contested([0, 2], ROWS)
    panel = [*world.panel]
    world.judge(id, [(9_000, 1_000)] * len(panel))
    world.settle(id)
    world.finalize(id)
    record(estate, id)
    assert len(panel) == 7
    assert {points(estate, EVALUATOR, judge) for judge in panel} == {2}
    first = world.escrow.call("panelOf", id, 0)
    assert {points(estate, EVALUATOR, judge) for judge in first} == {3}


def test_nodes_with_the_accepted_result_get_a_point_each(estate: Estate) -> None:
    id = trained(estate.world)
    assert estate.points.call("isTaskDue", id)
    event = estate.points.event(estate.points.send(someone(9), "recordTask", id), "TaskRecorded")
    assert event.id == id
    assert [points(estate, TRAINER, node) for node in estate.world.panel] == [1, 1, 1, 0]
    assert not estate.points.call("isTaskDue", id)


def test_a_months_emission_is_claimable_by_everybody_who_worked_in_the_published_split(estate: Estate) -> None:
    world = estate.world
    id, _ = world.settled(ROWS)
    judges = [*world.panel]
    task = trained(world)
    record(estate, id)
    estate.points.send(someone(9), "recordTask", task)
    estate.chain.go_to(int(estate.emissions.call("start")) + MONTH)
    estate.chain.mine()
    groups = {BUILDER: world.owners[:3], CREATOR: [world.opener], EVALUATOR: judges, TRAINER: world.panel[:3]}
    for group, accounts in groups.items():
        pool = PER_MONTH * PLAN[0][group] // 10_000
        for account in accounts:
            before = world.frac.call("balanceOf", account)
            estate.emissions.send(someone(9), "claim", 0, group, account)
            assert world.frac.call("balanceOf", account) - before == pool // len(accounts)


def test_recording_costs_little_more_for_each_entry(estate: Estate) -> None:
    world = estate.world
    id, _ = world.settled(ROWS)
    assert gas_used(estate.points.send(someone(9), "recordSession", id, ALL)) < 500_000


def test_what_is_not_paid_work_gives_no_points(estate: Estate) -> None:
    free, _ = estate.world.settled(ROWS, Terms(fee=0))
    assert estate.points.call("ticketsDue", free) == 0
    assert estate.points.call("ticketsDue", estate.world.open()) == 0
    assert not estate.points.call("isTaskDue", trained(estate.world, fee=LEAST_FEE - 1))
    assert estate.points.call("leastFee", ETH) == LEAST_FEE
    assert estate.points.call("leastFee", estate.world.odd.address) == 0


def test_every_refusal(estate: Estate) -> None:
    world, send = estate.world, estate.points
    unsettled = world.drawn()
    assert send.refusal(someone(9), "recordSession", unsettled, ALL).values == (unsettled,)
    assert send.refusal(someone(9), "recordSession", 99, ALL).error == "NotSettled"
    assert send.refusal(someone(9), "recordTask", 99).error == "NotAccepted"
    low, _ = world.settled(ROWS, Terms(fee=LEAST_FEE - 1))
    cheap = send.refusal(someone(9), "recordSession", low, ALL)
    assert (cheap.error, cheap.values) == ("FeeTooSmall", (low, LEAST_FEE - 1, LEAST_FEE))
    id, _ = world.settled(ROWS)
    assert send.refusal(someone(9), "recordSession", id, 0).error == "NothingToRecord"
    record(estate, id)
    again = send.refusal(someone(9), "recordSession", id, ALL)
    assert (again.error, again.values) == ("NothingToRecord", (id,))
    assert send.refusal(someone(9), "recordTask", trained(world, fee=1)).error == "FeeTooSmall"
    task = trained(world)
    send.send(someone(9), "recordTask", task)
    assert send.refusal(someone(9), "recordTask", task).error == "NothingToRecord"
    parts = (estate.emissions.address, world.escrow.address, world.registry.address)
    for place in range(3):
        missing = [NOBODY if i == place else part for i, part in enumerate(parts)]
        assert estate.chain.deploy_refusal(someone(9), "WorkPoints", *missing, [], []).error == "ZeroAddress"
