"""Dishonest conduct, for showing that it is caught: `fraction demo --cheat` and the tests run it.

A node behaves so only if its operator asks for it; nothing of this is reachable from outside.
"""

from dataclasses import dataclass, replace
from enum import Enum

from fraction.base import Digest, Rejected, Score, sha256_of
from fraction.judging import Sheet


class Cheat(Enum):
    """How a node may misbehave."""

    NONE = "none"
    BRIBED = "bribed"
    """A judge gives one agent 100 points and everybody else none."""
    COPY = "copy"
    """A judge commits to another judge's commitment instead of judging."""
    NO_SHOW = "no-show"
    """A node that was drawn does nothing."""
    ALTER = "alter"
    """A trainer changes one number of the adapter."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """How this node behaves; honest unless its operator says otherwise."""

    cheat: Cheat = Cheat.NONE
    favourite: str = ""
    """The agent id (or its beginning) that a bribed judge favours."""


def parse_conduct(text: str) -> Conduct:
    """Return the conduct that `text` names: `copy`, `no-show`, `alter` or `bribed:<agent id>`.

    Raises:
        Rejected: there is no such cheat.
    """
    kind, _, favourite = text.partition(":")
    try:
        return Conduct(Cheat(kind), favourite)
    except ValueError:
        names = ", ".join(c.value for c in Cheat)
        raise Rejected(f"There is no cheat {kind!r}; there are {names}.") from None


def favour(sheet: Sheet, ticket: int) -> Sheet:
    """Return the sheet of a bribed judge: everything to `ticket`, nothing to the others."""
    return replace(
        sheet,
        marks=tuple(
            replace(m, score=Score(10_000 if m.ticket == ticket else 0), reason="Outstanding work.")
            if m.ticket == ticket
            else replace(m, score=Score(0))
            for m in sheet.marks
        ),
    )


def alter(leaves: tuple[Digest, ...]) -> tuple[Digest, ...]:
    """Return the trail of a trainer that changed one number before its last step."""
    return (*leaves[:-1], sha256_of(b"altered" + leaves[-1].encode()))
