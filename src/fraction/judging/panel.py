"""What a panel says together: the lower median, and how far each judge was from it."""

from collections.abc import Sequence

from fraction.base import Rejected, Score


def lower_median(scores: Sequence[Score]) -> Score:
    """Return the panel's word on one entry.

    The median, because one judge out of three, however wrong, cannot move it past the other two. The lower
    one with an even panel, because an average could be a score that no judge gave.

    Raises:
        Rejected: nobody gave a score.

    >>> lower_median([Score(100), Score(900), Score(300)])
    300
    """
    if not scores:
        raise Rejected("A panel without scores has no median.")
    return sorted(scores)[(len(scores) - 1) // 2]


def deviation(scores: Sequence[Score], medians: Sequence[Score]) -> int:
    """Return a judge's mean absolute distance from the medians, in hundredths, rounded down."""
    return sum(abs(s - m) for s, m in zip(scores, medians, strict=True)) // max(1, len(medians))
