"""Coordinates of small SVG charts; the templates draw, this counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction_sdk.wire import ComparisonView


def line_points(values: Sequence[float], width: int, height: int) -> str:
    """Return the `points` of a polyline through `values`, largest on top, within the given box.

    >>> line_points([1.0, 0.0], 10, 4)
    '0.0,0.0 10.0,4.0'
    """
    if not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = width / max(1, len(values) - 1)
    return " ".join(f"{i * step:.1f},{height * (high - v) / span:.1f}" for i, v in enumerate(values))


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Where an interval, its middle and zero lie on a line of some width."""

    low: float
    middle: float
    high: float
    zero: float


def interval_chart(comparison: ComparisonView, width: int) -> IntervalChart:
    """Return the positions of a comparison's difference with its interval; zero is always in the picture."""
    left, right = min(comparison.low, 0), max(comparison.high, 0)
    span = (right - left) or 1

    def place(value: int) -> float:
        return round(4 + (width - 8) * (value - left) / span, 1)

    return IntervalChart(place(comparison.low), place(comparison.difference), place(comparison.high), place(0))
