"""Length and format bias: estimated from planted pairs, and regressed out of a judge's scores by a published rule.

A planted pair is an entry and the same entry padded, or set on more lines: no better, so what its score changes by is
bias. The slope of each feature is the median of change over amount (Theil 1950, Sen 1968, through the origin), its
interval that of the sign test. A slope whose interval holds 0 is taken as 0.

    corrected = score - per_character x (characters - usual) - per_line x (lines - usual)

within 0 and 100 points, the usual amounts being the medians of entries of known quality in the Space.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from fraction.base import Score
from fraction.judging.intervals import NORMAL_95, Interval

BEST = 10_000
MIN_PAIRS = 8
"""Fewer pairs give no interval, and so no correction."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was added to an entry, and what that did to its score."""

    amount: int
    """Characters, or lines; not 0."""
    points: int
    """Hundredths of a point."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is taken off a judge's scores in a Space."""

    per_character: float = 0.0
    """Hundredths of a point."""
    per_line: float = 0.0
    usual_characters: int = 0
    usual_lines: int = 1

    def of(self, score: Score, text: str) -> Score:
        """Return the corrected score of an entry with this text.

        >>> Correction(per_character=2.0, usual_characters=100).of(Score(5_000), "x" * 150)
        4900
        """
        longer, more = len(text) - self.usual_characters, lines_of(text) - self.usual_lines
        return Score(max(0, min(BEST, round(score - self.per_character * longer - self.per_line * more))))


def lines_of(text: str) -> int:
    """Return how many lines of `text` say something."""
    return sum(bool(line.strip()) for line in text.split("\n"))


def slope(changes: Sequence[Change]) -> Interval | None:
    """Return the hundredths of a point for each unit added; None with fewer than `MIN_PAIRS` pairs.

    >>> slope([Change(10, 20)] * 9)
    Interval(low=2.0, value=2.0, high=2.0)
    """
    if len(changes) < MIN_PAIRS:
        return None
    ratios = sorted(change.points / change.amount for change in changes)
    count = len(ratios)
    outside = max(0, math.floor((count - NORMAL_95 * math.sqrt(count)) / 2))
    return Interval(ratios[outside], median(ratios), ratios[count - 1 - outside])


def correction_of(padded: Sequence[Change], spread: Sequence[Change], texts: Sequence[str]) -> Correction:
    """Return the correction that planted pairs ask for.

    Args:
        padded: entries with more characters
        spread: entries set on more lines
        texts: usual entries of the Space, at least one
    """
    return Correction(
        per_character=_sure(slope(padded)),
        per_line=_sure(slope(spread)),
        usual_characters=round(median(len(text) for text in texts)),
        usual_lines=round(median(lines_of(text) for text in texts)),
    )


def _sure(found: Interval | None) -> float:
    return found.value if found is not None and found.excludes_zero else 0.0
