"""Coordinates of the report's charts; the template draws them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction_sdk.wire import ComparisonView, SessionView

PERFECT = 10_000


@dataclass(frozen=True, slots=True)
class Bar:
    """One entrant's score: a bar to the median, a dot for each judge."""

    name: str
    y: float
    width: float
    label: str
    dots: Sequence[tuple[float, str]]
    """Position and judge."""


@dataclass(frozen=True, slots=True)
class BarChart:
    """All entrants of a Session, best first."""

    height: int
    bars: Sequence[Bar]


ROW = 30
SCALE = 460
"""How many units the scores from 0 to 100 take."""


def score_bars(session: SessionView) -> BarChart:
    """Return the bars of a Session."""
    bars = [
        Bar(
            name=standing.name,
            y=index * ROW,
            width=round(SCALE * (standing.median or 0) / PERFECT, 1),
            label=f"{(standing.median or 0) / 100:.2f}",
            dots=[
                (round(SCALE * judge.scores[standing.ticket] / PERFECT, 1), judge.address)
                for judge in session.judges
                if judge.revealed
            ],
        )
        for index, standing in enumerate(session.standings)
    ]
    return BarChart(height=ROW * len(bars) + 8, bars=bars)


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through values, with its ends in words."""

    points: str
    first: str
    last: str
    steps: int


def loss_curve(losses_ppm: Sequence[int], width: int, height: int) -> Curve | None:
    """Return the curve of a training's loss; None if fewer than two steps are known."""
    if len(losses_ppm) < 2:
        return None
    low, high = min(losses_ppm), max(losses_ppm)
    span = (high - low) or 1
    step = width / (len(losses_ppm) - 1)
    points = " ".join(
        f"{index * step:.1f},{height * (high - loss) / span:.1f}" for index, loss in enumerate(losses_ppm)
    )
    return Curve(points, f"{losses_ppm[0] / 1e6:.3f}", f"{losses_ppm[-1] / 1e6:.3f}", len(losses_ppm))


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the difference, its interval and zero lie on a line."""

    low: float
    middle: float
    high: float
    zero: float


def interval(comparison: ComparisonView, width: int) -> Interval:
    """Return a comparison's positions on a line of `width`; zero is always in the picture."""
    left, right = min(comparison.low, 0), max(comparison.high, 0)
    span = (right - left) or 1

    def place(value: int) -> float:
        return round(8 + (width - 16) * (value - left) / span, 1)

    return Interval(place(comparison.low), place(comparison.difference), place(comparison.high), place(0))
