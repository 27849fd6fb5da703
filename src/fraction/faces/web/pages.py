"""The read-only pages; Jinja2 escapes every text, and the same page serves as its own live fragment."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from fraction.faces.web.backend import Reads
from fraction.faces.web.charts import interval_chart, line_points
from fraction_sdk import texts
from fraction_sdk.wire import AgentView, Problem, SessionSummary, SessionView, StandingView

_TEMPLATES = Path(__file__).parent / "templates"

PHASES = ("open", "closed", "playing", "published", "judging", "settled")
"""A Session's way, as the page shows it."""

SHOWN_SESSIONS = 24
"""The front page shows so many of the latest."""


class Pages:
    """Renders the pages over a backend."""

    def __init__(self, backend: Reads) -> None:
        self._backend = backend
        self._templates = _environment()

    def routes(self) -> APIRouter:
        """Return the pages' routes."""
        router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

        @router.get("/")
        def front(request: Request) -> Response:
            return self._front(request.query_params.get("space"))

        @router.get("/sessions/{session}")
        def session(session: str) -> Response:
            return self._session(self._backend.session(session))

        @router.get("/agents/{agent}")
        def agent(agent: str) -> Response:
            return self._agent(self._backend.agent(agent))

        return router

    def problem(self, request: Request, problem: Problem) -> Response:
        """Return the page that shows a problem."""
        return self._page("problem.html", status=problem.status, problem=problem)

    def _front(self, space: str | None) -> Response:
        sessions = self._backend.sessions()[:SHOWN_SESSIONS]
        return self._page(
            "front.html",
            running=[s for s in sessions if s.phase not in ("settled", "cancelled")],
            finished=[s for s in sessions if s.phase in ("settled", "cancelled")],
            spaces=self._backend.spaces(),
            space=space,
            leaderboard=self._backend.leaderboard(space),
            trainings=self._backend.trainings(),
            nodes=self._backend.nodes(),
            phases=PHASES,
        )

    def _session(self, session: SessionView) -> Response:
        return self._page("session.html", session=session, phases=PHASES, names=_names(session))

    def _agent(self, agent: AgentView) -> Response:
        return self._page("agent.html", agent=agent)

    def _page(self, template: str, status: int = 200, **context: object) -> Response:
        html = self._templates.get_template(template).render(**context)
        return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


def _names(session: SessionView) -> dict[int, str]:
    return {entrant.ticket: entrant.name for entrant in session.entrants}


def _ranked(session: SessionSummary) -> list[StandingView]:
    last = 1_000
    return sorted(session.standings, key=lambda s: (s.place or last, s.ticket))


def _environment() -> Environment:
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
        percent=texts.percent_text,
        short=texts.short_text,
        ranked=_ranked,
        line_points=line_points,
        interval_chart=interval_chart,
    )
    return environment
