"""The client: every verb of a platform, over HTTP; `fraction_sdk.async_client` has the same for asyncio."""

import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TypeVar

import httpx

from fraction_sdk.events import ServerSentEvent, read_events
from fraction_sdk.exchange import (
    PAGE,
    RECONNECT_SECONDS,
    STREAM_SILENCE_SECONDS,
    Ask,
    delete,
    get,
    key_headers,
    next_path,
    post,
    refusal_of,
    trouble_of,
)
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


class Fraction:
    """A platform at a URL; each method is one verb.

    Every method raises `ApiError` with the platform's sentence when it refuses, and `Unreachable` when
    nobody answers.
    """

    def __init__(self, url: str, timeout_seconds: float = 60.0, key: str = "") -> None:
        """Ask the platform at `url`; whatever changes something needs a `key`."""
        self.url = url.rstrip("/")
        # trust_env off: a platform on this machine is never behind a proxy
        self._http = httpx.Client(base_url=self.url, timeout=timeout_seconds, trust_env=False, headers=key_headers(key))

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
        return self._do(get(HealthView, "health"))

    def spaces(self) -> list[SpaceView]:
        """Return the Spaces that are open for play."""
        return self._list(get(list[SpaceView], "spaces"))

    def space(self, space: str) -> SpaceView:
        """Return one Space."""
        return self._do(get(SpaceView, "spaces", space))

    def check_space(self, document: Mapping[str, object]) -> SpaceView:
        """Return the Space that a file's content describes; `ApiError` names the key that is wrong."""
        return self._do(post(SpaceView, "spaces", "check", message=SpaceDocument(document=dict(document))))

    def publish_space(self, document: Mapping[str, object]) -> SpaceView:
        """Publish a Space file's content and return it; publishing the same rules again changes nothing."""
        return self._do(post(SpaceView, "spaces", message=SpaceDocument(document=dict(document))))

    def create_account(self, name: str) -> AccountView:
        """Return the embedded account called `name`, made and funded if it is new."""
        return self._do(post(AccountView, "accounts", message=AccountRequest(name=name)))

    def accounts(self) -> list[AccountView]:
        """Return the account whose key this client has; for the operator, all embedded ones."""
        return self._list(get(list[AccountView], "accounts"))

    def create_guest(self) -> KeyView:
        """Return a new account with its key, for trying things out; give the key to another client."""
        return self._do(post(KeyView, "guests"))

    def make_key(self, label: str, scopes: Sequence[str]) -> KeyView:
        """Return a new API key of the account whose key this client has, with some of its scopes."""
        return self._do(post(KeyView, "keys", message=KeyRequest(label=label, scopes=list(scopes))))

    def create_agent(
        self, account: str, name: str, prompt: str, model: str | None = None, shares: bool = False
    ) -> AgentView:
        """Return a new agent of `account`; empty stands for the account whose key this client has.

        `shares` lets other agents learn from its replies.
        """
        request = AgentRequest(account=account, name=name, prompt=prompt, model=model, shares=shares)
        return self._do(post(AgentView, "agents", message=request))

    def agents(self) -> list[AgentSummary]:
        """Return all agents, oldest first."""
        return self._list(get(list[AgentSummary], "agents"))

    def agent(self, agent: str) -> AgentView:
        """Return an agent with its past in each Space."""
        return self._do(get(AgentView, "agents", agent))

    def refine(self, agent: str, prompt: str) -> AgentView:
        """Return the agent with one more prompt version."""
        return self._do(post(AgentView, "agents", agent, "prompt", message=PromptRequest(prompt=prompt)))

    def share(self, agent: str, shares: bool) -> AgentView:
        """Return the agent with its owner's consent given or withdrawn, for Sessions it enters from now on."""
        return self._do(post(AgentView, "agents", agent, "sharing", message=SharingRequest(shares=shares)))

    def rollback(self, agent: str, space: str) -> AgentView:
        """Return the agent with the adapter in `space` that served before the present one."""
        return self._do(post(AgentView, "agents", agent, "rollback", message=RollbackRequest(space=space)))

    def queue(self, agent: str, space: str, tier: str, once: str = "") -> str:
        """Pay the fee and return the id of the Session in which the agent will play.

        A repetition with the same text in `once` gets the same answer and pays nothing.
        """
        request = QueueRequest(agent=agent, space=space, tier=tier)
        return self._do(post(QueueView, "queue", message=request, once=once)).session

    def appeal(self, session: str, agent: str, once: str = "") -> str:
        """Contest an agent's score; return the bond that was paid, in the smallest unit of the Session's asset."""
        message = AppealRequest(agent=agent)
        return self._do(post(AppealView, "sessions", session, "appeals", message=message, once=once)).bond

    def play_now(self, agent: str, space: str, once: str = "") -> str:
        """Enter a free Session that the house fills at once; return its id."""
        request = PlayRequest(agent=agent, space=space)
        return self._do(post(QueueView, "play", message=request, once=once)).session

    def automate(self, agent: str, request: AutomationRequest) -> AutomationView:
        """Let an agent enter Sessions by itself, within limits."""
        return self._do(post(AutomationView, "agents", agent, "automation", message=request))

    def halt(self, agent: str) -> AutomationView:
        """Let an agent enter no more by itself."""
        return self._do(delete(AutomationView, "agents", agent, "automation"))

    def automation(self, agent: str) -> AutomationView:
        """Return what an agent does by itself and what has come of it."""
        return self._do(get(AutomationView, "agents", agent, "automation"))

    def coach(self, agent: str, space: str, prompt: str | None = None) -> CoachView:
        """Return where an agent lost most in its last Session, and what a changed prompt makes of the same tasks."""
        return self._do(post(CoachView, "agents", agent, "coach", message=CoachRequest(space=space, prompt=prompt)))

    def sessions(self) -> list[SessionSummary]:
        """Return all Sessions, newest first."""
        return self._list(get(list[SessionSummary], "sessions"))

    def session(self, session: str) -> SessionView:
        """Return everything public about a Session."""
        return self._do(get(SessionView, "sessions", session))

    def session_events(self, session: str, after: int = 0, patience_seconds: float = 30.0) -> Iterator[LogEntryView]:
        """Yield the entries of a Session's log as they come, from entry `after` + 1 until it is over.

        A connection that breaks is taken up again where it broke, as long as the platform is back within
        `patience_seconds`.
        """
        ask = get(LogEntryView, "sessions", session, "events")
        deadline = time.monotonic() + patience_seconds
        while True:
            trouble: httpx.TransportError = httpx.ReadError("the stream ended")
            try:
                for event in self._stream(ask, after):
                    if event.event == "end":
                        return
                    entry = LogEntryView.model_validate_json(event.data)
                    after, deadline = entry.length, time.monotonic() + patience_seconds
                    yield entry
            except httpx.TransportError as error:
                trouble = error
            if time.monotonic() > deadline:
                raise trouble_of(self.url, trouble)
            time.sleep(RECONNECT_SECONDS)

    def bundle(self, session: str) -> bytes:
        """Return the bundle from which anyone replays the Session; JSON."""
        return self._do(get(bytes, "sessions", session, "bundle"))

    def train(self, agent: str, space: str, once: str = "") -> TrainingView:
        """Ask for a weight update; return what is known of it so far."""
        request = TrainingRequest(agent=agent, space=space)
        return self._do(post(TrainingView, "trainings", message=request, once=once))

    def trainings(self) -> list[TrainingView]:
        """Return all trainings, newest first."""
        return self._list(get(list[TrainingView], "trainings"))

    def training(self, name: str) -> TrainingView:
        """Return one training."""
        return self._do(get(TrainingView, "trainings", name))

    def leaderboard(self, space: str | None = None) -> list[LeaderboardRow]:
        """Return the agents by average score in `space`, or over all Spaces."""
        return self._list(get(list[LeaderboardRow], "leaderboard", space=space))

    def receipts(self, of: str | None = None) -> list[ReceiptView]:
        """Return every payment and slash, newest first; of one account, agent, Session or training, or all."""
        return self._list(get(list[ReceiptView], "receipts", of=of))

    def nodes(self) -> list[NodeView]:
        """Return the staked nodes."""
        return self._list(get(list[NodeView], "nodes"))

    def money(self) -> MoneyView:
        """Return the books, against the chain."""
        return self._do(get(MoneyView, "money"))

    def blob(self, digest: str) -> bytes:
        """Return the bytes whose SHA-256 is `digest`."""
        return self._do(get(bytes, "blobs", digest))

    def _stream(self, ask: Ask[LogEntryView], after: int) -> Iterator[ServerSentEvent]:
        headers = {"Last-Event-ID": str(after)}
        with self._http.stream(ask.method, ask.path, headers=headers, timeout=STREAM_SILENCE_SECONDS) as answer:
            if answer.is_error:
                answer.read()
                raise refusal_of(answer)
            yield from read_events(answer.iter_lines())

    def _do(self, ask: Ask[T]) -> T:
        return ask.read(self._answer(ask, ask.path, ask.query))

    def _list(self, ask: Ask[list[T]]) -> list[T]:
        """Return all pages of a list in one."""
        answer = self._answer(ask, ask.path, {**ask.query, "limit": str(PAGE)})
        found = ask.read(answer)
        while (following := next_path(answer)) is not None:
            answer = self._answer(ask, following, {})
            found += ask.read(answer)
        return found

    def _answer(self, ask: Ask[T], path: str, query: Mapping[str, str]) -> httpx.Response:
        try:
            return self._http.request(ask.method, path, params=query or None, content=ask.body, headers=ask.headers)
        except httpx.TransportError as error:
            raise trouble_of(self.url, error) from error
