"""What points earn, by the laws and by the vectors that the contract is held to as well."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Address, Rejected
from fraction.economy import EmissionPlan, Group, group_rewards, plan_in

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
CASES: list[dict[str, Any]] = json.loads((VECTORS / "emissions.json").read_text("utf-8"))

POINTS = st.dictionaries(st.integers(0, 50).map(lambda n: Address(f"0x{n:040x}")), st.integers(0, 10**12), max_size=12)


def plan(share: int, cap: int) -> EmissionPlan:
    return EmissionPlan((share, 0, 0, 0), (cap, 0, 0, 0))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_vectors_hold(case: dict[str, Any]) -> None:
    points = {Address(f"0x{place:040x}"): int(own) for place, own in enumerate(case["points"])}
    rewards = group_rewards(
        plan(case["shareBps"], int(case["maxPerPoint"])), Group.BUILDER, int(case["perMonth"]), points
    )
    assert [str(amount) for amount in rewards.values()] == case["earned"]


def test_the_vectors_are_what_their_maker_writes() -> None:
    command = [sys.executable, str(VECTORS / "make_emissions.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


@given(points=POINTS, share=st.integers(0, 10_000), cap=st.integers(0, 10**24), per_month=st.integers(0, 10**27))
def test_no_group_is_paid_more_than_its_share_nor_any_point_more_than_its_cap(
    points: dict[Address, int], share: int, cap: int, per_month: int
) -> None:
    rewards = group_rewards(plan(share, cap), Group.BUILDER, per_month, points)
    assert sum(rewards.values()) <= per_month * share // 10_000
    assert all(rewards[account] <= own * cap for account, own in points.items())


@given(points=POINTS, parts=st.integers(1, 9))
def test_splitting_an_account_into_many_earns_nothing_more(points: dict[Address, int], parts: int) -> None:
    whole = {Address("0x" + "f" * 40): 1_000_000} | points
    split = {Address(f"0x{n:040x}"): 1_000_000 // parts for n in range(900, 900 + parts)} | points
    rule, amount = plan(5_000, 10**15), 10**20
    one = group_rewards(rule, Group.BUILDER, amount, whole)[Address("0x" + "f" * 40)]
    rewards = group_rewards(rule, Group.BUILDER, amount, split)
    many = sum(rewards[Address(f"0x{n:040x}")] for n in range(900, 900 + parts))
    assert many <= one


def test_a_plan_counts_until_the_next_begins() -> None:
    first, second = plan(1, 1), plan(2, 2)
    assert [plan_in(month, [(0, first), (3, second)]) for month in (0, 2, 3, 9)] == [first, first, second, second]


def test_a_plan_gives_out_no_more_than_there_is() -> None:
    with pytest.raises(Rejected, match="sum to at most 10000"):
        EmissionPlan((5_000, 5_000, 1, 0), (1, 1, 1, 1))
