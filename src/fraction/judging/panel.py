"""What a panel says together: the lower median, plain or weighted, and how large a panel should be.

With D of the weight dishonest and H honest, D < H, the weighted lower median lies between the honest judges' own
quantiles (H - D) / 2H and (H + D) / 2H: never outside their range, and near their median if D is small. Proof: at or
below the result lies half of all weight, (H + D) / 2, of which at most D is dishonest; strictly below it lies less
than (H + D) / 2, whoever it belongs to.
"""

import math
from collections.abc import Sequence

from fraction.base import Rejected, Score

MAX_JUDGES = 15
"""What a Space may ask for."""

RING_SHARE = 0.2
"""Of all stake: the ring that a panel should withstand."""

BEARABLE = 0.12
"""Dollars of one entrant's fee that such a ring may expect to decide over in a Session."""

_MEDIAN_LOSS = math.sqrt(math.pi / 2)
"""How much wider the median of normal errors spreads than their mean (Cramér 1946, section 28.5)."""


def lower_median(scores: Sequence[Score]) -> Score:
    """Return the panel's word on one entry.

    The median, because one judge out of three, however wrong, cannot move it past the other two. The lower
    one with an even panel, because an average could be a score that no judge gave.

    Raises:
        Rejected: nobody gave a score.

    >>> lower_median([Score(100), Score(900), Score(300)])
    300
    """
    return weighted_lower_median(scores, [1] * len(scores))


def weighted_lower_median(scores: Sequence[Score], weights: Sequence[int]) -> Score:
    """Return the least score at or below which lies half of the weight.

    Args:
        scores: one for each judge
        weights: each judge's, not negative; not all 0

    Raises:
        Rejected: nobody who has any weight gave a score.

    >>> weighted_lower_median([Score(100), Score(900), Score(300)], [1, 3, 1])
    900
    """
    total, below = sum(weights), 0
    for score, weight in sorted(zip(scores, weights, strict=True)):
        below += weight
        if weight and 2 * below >= total:
            return score
    raise Rejected("A panel without scores has no median.")


def balanced(weights: Sequence[int]) -> tuple[int, ...]:
    """Return the weights with the largest cut to less than half of all; all equal where fewer than three have any.

    However good its record, no judge decides alone.

    >>> balanced([900, 100, 100]), balanced([900, 100, 0])
    ((199, 100, 100), (1, 1, 1))
    """
    if sum(weight > 0 for weight in weights) < 3:
        return (1,) * len(weights)
    largest = weights.index(max(weights))
    cut = min(weights[largest], sum(weights) - weights[largest] - 1)
    return tuple(cut if place == largest else weight for place, weight in enumerate(weights))


def deviation(scores: Sequence[Score], medians: Sequence[Score]) -> int:
    """Return a judge's mean absolute distance from the medians, in hundredths, rounded down."""
    return sum(abs(s - m) for s, m in zip(scores, medians, strict=True)) // max(1, len(medians))


def median_error(noise: float, judges: int) -> float:
    """Return the standard deviation of a panel's median, in the unit of `noise`, for normal errors.

    Args:
        noise: standard deviation of one judge's score of one entry
        judges: how many there are

    >>> round(median_error(10, 1), 1), round(median_error(10, 5), 1)
    (10.0, 5.6)
    """
    return float(noise) if judges == 1 else noise * _MEDIAN_LOSS / math.sqrt(judges)


def capture_chance(share: float, judges: int) -> float:
    """Return the chance that whoever holds `share` of all stake is the majority of a panel.

    >>> round(capture_chance(0.2, 3), 3), round(capture_chance(0.2, 5), 3)
    (0.104, 0.058)
    """
    most = range(judges // 2 + 1, judges + 1)
    return sum(math.comb(judges, k) * share**k * (1 - share) ** (judges - k) for k in most)


def panel_size(noise: float, wanted: float, fee: float, share: float = RING_SHARE) -> int:
    """Return the least odd number of judges, from 3 on, that is exact enough and hard enough to capture; at most 15.

    Exact enough: the median's standard deviation is at most `wanted`. Hard enough to capture: the chance that whoever
    holds `share` of all stake is the majority, times the fee, is at most `BEARABLE` dollars.

    Args:
        noise: standard deviation of one judge's score of an entry
        wanted: in the same unit
        fee: what an entrant pays, in dollars
        share: the ring's share of all stake

    >>> [panel_size(noise=8, wanted=6, fee=fee) for fee in (0, 2, 5)]
    [3, 5, 9]
    >>> panel_size(noise=20, wanted=7, fee=0)
    13
    """
    for judges in range(3, MAX_JUDGES, 2):
        if median_error(noise, judges) <= wanted and capture_chance(share, judges) * fee <= BEARABLE:
            return judges
    return MAX_JUDGES
