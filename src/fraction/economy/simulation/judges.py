"""How judges behave: each strategy turns what a judge sees into the scores that it reveals, or into silence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fraction.base import Dice
from fraction.economy.simulation.sizes import Sizes

BEST = 10_000
MIDDLE = 5_000


@dataclass(frozen=True, slots=True)
class Bench:
    """What a drawn judge knows when it commits."""

    sizes: Sizes
    qualities: Sequence[int]
    """By ticket; an honest judge sees them through noise."""
    friends: frozenset[int]
    """Tickets of entrants with the same master."""
    allies: int
    """How many of the panel have the same master, this judge included: the draw is public before the commits."""
    panel: int
    dice: Dice


Strategy = Callable[[Bench], tuple[int, ...] | None]
"""Scores by ticket, or None: no reveal."""


def honest(bench: Bench) -> tuple[int, ...] | None:
    """Read every entry; now and then fail to reveal."""
    if bench.dice.chance(bench.sizes.absent_percent):
        return None
    return tuple(clamped(quality + wobble(bench.dice, bench.sizes.noise)) for quality in bench.qualities)


def lazy(bench: Bench) -> tuple[int, ...]:
    """Read nothing, and give everybody the middle."""
    return (MIDDLE,) * len(bench.qualities)


def guessing(bench: Bench) -> tuple[int, ...]:
    """Read nothing, and roll dice."""
    return tuple(bench.dice.below(BEST + 1) for _ in bench.qualities)


def silent(bench: Bench) -> None:
    """Commit, see what others reveal, and keep quiet."""


def bribed(bench: Bench) -> tuple[int, ...]:
    """Read, but give a friend the best score and everybody else the worst, whoever else sits on the panel."""
    return _favouring(bench, [0] * len(bench.qualities))


def loyal(bench: Bench) -> tuple[int, ...] | None:
    """Judge honestly, unless friends have entered and allies are the majority of the panel: then let them win."""
    scores = honest(bench)
    if scores is None or 2 * bench.allies <= bench.panel:
        return scores
    return _favouring(bench, [score // 2 for score in scores])


def _favouring(bench: Bench, others: Sequence[int]) -> tuple[int, ...]:
    return tuple(BEST if ticket in bench.friends else other for ticket, other in enumerate(others))


def wobble(dice: Dice, deviation: int) -> int:
    """Return a number around 0 with this standard deviation: the sum of three dice, a bell without its tails."""
    return sum(dice.between(-deviation, deviation) for _ in range(3))


def clamped(score: int) -> int:
    """Return the score inside its range."""
    return max(0, min(BEST, score))


READERS: frozenset[Strategy] = frozenset({honest, bribed, loyal})
"""Those who pay for reading what they judge."""
