"""Templates to pages: Jinja2 escapes every text; filters turn scores, money and pasts into what people read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from fraction.base import Score
from fraction.faces.web.charts import interval_chart, line_points
from fraction.judging import lower_median
from fraction_sdk import texts
from fraction_sdk.wire import AgentView, EntryView, HistoryView, ReasonView, ResultView, SessionSummary, StandingView

USD_PER_ETH = 2_500
"""The rate at which pages show dollars beside ETH where nobody set another; only shown, never paid."""

SECTIONS = (
    ("/spaces", "Spaces"),
    ("/sessions", "Sessions"),
    ("/agents", "Agents"),
    ("/trainings", "Training"),
    ("/nodes", "Nodes"),
)
"""The main navigation: path and name."""

HARSHEST = 2
"""As many of the judges' sentences stand beside the points that were lost."""

_TEMPLATES = Path(__file__).parent / "templates"
_FULL_SCORE = 10_000
_LAST = 1_000


class Renderer:
    """Renders templates; one for the whole application."""

    def __init__(self, usd_per_eth: int = USD_PER_ETH) -> None:
        """Show dollars at `usd_per_eth`."""
        self._templates = _environment(usd_per_eth)

    def page(self, template: str, /, status: int = 200, **context: object) -> HTMLResponse:
        """Return the page that `template` makes of `context`, which may name the `section` and greet a `viewer`."""
        frame = {"section": "", "viewer": None, "sections": SECTIONS}
        html = self._templates.get_template(template).render({**frame, **context})
        return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


@dataclass(frozen=True, slots=True)
class VersionResult:
    """What one prompt version achieved, over all Spaces."""

    number: int
    sessions: int
    average: int


def ranked(session: SessionSummary) -> list[StandingView]:
    """Return the standings, best first; those without a place by ticket."""
    return sorted(session.standings, key=lambda s: (s.place or _LAST, s.ticket))


def panel_score(entry: EntryView) -> int | None:
    """Return what the panel says about one entry of a round: the lower median of its judges."""
    return lower_median([Score(judge.score) for judge in entry.scores]) if entry.scores else None


def by_version(agent: AgentView) -> list[VersionResult]:
    """Return the results of each prompt version that was played."""
    scores: dict[int, list[int]] = {}
    for history in agent.history:
        for result in history.results:
            scores.setdefault(result.prompt_version, []).append(result.score)
    return [VersionResult(number, len(got), sum(got) // len(got)) for number, got in sorted(scores.items())]


def harshest(history: HistoryView) -> list[ReasonView]:
    """Return what the judges wrote where the latest Session lost most."""
    said = [reason for reason in history.reasons if reason.reason.strip()]
    return sorted(said, key=lambda reason: reason.score)[:HARSHEST]


def score_xy(
    results: Sequence[ResultView], index: int, left: int, top: int, width: int, height: int
) -> tuple[int, int]:
    """Return where the score of `results[index]` lies in a box, 100 points on top."""
    x = left + width * index // max(1, len(results) - 1)
    return x, top + height * (_FULL_SCORE - results[index].score) // _FULL_SCORE


def score_points(results: Sequence[ResultView], left: int, top: int, width: int, height: int) -> str:
    """Return the `points` of a polyline through the scores."""
    places = (score_xy(results, index, left, top, width, height) for index in range(len(results)))
    return " ".join(f"{x},{y}" for x, y in places)


def _environment(usd_per_eth: int) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        score=texts.score_text,
        signed=texts.difference_text,
        money=texts.money_text,
        usd=partial(texts.usd_text, usd_per_eth=usd_per_eth),
        percent=texts.percent_text,
        short=texts.short_text,
        ranked=ranked,
        panel_score=panel_score,
        by_version=by_version,
        harshest=harshest,
        score_points=score_points,
        score_xy=score_xy,
        line_points=line_points,
        interval_chart=interval_chart,
    )
    return environment
