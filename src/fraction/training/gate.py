"""The gate: a new adapter serves only if it wins a blind comparison on tasks nobody has played.

Both versions answer the same held-out tasks; judges score all answers blind. The paired differences are tested by
betting (`betting.py`): the test holds whenever one stops, so tasks come in portions and the comparison ends as soon as
the new version is shown to be better, or when there are no more tasks. Only integers are compared, so that everybody
who has the scores reaches the same decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Rejected, Score
from fraction.training.betting import BOUND, lower_bound, wealth

ODDS = 40
"""A version that is no better gets through at most once in 40 comparisons, looked at as often as one likes."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the held-out comparison found, in hundredths of a point."""

    tasks: int
    before: int
    """Mean score of the version that serves now."""
    after: int
    """Mean score of the new version."""
    difference: int
    """Mean paired difference, after minus before: the size of the effect."""
    low: int
    """Lower end of the 95 % confidence sequence of the difference, valid at any time."""
    high: int
    """Upper end."""
    odds: int = 0
    """Hundredths of the wealth that a bet of 1 on "better" has grown to; 4000 is proof enough."""

    @property
    def promoted(self) -> bool:
        """Whether the new version is better beyond chance."""
        return self.odds >= 100 * ODDS


def compare(before: Sequence[Score], after: Sequence[Score]) -> Comparison:
    """Return the comparison of two versions' scores on the same tasks, in the order in which they were compared.

    Args:
        before: the serving version's scores
        after: the new version's scores, paired with `before`

    Raises:
        Rejected: the lists are empty or of different length.
    """
    if not before or len(before) != len(after):
        raise Rejected(
            f"A comparison needs as many scores before ({len(before)}) as after ({len(after)}), and at least one."
        )
    differences = [new - old for old, new in zip(before, after, strict=True)]
    count = len(differences)
    grown, stake = wealth(differences)
    return Comparison(
        tasks=count,
        before=sum(before) // count,
        after=sum(after) // count,
        difference=sum(differences) // count,
        low=lower_bound(differences, ODDS),
        high=-lower_bound([-d for d in differences], ODDS),
        odds=min(100 * grown // stake, BOUND * 100),
    )
