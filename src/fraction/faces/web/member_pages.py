"""The pages of whoever is signed in: my agents and account, signing in, API keys."""

import tomllib
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request, Response
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from fraction.app.sign_in import Site
from fraction.app.tokens import SCOPES
from fraction.base import Rejected
from fraction.faces.web.backend import Backend
from fraction.faces.web.callers import Caller, limited, people_of, remember
from fraction.faces.web.forms import SEE_OTHER, Fields
from fraction.faces.web.odds import odds_of
from fraction.faces.web.people import People, Principal
from fraction.faces.web.rendering import Renderer
from fraction.judging.rating import AVERAGE
from fraction_sdk.wire import CoachRequest, SpaceView

_EXAMPLE = Path(__file__).parent / "templates" / "example-space.toml"
_SECONDS_A_DAY = 86_400


class MemberPages:
    """Renders what concerns whoever asks."""

    def __init__(self, backend: Backend, people: People, renderer: Renderer) -> None:
        """Read from `backend`, let in by `people`, write with `renderer`."""
        self._backend = backend
        self._people = people
        self._render = renderer

    def routes(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
        router.add_api_route("/me", self.me, methods=["GET"])
        router.add_api_route("/sign-in", self.sign_in, methods=["GET"])
        router.add_api_route("/create-space", self.new_space, methods=["GET"])
        router.add_api_route("/create-space", self.check_space, methods=["POST"], dependencies=[Depends(limited)])
        changing = [Depends(limited)]
        router.add_api_route("/me/keys", self.make_key, methods=["POST"], dependencies=changing)
        router.add_api_route("/agents/{agent}/coach", self.coach, methods=["POST"], dependencies=changing)
        router.add_api_route("/sign-in/message", self.message, methods=["POST"], dependencies=changing)
        router.add_api_route("/sign-in", self.signed, methods=["POST"], dependencies=changing)
        return router

    def me(self, request: Request, caller: Caller) -> Response:
        """Return my agents, my account and my keys; whoever is not signed in is asked to."""
        if caller.account is None:
            return RedirectResponse("/sign-in", SEE_OTHER)
        return self._me(caller, new_key="")

    def make_key(self, caller: Caller, fields: Fields) -> Response:
        """Make an API key and show it once."""
        scopes = tuple(scope for scope in SCOPES if fields.get(scope))
        return self._me(caller, new_key=self._people.make_key(caller, fields.get("label", ""), scopes))

    def coach(self, agent: str, caller: Caller, fields: Fields) -> Response:
        """Return what cost most and what a changed prompt makes of the same tasks."""
        caller.may_for(self._backend.owner_of(agent), "agents")
        wanted = CoachRequest(space=fields.get("space", ""), prompt=fields.get("prompt") or None)
        return self._render.page(
            "coach.html",
            section="/agents",
            viewer=self._people.viewer(caller),
            agent=self._backend.agent(agent),
            space=wanted.space,
            advice=self._backend.coach(agent, wanted),
        )

    def new_space(self, caller: Caller) -> Response:
        """Return the form for a Space of one's own, filled with an example."""
        return self._space_form(caller, _EXAMPLE.read_text("utf-8"), "", None)

    def check_space(self, caller: Caller, fields: Fields) -> Response:
        """Return what a Space file would make: its rules, what it pays and what it costs; or what is wrong with it."""
        text = fields.get("document", "")
        try:
            space = self._backend.check_space(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            return self._space_form(caller, text, f"This is not TOML: {error}.", None)
        except Rejected as refusal:
            return self._space_form(caller, text, str(refusal), None)
        return self._space_form(caller, text, "", space)

    def _space_form(self, caller: Principal, text: str, wrong: str, space: SpaceView | None) -> Response:
        odds = odds_of(space, AVERAGE) if space is not None else []
        return self._render.page(
            "create_space.html",
            400 if wrong else 200,
            section="/spaces",
            viewer=self._people.viewer(caller),
            document=text,
            wrong=wrong,
            space=space,
            odds=odds,
        )

    def sign_in(self, caller: Caller) -> Response:
        """Return the ways to sign in."""
        return self._render.page("sign_in.html", viewer=self._people.viewer(caller))

    def message(self, request: Request, address: Annotated[str, Body(embed=True, max_length=100)]) -> Response:
        """Return the message that a wallet is to sign."""
        return JSONResponse({"message": self._people.challenge(_site(request), address)})

    def signed(
        self,
        request: Request,
        message: Annotated[str, Body(max_length=2_000)],
        signature: Annotated[str, Body(max_length=10_000)],
        caller: Caller,
    ) -> Response:
        """Let in whoever signed; the session is a new one, and the one that the browser had before ends."""
        secret = self._people.sign_in(_site(request), message, signature)
        self._people.leave(caller)
        answer = JSONResponse({"next": "/me"})
        remember(answer, request, secret)
        return answer

    def _me(self, caller: Principal, new_key: str) -> Response:
        account = caller.may("account")
        mine = [agent for agent in self._backend.agents() if agent.owner == account]
        ids = {agent.id for agent in mine}
        sessions = [s for s in self._backend.sessions() if ids & {standing.agent for standing in s.standings}]
        now = self._backend.now()
        return self._render.page(
            "me.html",
            section="/me",
            viewer=self._people.viewer(caller),
            account=self._backend.account(account),
            agents=mine,
            rows={row.agent: row for row in self._backend.leaderboard(None)},
            running=[s for s in sessions if not s.over],
            finished=[s for s in sessions if s.over][:10],
            spaces=self._backend.spaces(),
            keys=[(key, (key.expires_at - now) // _SECONDS_A_DAY) for key in self._people.keys(caller)],
            new_key=new_key,
            scopes=SCOPES,
        )


def _site(request: Request) -> Site:
    return people_of(request).site(request.url.scheme, request.headers.get("host", ""))
