"""Places from medians; equal medians share a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from fraction.base import Score


@dataclass(frozen=True, slots=True)
class Standing:
    """One place, and all who share it."""

    place: int
    """From 1; the next standing's place is this one's plus the number of its tickets."""
    median: Score
    tickets: tuple[int, ...]
    """In the order of entry."""


def standings(medians: Sequence[Score]) -> tuple[Standing, ...]:
    """Return the places, the best first; `medians` go by ticket.

    >>> [(s.place, s.tickets) for s in standings([Score(10), Score(30), Score(10), Score(5)])]
    [(1, (1,)), (2, (0, 2)), (4, (3,))]
    """
    order = sorted(range(len(medians)), key=lambda ticket: (-medians[ticket], ticket))
    found: list[Standing] = []
    place = 1
    for median, group in groupby(order, key=lambda ticket: medians[ticket]):
        tickets = tuple(group)
        found.append(Standing(place, median, tickets))
        place += len(tickets)
    return tuple(found)
