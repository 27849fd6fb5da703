"""The page: an outcome poured into the template; every text is escaped by it."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fraction.faces.cli.demo.outcome import Outcome
from fraction.faces.cli.report.charts import interval, loss_curve, score_bars
from fraction.faces.cli.screen import printable
from fraction_sdk import texts

_FOLDER = Path(__file__).parent


def render_report(outcome: Outcome) -> str:
    """Return the report as one HTML page without anything from elsewhere."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        score=texts.score_text,
        signed=texts.difference_text,
        money=texts.money_text,
        usd=texts.usd_text,
        short=texts.short_text,
        bars=score_bars,
        curve=loss_curve,
        interval=interval,
        shown=printable,
    )
    style = (_FOLDER / "report.css").read_text(encoding="utf-8")
    return environment.get_template("report.html.j2").render(run=outcome, style=style)
