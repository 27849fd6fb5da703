"""The page of the economy's simulation: a bar for each strategy's gain, with its error."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fraction.economy.simulation import DOLLAR, Figure, Sizes

_FOLDER = Path(__file__).parent
ROW = 34
LEFT = 190
WIDTH = 560


@dataclass(frozen=True, slots=True)
class ProfitBar:
    """One strategy: a bar from zero to the gain, a line as long as twice the standard error on both sides."""

    figure: Figure
    y: int
    x: float
    width: float
    low: float
    high: float
    label: str


def profit_bars(figures: Sequence[Figure]) -> tuple[float, list[ProfitBar]]:
    """Return where zero lies, and the bars, in the order given."""
    least = min(0, *(f.gain - 2 * f.gain_error for f in figures))
    most = max(0, *(f.gain + 2 * f.gain_error for f in figures))

    def place(amount: int) -> float:
        return round(LEFT + WIDTH * (amount - least) / ((most - least) or 1), 1)

    bars = [
        ProfitBar(
            figure=figure,
            y=index * ROW,
            x=min(place(0), place(figure.gain)),
            width=round(abs(place(figure.gain) - place(0)), 1),
            low=place(figure.gain - 2 * figure.gain_error),
            high=place(figure.gain + 2 * figure.gain_error),
            label=f"{figure.gain / DOLLAR:+.3f}",
        )
        for index, figure in enumerate(figures)
    ]
    return place(0), bars


def render_economy(figures: Sequence[Figure], sizes: Sizes, seed: str) -> str:
    """Return the chart as one HTML page without anything from elsewhere."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    zero, bars = profit_bars(figures)
    style = (_FOLDER / "report.css").read_text(encoding="utf-8")
    template = environment.get_template("economy.html.j2")
    return template.render(
        style=style, bars=bars, zero=zero, row=ROW, sizes=asdict(sizes), sessions=figures[0].sessions, seed=seed
    )
