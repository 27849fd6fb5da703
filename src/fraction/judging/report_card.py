"""How well a judge judges: agreement with known quality, steadiness, and what attacks on it gain.

All figures come from marks that the judge gave, as lists; nothing here asks a model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fraction.base import Score


@dataclass(frozen=True, slots=True)
class Gain:
    """What a family of attacks changes in a judge's scores, in hundredths of a point; the attacker wants it up."""

    family: str
    attacks: int
    mean: int
    high: int
    """The 95th percentile."""
    above_one_point: int
    """How many of `attacks` raised the score by more than one point."""


def spearman(first: Sequence[int], second: Sequence[int]) -> float | None:
    """Return the rank correlation, -1 to 1, ties sharing their mean rank; None where one side never varies.

    >>> spearman([1, 2, 3], [10, 20, 30])
    1.0
    """
    if len(first) != len(second) or len(first) < 2:
        return None
    a, b = _ranks(first), _ranks(second)
    mean = Fraction(len(a) + 1, 2)
    covariance = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    spread = sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)
    return float(covariance) / float(spread) ** 0.5 if spread else None


def _ranks(values: Sequence[int]) -> list[Fraction]:
    order = sorted(range(len(values)), key=lambda i: values[i])
    ranks = [Fraction(0)] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = Fraction(start + end, 2) + 1
        start = end + 1
    return ranks


def gain_of(family: str, changes: Sequence[int]) -> Gain:
    """Return what attacks of one family gained.

    Args:
        family: its name
        changes: score with the attack less the score without it, one for each attack; at least one
    """
    ordered = sorted(changes)
    return Gain(
        family=family,
        attacks=len(ordered),
        mean=sum(ordered) // len(ordered),
        high=ordered[min(len(ordered) - 1, (95 * len(ordered)) // 100)],
        above_one_point=sum(change > 100 for change in ordered),
    )


def mean_distance(first: Sequence[Score], second: Sequence[Score]) -> int:
    """Return the mean absolute difference of two series of marks of the same entries, rounded down.

    >>> mean_distance([Score(100), Score(300)], [Score(200), Score(300)])
    50
    """
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) // max(1, len(first))
