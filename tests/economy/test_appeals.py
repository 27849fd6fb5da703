"""Contested scores: Python pays what the golden vectors say, and no appeal makes or loses money."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraction.base import Rejected
from fraction.economy import Hearing, PotTerms, Result, settle_session

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
CASES: list[dict[str, Any]] = json.loads((VECTORS / "appeals.json").read_text(encoding="utf-8"))


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def result_of(case: dict[str, Any]) -> Result:
    terms = PotTerms(fee=int(case["fee"]), payout_bps=tuple(case["payoutBps"]), tolerance=case["tolerance"])
    rounds = [Hearing(tickets=tuple(r["tickets"]), rows=r["scores"]) for r in case["rounds"]]
    return settle_session(terms, case["scores"], rounds)


def test_the_file_is_what_the_reference_writes() -> None:
    command = [sys.executable, str(VECTORS / "make_appeals.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


@pytest.mark.parametrize("case", CASES, ids=named)
def test_every_wei_goes_where_the_vector_says(case: dict[str, Any]) -> None:
    result, expected = result_of(case), case["expected"]
    assert list(result.scores) == expected["scores"]
    assert [str(p) for p in result.prizes] == expected["payouts"]
    assert [[str(f) for f in panel] for panel in result.judge_fees] == expected["judgeFees"]
    assert [list(panel) for panel in result.deviates] == expected["deviates"]
    assert [list(panel) for panel in result.overruled] == expected["overruled"]
    assert str(result.treasury) == expected["treasury"]
    outcomes = [
        ["lapsed" if r.score is None else "upheld" if r.upheld else "denied" for r in round] for round in result.rulings
    ]
    assert outcomes == expected["outcomes"]
    assert [[str(r.bond_back) for r in round] for round in result.rulings] == expected["bondsBack"]


SCORES = st.integers(0, 10_000)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[PotTerms, list[list[int]], list[Hearing]]:
    entrants = draw(st.integers(1, 4))
    terms = PotTerms(
        fee=draw(st.integers(0, 10**6)),
        payout_bps=draw(st.sampled_from([(10_000,), (5000, 3000, 2000)])),
        tolerance=draw(st.integers(0, 10_000)),
        fee_bps=draw(st.integers(0, 2000)),
    )
    rows = draw(st.lists(st.lists(SCORES, min_size=entrants, max_size=entrants), min_size=3, max_size=3))
    hearings: list[Hearing] = []
    for size in draw(st.sampled_from([(), (7,), (7, 15), (0, 7)])):
        tickets = tuple(draw(st.sets(st.integers(0, entrants - 1), min_size=1)))
        row = st.none() | st.lists(SCORES, min_size=len(tickets), max_size=len(tickets))
        hearings.append(Hearing(tickets=tickets, rows=draw(st.lists(row, min_size=size, max_size=size))))
    return terms, rows, hearings


@settings(max_examples=60, deadline=None)
@given(sessions())
def test_what_is_paid_is_the_pot_and_the_bonds(session: tuple[PotTerms, list[list[int]], list[Hearing]]) -> None:
    terms, rows, hearings = session
    result = settle_session(terms, rows, hearings)
    bonds = sum(ruling.bond for rulings in result.rulings for ruling in rulings)
    assert result.total == terms.fee * len(rows[0]) + bonds
    assert min([result.treasury, *result.prizes, *(fee for panel in result.judge_fees for fee in panel)]) >= 0


def test_a_bribed_majority_wins_nothing_against_an_appeal() -> None:
    terms = PotTerms(fee=1000, payout_bps=(10_000,), tolerance=500)
    bribed, honest = [[9900, 100]] * 2, [[5000, 6000]]
    hearing = Hearing(tickets=(0, 1), rows=[[5000, 6000]] * 7)
    without = settle_session(terms, bribed + honest)
    result = settle_session(terms, bribed + honest, [hearing])
    assert (without.prizes, without.deviates[0]) == ((1800, 0), (False, False, True))
    assert (result.prizes, result.deviates[0]) == ((0, 1800), (True, True, False))


def test_a_session_without_scores_is_not_settled() -> None:
    with pytest.raises(Rejected):
        settle_session(PotTerms(fee=1, payout_bps=(10_000,), tolerance=0), [None, None])
