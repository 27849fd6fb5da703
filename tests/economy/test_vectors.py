"""Python pays what the golden vectors say; the contract's tests read the same file."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fraction.base import Score
from fraction.economy import judge_slashes, settle_pot, standings
from fraction.judging import deviation, lower_median

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
CASES: list[dict[str, Any]] = json.loads((VECTORS / "payouts.json").read_text(encoding="utf-8"))


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def test_there_are_enough_cases_and_each_has_its_own_name() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) >= 40


def test_the_file_is_what_the_reference_writes() -> None:
    command = [sys.executable, str(VECTORS / "make_payouts.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


@pytest.mark.parametrize("case", CASES, ids=named)
def test_medians_and_deviations_are_those_of_the_vector(case: dict[str, Any]) -> None:
    revealed = [row for row in case["scores"] if row is not None]
    medians = [lower_median([Score(row[ticket]) for row in revealed]) for ticket in range(len(case["medians"]))]
    assert medians == case["medians"]
    assert [None if row is None else deviation(row, medians) for row in case["scores"]] == case["deviations"]


@pytest.mark.parametrize("case", CASES, ids=named)
def test_every_wei_goes_where_the_vector_says(case: dict[str, Any]) -> None:
    pot = int(case["fee"]) * len(case["medians"])
    payouts = settle_pot(pot, case["medians"], case["payoutBps"], case["deviations"], case["tolerance"])
    assert [str(p) for p in payouts.prizes] == case["payouts"]
    assert [str(f) for f in payouts.judge_fees] == case["judgeFees"]
    assert str(payouts.treasury) == case["treasury"]
    assert payouts.total == pot


@pytest.mark.parametrize("case", CASES, ids=named)
def test_judges_lose_the_part_of_the_stake_that_the_vector_says(case: dict[str, Any]) -> None:
    stake = 10_000
    slashes = judge_slashes([stake] * len(case["scores"]), case["deviations"], case["tolerance"])
    assert list(slashes) == case["slashBps"]


@pytest.mark.parametrize("case", CASES, ids=named)
def test_standings_name_every_ticket_once_and_nobody_behind_a_worse_median(case: dict[str, Any]) -> None:
    found = standings(case["medians"])
    tickets = [ticket for standing in found for ticket in standing.tickets]
    assert sorted(tickets) == list(range(len(case["medians"])))
    medians = [case["medians"][ticket] for ticket in tickets]
    assert medians == sorted(medians, reverse=True)
