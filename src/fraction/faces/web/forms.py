"""What the pages' forms do: each changes one thing and leads to the page that shows it."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from fraction.base import Address, Rejected
from fraction.faces.web.backend import Backend
from fraction.faces.web.callers import Caller, forget, limited, people_of, remember
from fraction.faces.web.guest_names import guest_name
from fraction.faces.web.people import People
from fraction_sdk.wire import AgentRequest, AutomationRequest, QueueRequest, TrainingRequest

MOST_FIELDS = 50
MOST_DIGITS = 18
SEE_OTHER = 303


async def fields_of(request: Request) -> Mapping[str, str]:
    """Return a form's fields; raise Rejected for what no form of ours sends."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Rejected("Send the form as a browser does.")
    try:
        return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Rejected("The form is not readable; reload the page and send it again.") from error


Fields = Annotated[Mapping[str, str], Depends(fields_of)]


class Forms:
    """Does what the forms ask for."""

    def __init__(self, backend: Backend, people: People) -> None:
        """Change `backend` for `people`."""
        self._backend = backend
        self._people = people

    def routes(self) -> APIRouter:
        """Return the forms' routes."""
        router = APIRouter(include_in_schema=False, dependencies=[Depends(limited)])
        for path, form in (
            ("/play", self.play),
            ("/agents", self.create),
            ("/agents/{agent}/prompt", self.refine),
            ("/agents/{agent}/enter", self.enter),
            ("/agents/{agent}/train", self.train),
            ("/agents/{agent}/rollback", self.rollback),
            ("/agents/{agent}/automate", self.automate),
            ("/agents/{agent}/halt", self.halt),
            ("/sign-out", self.sign_out),
            ("/sign-out-everywhere", self.sign_out_everywhere),
            ("/keys/{digest}/drop", self.drop_key),
        ):
            router.add_api_route(path, form, methods=["POST"])
        return router

    def play(self, request: Request, caller: Caller, fields: Fields) -> Response:
        """Make an agent by one sentence and play a free Session; a visitor becomes a guest."""
        secret = "" if caller.account else people_of(request).new_guest()
        account = caller.account or self._people.principal(secret, "").may("play")
        wanted = AgentRequest(
            account="", name=_given(fields, "name") or self._new_name(account), prompt=_given(fields, "prompt")
        )
        agent = self._backend.create_agent(wanted, account)
        answer = _to("/sessions", self._backend.play_now(agent.id, _given(fields, "space")).session)
        if secret:
            remember(answer, request, secret)
        return answer

    def create(self, caller: Caller, fields: Fields) -> Response:
        """Make an agent."""
        account = caller.may("agents")
        wanted = AgentRequest(account="", name=_given(fields, "name"), prompt=_given(fields, "prompt"))
        return _to("/agents", self._backend.create_agent(wanted, account).id)

    def refine(self, agent: str, caller: Caller, fields: Fields) -> Response:
        """Give an agent one more prompt version."""
        caller.may_for(self._backend.owner_of(agent), "agents")
        return _to("/agents", self._backend.refine(agent, _given(fields, "prompt")).id)

    def enter(self, agent: str, caller: Caller, fields: Fields) -> Response:
        """Enter a Session; a free one is filled by the house. A form that lets one choose names the agent itself."""
        agent = _given(fields, "agent") or agent
        caller.may_for(self._backend.owner_of(agent), "play")
        space, tier = _given(fields, "space"), _given(fields, "tier")
        if any(t.name == tier and t.fee == "0" for t in self._backend.space(space).tiers):
            return _to("/sessions", self._backend.play_now(agent, space).session)
        return _to("/sessions", self._backend.queue(QueueRequest(agent=agent, space=space, tier=tier)).session)

    def train(self, agent: str, caller: Caller, fields: Fields) -> Response:
        """Ask for training."""
        caller.may_for(self._backend.owner_of(agent), "train")
        wanted = TrainingRequest(agent=agent, space=_given(fields, "space"))
        return _to("/trainings", self._backend.train(wanted).name)

    def rollback(self, agent: str, caller: Caller, fields: Fields) -> Response:
        """Serve what served before."""
        caller.may_for(self._backend.owner_of(agent), "agents")
        return _to("/agents", self._backend.rollback(agent, _given(fields, "space")).id)

    def automate(self, agent: str, caller: Caller, fields: Fields) -> Response:
        """Let an agent enter Sessions by itself."""
        caller.may_for(self._backend.owner_of(agent), "play")
        space, tier = _given(fields, "space"), _given(fields, "tier")
        decimals = next((t.decimals for t in self._backend.space(space).tiers if t.name == tier), 18)
        wanted = AutomationRequest(
            space=space,
            tier=tier,
            max_sessions=_number(fields, "max_sessions", 1_000),
            stop_loss=_amount(fields, "stop_loss", decimals),
            take_profit=_amount(fields, "take_profit", decimals),
            parallel=_number(fields, "parallel", 10),
        )
        self._backend.automate(agent, wanted)
        return _to("/agents", agent)

    def halt(self, agent: str, caller: Caller) -> Response:
        """Let an agent enter no more by itself."""
        caller.may_for(self._backend.owner_of(agent), "play")
        self._backend.halt(agent)
        return _to("/agents", agent)

    def sign_out(self, caller: Caller) -> Response:
        """End this browser's session."""
        self._people.leave(caller)
        return _signed_out()

    def sign_out_everywhere(self, caller: Caller) -> Response:
        """End every session of the account."""
        self._people.leave_everywhere(caller)
        return _signed_out()

    def drop_key(self, digest: str, caller: Caller) -> Response:
        """Let an API key be good for nothing any more."""
        self._people.drop_key(caller, digest)
        return RedirectResponse("/me", SEE_OTHER)

    def _new_name(self, account: Address) -> str:
        return guest_name(account, sum(agent.owner == account for agent in self._backend.agents()))


def _given(fields: Mapping[str, str], name: str) -> str:
    return fields.get(name, "").strip()


def _number(fields: Mapping[str, str], name: str, most: int) -> int:
    text = _given(fields, name)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Rejected(f"The field {name.replace('_', ' ')} takes a whole number from 1 to {most}.")
    return int(text)


def _amount(fields: Mapping[str, str], name: str, decimals: int) -> str | None:
    """Return an amount that somebody wrote in whole units, in smallest ones; None if the field is empty."""
    text = _given(fields, name)
    if not text:
        return None
    whole, _, rest = text.partition(".")
    if not (whole + rest).isdecimal() or len(rest) > decimals or len(whole) > MOST_DIGITS:
        raise Rejected(f"The field {name.replace('_', ' ')} takes an amount such as 0.004, or nothing.")
    return str(int((whole + rest.ljust(decimals, "0")) or "0"))


def _to(folder: str, name: str) -> RedirectResponse:
    """Return the way to one of our own pages; nothing a form says can lead elsewhere."""
    return RedirectResponse(f"{folder}/{quote(name, safe='')}", SEE_OTHER)


def _signed_out() -> Response:
    answer = RedirectResponse("/", SEE_OTHER)
    forget(answer)
    return answer
