"""The pages that anybody may read; the same page serves as its own live fragment."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from starlette.responses import HTMLResponse

from fraction.faces.web.backend import Reads
from fraction.faces.web.callers import Caller
from fraction.faces.web.odds import odds_of
from fraction.faces.web.paging import page_of
from fraction.faces.web.people import People, Principal
from fraction.faces.web.rendering import Renderer, panel_score, ranked
from fraction.judging.rating import AVERAGE
from fraction_sdk.wire import AgentSummary, LeaderboardRow, SessionSummary, SessionView

PHASES = ("open", "closed", "playing", "published", "judging", "settled")
"""A Session's way, as the pages show it."""

SHOWN = 24
"""So many lines stand on one page."""

SHOWN_WINNERS = 3


class Pages:
    """Renders the public pages over a backend."""

    def __init__(self, backend: Reads, people: People, renderer: Renderer) -> None:
        """Read from `backend`, greet `people`, write with `renderer`."""
        self._backend = backend
        self._people = people
        self._render = renderer

    def routes(self) -> APIRouter:
        """Return the pages' routes."""
        router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
        for path, page in (
            ("/", self.front),
            ("/spaces", self.spaces),
            ("/spaces/{space}", self.space),
            ("/sessions", self.sessions),
            ("/sessions/{session}", self.session),
            ("/agents", self.agents),
            ("/agents/{agent}", self.agent),
            ("/trainings", self.trainings),
            ("/trainings/{name}", self.training),
            ("/nodes", self.nodes),
            ("/receipts", self.receipts),
        ):
            router.add_api_route(path, page, methods=["GET"])
        return router

    def front(self, caller: Caller) -> Response:
        """Return the landing page."""
        running, finished = _split(self._backend.sessions())
        return self._page(
            caller,
            "front.html",
            running=running,
            finished=finished,
            spaces=self._backend.spaces(),
            leaderboard=self._backend.leaderboard(None),
            nodes=self._backend.nodes(),
            phases=PHASES,
        )

    def spaces(self, caller: Caller) -> Response:
        """Return the list of Spaces."""
        return self._page(caller, "spaces.html", section="/spaces", spaces=self._backend.spaces())

    def space(self, space: str, caller: Caller) -> Response:
        """Return a Space: its rules, what it pays, who leads, what won."""
        view = self._backend.space(space)
        running, finished = _split(self._backend.sessions(), space)
        leaderboard, mine = self._backend.leaderboard(space), self._mine(caller)
        best = max((row for row in leaderboard if row.agent in {a.id for a in mine}), key=_rating, default=None)
        return self._page(
            caller,
            "space.html",
            section="/spaces",
            space=view,
            mine=mine,
            odds=odds_of(view, _rating(best) if best else AVERAGE),
            odds_for=f"{best.name}, rated {best.rating}" if best else "an agent of average rating",
            running=running,
            winners=self._winners(finished),
            leaderboard=leaderboard,
            phases=PHASES,
        )

    def sessions(self, caller: Caller, space: str | None = None, cursor: str | None = None) -> Response:
        """Return running and finished Sessions."""
        running, finished = _split(self._backend.sessions(), space)
        page = page_of(finished, [s.id for s in finished], cursor, SHOWN)
        return self._page(
            caller,
            "sessions.html",
            section="/sessions",
            spaces=self._backend.spaces(),
            space=space,
            running=running,
            finished=page.items,
            older=_link("/sessions", space=space, cursor=page.next),
            phases=PHASES,
        )

    def session(self, session: str, caller: Caller) -> Response:
        """Return one Session, live."""
        view = self._backend.session(session)
        names = {entrant.ticket: entrant.name for entrant in view.entrants}
        return self._page(
            caller,
            "session.html",
            section="/sessions",
            session=view,
            phases=PHASES,
            names=names,
            now=self._backend.now(),
        )

    def agents(self, caller: Caller, space: str | None = None) -> Response:
        """Return the leaderboard, and who is not on it yet."""
        rows = self._backend.leaderboard(space)
        known = {row.agent for row in rows}
        unranked = [agent for agent in self._backend.agents() if agent.id not in known]
        return self._page(
            caller,
            "agents.html",
            section="/agents",
            spaces=self._backend.spaces(),
            space=space,
            leaderboard=rows,
            unranked=unranked[-SHOWN:][::-1],
        )

    def agent(self, agent: str, caller: Caller) -> Response:
        """Return one agent with its past."""
        view = self._backend.agent(agent)
        trainings = [t for t in self._backend.trainings() if t.agent == view.id]
        return self._page(
            caller,
            "agent.html",
            section="/agents",
            agent=view,
            trainings=trainings,
            is_mine=caller.account == view.owner,
            spaces=self._backend.spaces(),
            training_fee=self._backend.training_fee(),
            automation=self._backend.automation(view.id),
        )

    def trainings(self, caller: Caller) -> Response:
        """Return the trainings."""
        return self._page(caller, "trainings.html", section="/trainings", trainings=self._backend.trainings()[:SHOWN])

    def training(self, name: str, caller: Caller) -> Response:
        """Return one training, live."""
        return self._page(caller, "training.html", section="/trainings", t=self._backend.training(name))

    def nodes(self, caller: Caller) -> Response:
        """Return the staked nodes and their record."""
        return self._page(caller, "nodes.html", section="/nodes", nodes=self._backend.nodes())

    def receipts(self, caller: Caller, of: str | None = None, cursor: str | None = None) -> Response:
        """Return every payment and slash, or those of an account, an agent or a Session."""
        found = self._backend.receipts(of)
        page = page_of(found, [str(len(found) - place) for place in range(len(found))], cursor, 2 * SHOWN)
        older = _link("/receipts", of=of, cursor=page.next)
        return self._page(caller, "receipts.html", receipts=page.items, of=of, older=older)

    def _page(self, caller: Principal, template: str, **context: object) -> Response:
        return self._render.page(template, 200, viewer=self._people.viewer(caller), **context)

    def _mine(self, caller: Principal) -> list[AgentSummary]:
        return [agent for agent in self._backend.agents() if agent.owner == caller.account]

    def _winners(self, finished: list[SessionSummary]) -> list["Winner"]:
        settled = [s for s in finished if s.phase == "settled" and s.standings]
        return [_winner(self._backend.session(s.id)) for s in settled[:SHOWN_WINNERS]]


