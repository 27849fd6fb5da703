"""Estimates with their 95 % intervals; what has not been seen is wide, and never a point."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the ends of its 95 % interval."""

    low: float
    value: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the sign is sure."""
        return self.low > 0 or self.high < 0


def share_interval(count: int, of: int) -> Interval:
    """Return the share that `count` of `of` is; without any, all of 0 to 1 with the middle.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    >>> share_interval(0, 0)
    Interval(low=0.0, value=0.5, high=1.0)
    >>> round(share_interval(18, 20).low, 2)
    0.7
    """
    if of == 0:
        return Interval(0.0, 0.5, 1.0)
    square = NORMAL_95**2
    middle = (count + square / 2) / (of + square)
    half = NORMAL_95 / (of + square) * math.sqrt(count * (of - count) / of + square / 4)
    return Interval(max(0.0, middle - half), count / of, min(1.0, middle + half))


def mean_interval(values: Sequence[float]) -> Interval | None:
    """Return the mean of independent values; None for fewer than two, which tell nothing about their spread.

    >>> mean_interval([5.0])
    """
    if len(values) < 2:
        return None
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    half = NORMAL_95 * math.sqrt(variance / len(values))
    return Interval(mean - half, mean, mean + half)


def correlation_interval(correlation: float | None, pairs: int) -> Interval | None:
    """Return a rank correlation of so many pairs; None for fewer than four, or where one side never varied.

    Source: Fisher's transformation with the variance of Bonett and Wright 2000, "Sample size requirements for
    estimating Pearson, Kendall and Spearman correlations", equation 6.
    """
    if correlation is None or pairs < 4:
        return None
    inside = max(-0.999999, min(0.999999, correlation))
    half = NORMAL_95 * math.sqrt((1 + inside**2 / 2) / (pairs - 3))
    return Interval(math.tanh(math.atanh(inside) - half), correlation, math.tanh(math.atanh(inside) + half))
