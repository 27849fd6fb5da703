"""The client: every verb of a platform, over HTTP."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from fraction_sdk.errors import ApiError, Unreachable
from fraction_sdk.events import ServerSentEvent, read_events
from fraction_sdk.wire import (
    AccountRequest,
    AccountView,
    AgentRequest,
    AgentSummary,
    AgentView,
    AppealRequest,
    AppealView,
    AutomationRequest,
    AutomationView,
    CoachRequest,
    CoachView,
    HealthView,
    KeyRequest,
    KeyView,
    LeaderboardRow,
    LogEntryView,
    MoneyView,
    NodeView,
    PlayRequest,
    PromptRequest,
    QueueRequest,
    QueueView,
    ReceiptView,
    RollbackRequest,
    SessionSummary,
    SessionView,
    SharingRequest,
    SpaceDocument,
    SpaceView,
    TrainingRequest,
    TrainingView,
)

T = TypeVar("T")

STREAM_SILENCE_SECONDS = 40.0
"""The platform sends a heartbeat at least every 15 seconds; silence for longer means that it is gone."""

RECONNECT_SECONDS = 0.5


class Fraction:
    """A platform at a URL; each method is one verb.

    Every method raises `ApiError` with the platform's sentence when it refuses, and `Unreachable` when
    nobody answers.
    """

    def __init__(self, url: str, timeout_seconds: float = 60.0, key: str = "") -> None:
        """Ask the platform at `url`; whatever changes something needs a `key`."""
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # trust_env off: a platform on this machine is never behind a proxy
        self._http = httpx.Client(base_url=self.url, timeout=timeout_seconds, trust_env=False, headers=headers)

    def __enter__(self) -> "Fraction":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def health(self) -> HealthView:
        """Return whether the platform works, and on what it stands."""
        return self._get(HealthView, "/api/health")

    def spaces(self) -> list[SpaceView]:
        """Return the Spaces that are open for play."""
        return self._get(list[SpaceView], "/api/spaces")

    def space(self, space: str) -> SpaceView:
        """Return one Space."""
        return self._get(SpaceView, f"/api/spaces/{_part(space)}")

    def check_space(self, document: Mapping[str, object]) -> SpaceView:
        """Return the Space that a file's content describes; `ApiError` names the key that is wrong."""
        return self._post(SpaceView, "/api/spaces/check", SpaceDocument(document=dict(document)))

    def publish_space(self, document: Mapping[str, object]) -> SpaceView:
        """Publish a Space file's content and return it; publishing the same rules again changes nothing."""
        return self._post(SpaceView, "/api/spaces", SpaceDocument(document=dict(document)))

    def create_account(self, name: str) -> AccountView:
        """Return the embedded account called `name`, made and funded if it is new."""
        return self._post(AccountView, "/api/accounts", AccountRequest(name=name))

    def accounts(self) -> list[AccountView]:
        """Return the embedded accounts."""
        return self._get(list[AccountView], "/api/accounts")

    def create_guest(self) -> KeyView:
        """Return a new account with its key, for trying things out; give the key to another client."""
        return _parsed(KeyView, self._answer("POST", "/api/guests"))

    def make_key(self, label: str, scopes: Sequence[str]) -> KeyView:
        """Return a new API key of the account whose key this client has, with some of its scopes."""
        return self._post(KeyView, "/api/keys", KeyRequest(label=label, scopes=list(scopes)))

    def create_agent(
        self, account: str, name: str, prompt: str, model: str | None = None, shares: bool = False
    ) -> AgentView:
        """Return a new agent of `account`; empty stands for the account whose key this client has.

        `shares` lets other agents learn from its replies.
        """
        request = AgentRequest(account=account, name=name, prompt=prompt, model=model, shares=shares)
        return self._post(AgentView, "/api/agents", request)

    def agents(self) -> list[AgentSummary]:
        """Return all agents, oldest first."""
        return self._get(list[AgentSummary], "/api/agents")

    def agent(self, agent: str) -> AgentView:
        """Return an agent with its past in each Space."""
        return self._get(AgentView, f"/api/agents/{_part(agent)}")

    def refine(self, agent: str, prompt: str) -> AgentView:
        """Return the agent with one more prompt version."""
        return self._post(AgentView, f"/api/agents/{_part(agent)}/prompt", PromptRequest(prompt=prompt))

    def share(self, agent: str, shares: bool) -> AgentView:
        """Return the agent with its owner's consent given or withdrawn, for Sessions it enters from now on."""
        return self._post(AgentView, f"/api/agents/{_part(agent)}/sharing", SharingRequest(shares=shares))

    def rollback(self, agent: str, space: str) -> AgentView:
        """Return the agent with the adapter in `space` that served before the present one."""
        return self._post(AgentView, f"/api/agents/{_part(agent)}/rollback", RollbackRequest(space=space))

    def queue(self, agent: str, space: str, tier: str, once: str = "") -> str:
        """Pay the fee and return the id of the Session in which the agent will play.

        A repetition with the same text in `once` gets the same answer and pays nothing.
        """
        request = QueueRequest(agent=agent, space=space, tier=tier)
        return self._post(QueueView, "/api/queue", request, once).session

    def appeal(self, session: str, agent: str) -> str:
        """Contest an agent's score; return the bond that was paid, in the smallest unit of the Session's asset."""
        path = f"/api/sessions/{_part(session)}/appeals"
        return self._post(AppealView, path, AppealRequest(agent=agent)).bond

    def play_now(self, agent: str, space: str) -> str:
        """Enter a free Session that the house fills at once; return its id."""
        return self._post(QueueView, "/api/play", PlayRequest(agent=agent, space=space)).session

    def automate(self, agent: str, request: AutomationRequest) -> AutomationView:
        """Let an agent enter Sessions by itself, within limits."""
        return self._post(AutomationView, f"/api/agents/{_part(agent)}/automation", request)

    def halt(self, agent: str) -> AutomationView:
        """Let an agent enter no more by itself."""
        return _parsed(AutomationView, self._answer("DELETE", f"/api/agents/{_part(agent)}/automation"))

    def automation(self, agent: str) -> AutomationView:
        """Return what an agent does by itself and what has come of it."""
        return self._get(AutomationView, f"/api/agents/{_part(agent)}/automation")

    def coach(self, agent: str, space: str, prompt: str | None = None) -> CoachView:
        """Return where an agent lost most in its last Session, and what a changed prompt makes of the same tasks."""
        return self._post(CoachView, f"/api/agents/{_part(agent)}/coach", CoachRequest(space=space, prompt=prompt))

    def sessions(self) -> list[SessionSummary]:
        """Return all Sessions, newest first."""
        return self._get(list[SessionSummary], "/api/sessions")

    def session(self, session: str) -> SessionView:
        """Return everything public about a Session."""
        return self._get(SessionView, f"/api/sessions/{_part(session)}")

    def session_events(self, session: str, after: int = 0, patience_seconds: float = 30.0) -> Iterator[LogEntryView]:
        """Yield the entries of a Session's log as they come, from entry `after` + 1 until it is over.

        A connection that breaks is taken up again where it broke, as long as the platform is back within
        `patience_seconds`.
        """
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                for event in self._stream(f"/api/sessions/{_part(session)}/events", after):
                    if event.event == "end":
                        return
                    entry = LogEntryView.model_validate_json(event.data)
                    after, deadline = entry.length, time.monotonic() + patience_seconds
                    yield entry
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    raise self._unreachable() from error
            if time.monotonic() > deadline:
                raise self._unreachable()
            time.sleep(RECONNECT_SECONDS)

    def bundle(self, session: str) -> bytes:
        """Return the bundle from which anyone replays the Session; JSON."""
        return self._bytes(f"/api/sessions/{_part(session)}/bundle")

    def train(self, agent: str, space: str) -> TrainingView:
        """Ask for a weight update; return what is known of it so far."""
        return self._post(TrainingView, "/api/trainings", TrainingRequest(agent=agent, space=space))

    def trainings(self) -> list[TrainingView]:
        """Return all trainings, newest first."""
        return self._get(list[TrainingView], "/api/trainings")

    def training(self, name: str) -> TrainingView:
        """Return one training."""
        return self._get(TrainingView, f"/api/trainings/{_part(name)}")

    def leaderboard(self, space: str | None = None) -> list[LeaderboardRow]:
        """Return the agents by average score in `space`, or over all Spaces."""
        query = "" if space is None else str(httpx.QueryParams({"space": space}))
        return self._get(list[LeaderboardRow], f"/api/leaderboard?{query}")

    def receipts(self, of: str | None = None) -> list[ReceiptView]:
        """Return every payment and slash, newest first; of one account, agent, Session or training, or all."""
        query = "" if of is None else str(httpx.QueryParams({"of": of}))
        return self._get(list[ReceiptView], f"/api/receipts?{query}")

    def nodes(self) -> list[NodeView]:
        """Return the staked nodes."""
        return self._get(list[NodeView], "/api/nodes")

    def money(self) -> MoneyView:
        """Return the books, against the chain."""
        return self._get(MoneyView, "/api/money")

    def blob(self, digest: str) -> bytes:
        """Return the bytes whose SHA-256 is `digest`."""
        return self._bytes(f"/blobs/{_part(digest)}")

    def _stream(self, path: str, after: int) -> Iterator[ServerSentEvent]:
        headers = {"Last-Event-ID": str(after)}
        with self._http.stream("GET", path, headers=headers, timeout=STREAM_SILENCE_SECONDS) as answer:
            if answer.is_error:
                answer.read()
                raise _api_error(answer)
            yield from read_events(answer.iter_lines())

    def _get(self, kind: type[T], path: str) -> T:
        return _parsed(kind, self._answer("GET", path))

    def _post(self, kind: type[T], path: str, message: BaseModel, once: str = "") -> T:
        return _parsed(kind, self._answer("POST", path, message, once))

    def _bytes(self, path: str) -> bytes:
        return self._answer("GET", path).content

    def _answer(self, method: str, path: str, message: BaseModel | None = None, once: str = "") -> httpx.Response:
        body = None if message is None else message.model_dump_json()
        headers = {} if message is None else {"Content-Type": "application/json"}
        headers |= {"Idempotency-Key": once} if once else {}
        try:
            answer = self._http.request(method, path, content=body, headers=headers)
        except httpx.TimeoutException as error:
            raise Unreachable(f"The platform at {self.url} took too long to answer; ask again.") from error
        except httpx.TransportError as error:
            raise self._unreachable() from error
        if answer.is_error:
            raise _api_error(answer)
        return answer

    def _unreachable(self) -> Unreachable:
        return Unreachable(f"No platform answers at {self.url}; start one with `fraction up`.")


def _part(name: str) -> str:
    return quote(name, safe="")


def _parsed(kind: type[T], answer: httpx.Response) -> T:
    try:
        return TypeAdapter(kind).validate_json(answer.content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
        raise ApiError(
            answer.status_code,
            f"What answers at {answer.url} does not speak this version of the API (at {where!r}); "
            "use a client and a platform of the same version.",
        ) from error


def _api_error(answer: httpx.Response) -> ApiError:
    retry_after = answer.headers.get("Retry-After", "")
    try:
        detail = str(json.loads(answer.content)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"{answer.url} answered with HTTP status {answer.status_code} and no explanation."
    return ApiError(answer.status_code, detail, int(retry_after) if retry_after.isdigit() else None)
