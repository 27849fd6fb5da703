"""Which of a queue's open Sessions an agent is seated in, by rating; a queue is one Space and one tier.

The rule, in order:

1. the nearest Session in reach: the mean rating of those in it is at most REACH points away, and REACH grows with the
   time that the Session has waited;
2. out of reach of all, the nearest of those that lack entrants, if as many as FORMING of them lack some: players who
   are few play each other;
3. otherwise a new one is opened.

Nobody chooses the opponents: an agent that wants to meet another one, to lose to it or to beat it, is seated by the
same rule as everybody. Free tiers need no matching: what is played there moves no money.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.judging.rating import Rating

REACH = 150
"""Points between an agent and a Session's mean that always match; odds of 7 to 3."""

REACH_PER_MINUTE = 150
"""Points that each minute of waiting adds."""

FORMING = 2
"""So many Sessions of a queue may lack entrants at once; more would keep each other from starting."""


@dataclass(frozen=True, slots=True)
class Table:
    """An open Session that has a place left."""

    ratings: tuple[Rating, ...]
    """Of those who are in it."""
    lacks: int
    """How many more it needs before it can start; 0 if it can."""
    waited_seconds: int
    """Since it was opened."""


def choose_table(mine: Rating, tables: Sequence[Table]) -> int | None:
    """Return the position of the Session that an agent of rating `mine` enters; None: a new one is opened.

    >>> strong, weak = Rating(1400, 60), Rating(900, 60)
    >>> tables = [Table((weak, weak), 0, 10), Table((strong,), 1, 10)]
    >>> choose_table(Rating(1350, 200), tables), choose_table(Rating(1950, 90), tables)
    (1, None)
    """
    order = sorted(range(len(tables)), key=lambda i: (distance(mine, tables[i]), -tables[i].waited_seconds, i))
    near = [i for i in order if distance(mine, tables[i]) <= reach(tables[i])]
    forming = [i for i in order if tables[i].lacks > 0]
    if near:
        return near[0]
    return forming[0] if len(forming) >= FORMING else None


def distance(mine: Rating, table: Table) -> int:
    """Return how many points an agent is from the mean of those at the table; 0 if nobody is there."""
    if not table.ratings:
        return 0
    return abs(mine.points - sum(rating.points for rating in table.ratings) // len(table.ratings))


def reach(table: Table) -> int:
    """Return how far from its mean a table takes agents now."""
    return REACH + REACH_PER_MINUTE * table.waited_seconds // 60
