"""The gate: a new adapter serves only if it wins a blind comparison on tasks nobody has played.

Both versions answer the same held-out tasks; judges score all answers blind; the mean of the paired
differences is given with a bootstrap interval. Only integers are compared, so that everybody who has the
scores reaches the same decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Dice, Rejected, Score

RESAMPLES = 1_000
"""Bootstrap samples; percentiles of fewer are too coarse."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the held-out comparison found, in hundredths of a point."""

    tasks: int
    before: int
    """Mean score of the version that serves now."""
    after: int
    """Mean score of the new version."""
    difference: int
    """Mean paired difference, after minus before."""
    low: int
    """Lower end of the 95 % bootstrap interval of the difference."""
    high: int
    """Upper end."""

    @property
    def promoted(self) -> bool:
        """Whether the new version is better beyond chance."""
        return self.low > 0


def compare(before: Sequence[Score], after: Sequence[Score], seed: str) -> Comparison:
    """Return the comparison of two versions' scores on the same tasks, in the same order.

    Args:
        before: the serving version's scores
        after: the new version's scores, paired with `before`
        seed: decides the bootstrap samples

    Raises:
        Rejected: the lists are empty or of different length.
    Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13 (percentile interval).
    """
    if not before or len(before) != len(after):
        raise Rejected(
            f"A comparison needs as many scores before ({len(before)}) as after ({len(after)}), and at least one."
        )
    differences = [new - old for old, new in zip(before, after, strict=True)]
    count = len(differences)
    dice = Dice(seed, "bootstrap")
    means = sorted(sum(differences[dice.below(count)] for _ in range(count)) // count for _ in range(RESAMPLES))
    return Comparison(
        tasks=count,
        before=sum(before) // count,
        after=sum(after) // count,
        difference=sum(differences) // count,
        low=means[RESAMPLES * 25 // 1000],
        high=means[RESAMPLES * 975 // 1000 - 1],
    )
