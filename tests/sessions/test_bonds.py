"""Where a Session's bonds are: with the contract, back, or gone; at every moment all of them are somewhere."""

from dataclasses import replace

import pytest

from fraction.base import Address, Instant, Wei
from fraction.sessions import (
    Appealed,
    AppealsDecided,
    AppealsLapsed,
    Bonds,
    Cancelled,
    Convened,
    Event,
    Opened,
    Scored,
    bonds_of,
    replay,
)
from tests.sessions.logs import begun, judged, settled

OWN, FEE = Wei(60), Wei(10)
PLAYER = Address("0x" + "7" * 40)
SCORED = Scored(medians=(1, 2, 3), appeal_end=Instant(9), transaction="0xscore")
CONTESTED: list[Event] = [
    *(Appealed(ticket=t, appellant=PLAYER, round=1, bond=FEE, transaction=f"0xappeal{t}") for t in (0, 2)),
    Convened(round=1, transaction="0xconvene"),
]
DECIDED = AppealsDecided(
    round=1, scores=(9, 3), is_upheld=(True, False), appeal_end=Instant(19), transaction="0xdecide"
)
LAPSED = AppealsLapsed(round=1, transaction="0xlapse")


def bonds(log: list[Event]) -> Bonds:
    first, *rest = log
    assert isinstance(first, Opened)
    return bonds_of(replay([replace(first, bond=OWN), *rest]))


def somewhere(held: int = 0, returned: int = 0, denied: int = 0, forfeited: int = 0) -> Bonds:
    return Bonds(Wei(held), Wei(returned), Wei(denied), Wei(forfeited))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], somewhere(held=60)),
        ([SCORED], somewhere()),
        ([SCORED, *CONTESTED], somewhere(held=20)),
        ([SCORED, *CONTESTED, DECIDED], somewhere(held=10, returned=10)),
        ([SCORED, *CONTESTED, DECIDED, settled()], somewhere(returned=10, denied=10)),
        ([SCORED, *CONTESTED, LAPSED, settled()], somewhere(returned=20)),
    ],
    ids=["judged", "scored", "contested", "decided", "settled", "lapsed"],
)
def test_bonds_move_with_the_session(more: list[Event], expected: Bonds) -> None:
    assert bonds([*judged(), *more]) == expected


@pytest.mark.parametrize(
    ("reason", "forfeited"),
    [("by-opener", 0), ("too-few-entrants", 0), ("not-published", 60), ("not-drawn", 60), ("no-quorum", 60)],
)
def test_without_a_result_the_opener_loses_its_bond_unless_nobody_knew_anything(reason: str, forfeited: int) -> None:
    cancelled = Cancelled(reason=reason, slashes=(), transaction="0xcancel")
    assert bonds([*begun(), cancelled]) == somewhere(forfeited=forfeited)
