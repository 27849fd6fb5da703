"""Emissions: what points earn, who may write them, and that the plan changes from the next month on."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.estate import BUILDER, MONTH, MONTHS, NOBODY, PER_MONTH, PLAN, TRAINER, Estate
from tests.contracts.world import ETHER, someone

pytestmark = pytest.mark.chain

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors" / "emissions.json").read_text("utf-8")
)
EVERYTHING = ([10_000, 0, 0, 0], [10**30] * 4)
YEAR = 365 * 86_400


def record(estate: Estate, account: str, points: int, group: int = BUILDER) -> None:
    estate.emissions.send(estate.points.address, "record", group, account, points)


def go_to_month(estate: Estate, month: int) -> None:
    estate.chain.go_to(int(estate.emissions.call("start")) + month * MONTH)
    estate.chain.mine()


def plan(estate: Estate, plan: tuple[Any, ...]) -> None:
    estate.emissions.send(estate.timelock.address, "setPlan", plan)


@pytest.mark.parametrize("case", VECTORS, ids=[case["name"] for case in VECTORS])
def test_the_contract_pays_what_the_vectors_say(estate: Estate, case: dict[str, Any]) -> None:
    assert int(case["perMonth"]) == PER_MONTH
    plan(estate, ((case["shareBps"], 0, 0, 0), (min(int(case["maxPerPoint"]), 2**128 - 1), 0, 0, 0)))
    go_to_month(estate, 1)
    accounts = [someone(100 + place) for place in range(len(case["points"]))]
    for account, points in zip(accounts, case["points"], strict=True):
        record(estate, account, int(points))
    go_to_month(estate, 2)
    assert [str(estate.emissions.call("earned", 1, BUILDER, a)) for a in accounts] == case["earned"]


def test_a_month_is_claimed_once_by_anyone_for_whom_it_is_due(estate: Estate) -> None:
    frac, account = estate.world.frac, someone(1)
    record(estate, account, 3)
    record(estate, someone(2), 1)
    go_to_month(estate, 1)
    receipt = estate.emissions.send(someone(3), "claim", 0, BUILDER, account)
    event = estate.emissions.event(receipt, "Claimed")
    assert (event.month, event.points, event.amount) == (0, 3, PER_MONTH * 4 // 10 * 3 // 4)
    assert frac.call("balanceOf", account) == event.amount
    again = estate.emissions.refusal(account, "claim", 0, BUILDER, account)
    assert (again.error, again.values) == ("NothingToClaim", (0, BUILDER, account.lower()))


def test_a_new_plan_leaves_the_present_month_as_it_was_promised(estate: Estate) -> None:
    record(estate, someone(1), 1)
    plan(estate, EVERYTHING)
    assert estate.emissions.call("planOf", 0) == PLAN
    assert estate.emissions.call("planOf", 1) == estate.emissions.call("planOf", 99) == EVERYTHING
    go_to_month(estate, 1)
    record(estate, someone(1), 1)
    plan(estate, PLAN)
    plan(estate, EVERYTHING)  # of two changes in a month the last one counts
    go_to_month(estate, 2)
    assert estate.emissions.call("earned", 0, BUILDER, someone(1)) == PER_MONTH * 4 // 10
    assert estate.emissions.call("earned", 1, BUILDER, someone(1)) == PER_MONTH
    assert estate.emissions.call("planOf", 2) == EVERYTHING


def test_points_of_one_month_group_or_account_are_not_anothers(estate: Estate) -> None:
    record(estate, someone(1), 5)
    go_to_month(estate, 1)
    assert estate.emissions.call("currentMonth") == 1
    assert estate.emissions.call("pointsOf", 0, BUILDER, someone(1)) == 5
    assert estate.emissions.call("totalPoints", 0, BUILDER) == 5
    for month, group, account in ((1, BUILDER, 1), (0, TRAINER, 1), (0, BUILDER, 2)):
        assert estate.emissions.call("pointsOf", month, group, someone(account)) == 0
        assert estate.emissions.call("earned", month, group, someone(account)) == 0


def test_everything_that_can_ever_be_claimed_is_there(estate: Estate) -> None:
    plan(estate, EVERYTHING)
    for month in range(MONTHS + 2):
        record(estate, someone(month), 1)
        go_to_month(estate, month + 1)
    paid = sum(int(estate.emissions.call("earned", month, BUILDER, someone(month))) for month in range(MONTHS + 2))
    assert paid == PER_MONTH * 4 // 10 + PER_MONTH * (MONTHS - 1)
    for month in range(MONTHS):
        estate.emissions.send(someone(9), "claim", month, BUILDER, someone(month))
    late = estate.emissions.refusal(someone(9), "claim", MONTHS, BUILDER, someone(MONTHS))
    assert late.error == "NothingToClaim"


def test_what_nobody_earned_goes_to_the_timelock_a_year_after_the_end(estate: Estate) -> None:
    record(estate, someone(1), 1)
    end = int(estate.emissions.call("start")) + MONTHS * MONTH + YEAR
    estate.chain.go_to(end - 1)
    early = estate.emissions.refusal(someone(2), "sweep")
    assert (early.error, early.values) == ("TooEarlyToSweep", (end,))
    estate.emissions.send(someone(1), "claim", 0, BUILDER, someone(1))
    estate.chain.go_to(end + 10)
    receipt = estate.emissions.send(someone(2), "sweep")
    rest = PER_MONTH * MONTHS - PER_MONTH * 4 // 10
    assert estate.emissions.event(receipt, "Swept").amount == rest
    assert estate.world.frac.call("balanceOf", estate.timelock.address) == rest


def test_claims_cost_the_same_however_many_have_points(estate: Estate) -> None:
    costs: list[int] = []
    for number in range(40):
        record(estate, someone(number), 1 + number)
    go_to_month(estate, 1)
    for number in (0, 39):
        receipt = estate.emissions.send(someone(50), "claim", 0, BUILDER, someone(number))
        costs.append(int(receipt["gasUsed"], 16))
    assert abs(costs[0] - costs[1]) < 100
    assert max(costs) < 90_000


def test_only_recorders_record_and_only_the_timelock_names_them(estate: Estate) -> None:
    points = estate.points.address
    stranger = estate.emissions.refusal(someone(1), "record", BUILDER, someone(1), 1)
    assert (stranger.error, stranger.values) == ("NotRecorder", (someone(1).lower(), BUILDER))
    estate.emissions.send(estate.timelock.address, "setRecorder", points, BUILDER, False)
    assert estate.emissions.refusal(points, "record", BUILDER, someone(1), 1).error == "NotRecorder"
    record(estate, someone(1), 1, TRAINER)
    for function, args in (("setRecorder", (someone(1), BUILDER, True)), ("setPlan", (PLAN,))):
        for caller in (estate.world.deployer, estate.world.treasury, someone(1)):
            refusal = estate.emissions.refusal(caller, function, *args)
            assert (refusal.error, refusal.values) == ("OwnableUnauthorizedAccount", (caller.lower(),))


def test_no_claim_before_the_month_is_over(estate: Estate) -> None:
    record(estate, someone(1), 1)
    end = int(estate.emissions.call("start")) + MONTH
    estate.chain.go_to(end - 2)
    estate.chain.mine()
    refusal = estate.emissions.refusal(someone(1), "claim", 0, BUILDER, someone(1))
    assert (refusal.error, refusal.values) == ("MonthNotOver", (0, end))


def test_what_makes_no_sense_is_refused(estate: Estate) -> None:
    greedy = ((5_000, 5_000, 1, 0), (0, 0, 0, 0))
    owner, emissions = estate.timelock.address, estate.emissions
    assert emissions.refusal(owner, "setPlan", greedy).error == "SharesTooLarge"
    assert emissions.refusal(owner, "setRecorder", NOBODY, BUILDER, True).error == "ZeroAddress"

    def refused(*args: object) -> str:
        return estate.chain.deploy_refusal(owner, "Emissions", *args).error

    frac = estate.world.frac.address
    assert refused(NOBODY, owner, MONTH, ETHER, 1, PLAN) == "ZeroAddress"
    assert refused(frac, owner, 0, ETHER, 1, PLAN) == refused(frac, owner, 1, ETHER, 0, PLAN) == "NoMonths"
    assert refused(frac, owner, 1, ETHER, 1, greedy) == "SharesTooLarge"
    assert refused(frac, NOBODY, 1, ETHER, 1, PLAN) == "OwnableInvalidOwner"
