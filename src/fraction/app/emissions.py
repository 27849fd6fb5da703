"""FRAC for paid work: the port, and the verbs that have work recorded and what it earned sent.

settled Session | accepted training ──record──▶ points of the present month ──month over──▶ claim
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from fraction.base import Address, Rejected, Wei
from fraction.economy import Group


class Emissions(Protocol):
    """Points and what they earn, as one account sees and moves them; anyone may record and claim for anyone."""

    def month(self) -> int:
        """Return the present month, from 0."""
        ...

    def points(self, month: int, group: Group, account: Address) -> int:
        """Return what was recorded for the account and is not claimed."""
        ...

    def earned(self, month: int, group: Group, account: Address) -> Wei:
        """Return what the account's points of a month are worth, by what is recorded now."""
        ...

    def claim(self, month: int, group: Group, account: Address) -> Wei:
        """Send the account what it earned in a month that is over; return how much it was."""
        ...

    def record_session(self, number: int) -> int:
        """Record the points of a settled Session; return of how many entries that were not recorded before."""
        ...

    def record_task(self, number: int) -> bool:
        """Record the points of an accepted training; return whether there was anything to record."""
        ...


@dataclass(frozen=True, slots=True)
class Earning:
    """What an account has to get for its points of one group in one month."""

    month: int
    group: Group
    points: int
    amount: Wei
    """In wei of FRAC; for the present month it still changes with what others do."""


def record_session(emissions: Emissions, number: int) -> None:
    """Have a Session's points recorded, unless they are or it gives none."""
    with suppress(Rejected):  # somebody else was first
        emissions.record_session(number)


def record_task(emissions: Emissions, number: int) -> None:
    """Have a training's points recorded, unless they are or it gives none."""
    with suppress(Rejected):  # somebody else was first
        emissions.record_task(number)


def earnings(emissions: Emissions, account: Address) -> tuple[Earning, ...]:
    """Return what an account has to get, the present month last."""
    return tuple(_earnings(emissions, account, range(emissions.month() + 1)))


def claim_all(emissions: Emissions, account: Address) -> Wei:
    """Send an account everything it earned in months that are over; return how much it was, in wei of FRAC."""
    due = _earnings(emissions, account, range(emissions.month()))
    return Wei(sum(emissions.claim(one.month, one.group, account) for one in due if one.amount))


def _earnings(emissions: Emissions, account: Address, months: range) -> Iterator[Earning]:
    for month in months:
        for group in Group:
            points = emissions.points(month, group, account)
            if points:
                yield Earning(month, group, points, emissions.earned(month, group, account))