@dataclass(frozen=True, slots=True)
class Winner:
    """A Session's first place and the best that it wrote."""

    session: str
    agent: str
    name: str
    score: int | None
    task: str
    reply: str


def _winner(session: SessionView) -> Winner:
    first = ranked(session)[0]
    entries = [(r.prompt, e) for r in session.rounds for e in r.entries if e.ticket == first.ticket]
    task, best = max(entries, key=lambda pair: panel_score(pair[1]) or 0, default=("", None))
    reply = best.replies[-1].text if best and best.replies else ""
    return Winner(session.id, first.agent, first.name, first.median, task, reply)


def _rating(row: LeaderboardRow) -> int:
    return AVERAGE if row.rating is None else row.rating


def _split(
    sessions: list[SessionSummary], space: str | None = None
) -> tuple[list[SessionSummary], list[SessionSummary]]:
    """Return the running and the finished ones, of one Space or of all."""
    asked = [s for s in sessions if space in (None, s.space_id)]
    finished = [s for s in asked if s.phase in ("settled", "cancelled")]
    return [s for s in asked if s not in finished], finished


def _link(path: str, cursor: str | None, **query: str | None) -> str | None:
    """Return the address of the next page; None if there is none."""
    if cursor is None:
        return None
    given = {name: value for name, value in {**query, "cursor": cursor}.items() if value is not None}
    return f"{path}?{urlencode(given)}"
