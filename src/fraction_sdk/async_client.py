"""The client for asyncio: the same verbs as `fraction_sdk.client`, each to be awaited."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import TypeVar

import httpx

from fraction_sdk.events import ServerSentEvent, read_events_async
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


class AsyncFraction:
    """A platform at a URL; each method is one verb.

    Every method raises `ApiError` with the platform's sentence when it refuses, and `Unreachable` when
    nobody answers.
    """

    def __init__(self, url: str, timeout_seconds: float = 60.0, key: str = "") -> None:
        """Ask the platform at `url`; whatever changes something needs a `key`."""
        self.url = url.rstrip("/")
        # trust_env off: a platform on this machine is never behind a proxy
        self._http = httpx.AsyncClient(
            base_url=self.url, timeout=timeout_seconds, trust_env=False, headers=key_headers(key)
        )

    async def __aenter__(self) -> "AsyncFraction":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def health(self) -> HealthView:
        """Return whether the platform works, and on what it stands."""
        return await self._do(get(HealthView, "health"))

    async def spaces(self) -> list[SpaceView]:
        """Return the Spaces that are open for play."""
        return await self._list(get(list[SpaceView], "spaces"))

    async def space(self, space: str) -> SpaceView:
        """Return one Space."""
        return await self._do(get(SpaceView, "spaces", space))

    async def check_space(self, document: Mapping[str, object]) -> SpaceView:
        """Return the Space that a file's content describes; `ApiError` names the key that is wrong."""
        return await self._do(post(SpaceView, "spaces", "check", message=SpaceDocument(document=dict(document))))

    async def publish_space(self, document: Mapping[str, object]) -> SpaceView:
        """Publish a Space file's content and return it; publishing the same rules again changes nothing."""
        return await self._do(post(SpaceView, "spaces", message=SpaceDocument(document=dict(document))))

    async def create_account(self, name: str) -> AccountView:
        """Return the embedded account called `name`, made and funded if it is new."""
        return await self._do(post(AccountView, "accounts", message=AccountRequest(name=name)))

    async def accounts(self) -> list[AccountView]:
        """Return the account whose key this client has; for the operator, all embedded ones."""
        return await self._list(get(list[AccountView], "accounts"))

    async def create_guest(self) -> KeyView:
        """Return a new account with its key, for trying things out; give the key to another client."""
        return await self._do(post(KeyView, "guests"))

    async def make_key(self, label: str, scopes: Sequence[str]) -> KeyView:
        """Return a new API key of the account whose key this client has, with some of its scopes."""
        return await self._do(post(KeyView, "keys", message=KeyRequest(label=label, scopes=list(scopes))))

    async def create_agent(
        self, account: str, name: str, prompt: str, model: str | None = None, shares: bool = False
    ) -> AgentView:
        """Return a new agent of `account`; empty stands for the account whose key this client has.

        `shares` lets other agents learn from its replies.
        """
        request = AgentRequest(account=account, name=name, prompt=prompt, model=model, shares=shares)
        return await self._do(post(AgentView, "agents", message=request))

    async def agents(self) -> list[AgentSummary]:
        """Return all agents, oldest first."""
        return await self._list(get(list[AgentSummary], "agents"))

    async def agent(self, agent: str) -> AgentView:
        """Return an agent with its past in each Space."""
        return await self._do(get(AgentView, "agents", agent))

    async def refine(self, agent: str, prompt: str) -> AgentView:
        """Return the agent with one more prompt version."""
        return await self._do(post(AgentView, "agents", agent, "prompt", message=PromptRequest(prompt=prompt)))

    async def share(self, agent: str, shares: bool) -> AgentView:
        """Return the agent with its owner's consent given or withdrawn, for Sessions it enters from now on."""
        return await self._do(post(AgentView, "agents", agent, "sharing", message=SharingRequest(shares=shares)))

    async def rollback(self, agent: str, space: str) -> AgentView:
        """Return the agent with the adapter in `space` that served before the present one."""
        return await self._do(post(AgentView, "agents", agent, "rollback", message=RollbackRequest(space=space)))

    async def queue(self, agent: str, space: str, tier: str, once: str = "") -> str:
        """Pay the fee and return the id of the Session in which the agent will play.

        A repetition with the same text in `once` gets the same answer and pays nothing.
        """
        request = QueueRequest(agent=agent, space=space, tier=tier)
        return (await self._do(post(QueueView, "queue", message=request, once=once))).session

    async def appeal(self, session: str, agent: str, once: str = "") -> str:
        """Contest an agent's score; return the bond that was paid, in the smallest unit of the Session's asset."""
        message = AppealRequest(agent=agent)
        return (await self._do(post(AppealView, "sessions", session, "appeals", message=message, once=once))).bond

    async def play_now(self, agent: str, space: str, once: str = "") -> str:
        """Enter a free Session that the house fills at once; return its id."""
        request = PlayRequest(agent=agent, space=space)
        return (await self._do(post(QueueView, "play", message=request, once=once))).session

    async def automate(self, agent: str, request: AutomationRequest) -> AutomationView:
        """Let an agent enter Sessions by itself, within limits."""
        return await self._do(post(AutomationView, "agents", agent, "automation", message=request))

    async def halt(self, agent: str) -> AutomationView:
        """Let an agent enter no more by itself."""
        return await self._do(delete(AutomationView, "agents", agent, "automation"))

    async def automation(self, agent: str) -> AutomationView:
        """Return what an agent does by itself and what has come of it."""
        return await self._do(get(AutomationView, "agents", agent, "automation"))

    async def coach(self, agent: str, space: str, prompt: str | None = None) -> CoachView:
        """Return where an agent lost most in its last Session, and what a changed prompt makes of the same tasks."""
        return await self._do(
            post(CoachView, "agents", agent, "coach", message=CoachRequest(space=space, prompt=prompt))
        )

    async def sessions(self) -> list[SessionSummary]:
        """Return all Sessions, newest first."""
        return await self._list(get(list[SessionSummary], "sessions"))

    async def session(self, session: str) -> SessionView:
        """Return everything public about a Session."""
        return await self._do(get(SessionView, "sessions", session))

    async def session_events(
        self, session: str, after: int = 0, patience_seconds: float = 30.0
    ) -> AsyncIterator[LogEntryView]:
        """Yield the entries of a Session's log as they come, from entry `after` + 1 until it is over.

        A connection that breaks is taken up again where it broke, as long as the platform is back within
        `patience_seconds`.
        """
        ask = get(LogEntryView, "sessions", session, "events")
        deadline = time.monotonic() + patience_seconds
        while True:
            trouble: httpx.TransportError = httpx.ReadError("the stream ended")
            try:
                async for event in self._stream(ask, after):
                    if event.event == "end":
                        return
                    entry = LogEntryView.model_validate_json(event.data)
                    after, deadline = entry.length, time.monotonic() + patience_seconds
                    yield entry
            except httpx.TransportError as error:
                trouble = error
            if time.monotonic() > deadline:
                raise trouble_of(self.url, trouble)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def bundle(self, session: str) -> bytes:
        """Return the bundle from which anyone replays the Session; JSON."""
        return await self._do(get(bytes, "sessions", session, "bundle"))

    async def train(self, agent: str, space: str, once: str = "") -> TrainingView:
        """Ask for a weight update; return what is known of it so far."""
        request = TrainingRequest(agent=agent, space=space)
        return await self._do(post(TrainingView, "trainings", message=request, once=once))

    async def trainings(self) -> list[TrainingView]:
        """Return all trainings, newest first."""
        return await self._list(get(list[TrainingView], "trainings"))

    async def training(self, name: str) -> TrainingView:
        """Return one training."""
        return await self._do(get(TrainingView, "trainings", name))

    async def leaderboard(self, space: str | None = None) -> list[LeaderboardRow]:
        """Return the agents by average score in `space`, or over all Spaces."""
        return await self._list(get(list[LeaderboardRow], "leaderboard", space=space))

    async def receipts(self, of: str | None = None) -> list[ReceiptView]:
        """Return every payment and slash, newest first; of one account, agent, Session or training, or all."""
        return await self._list(get(list[ReceiptView], "receipts", of=of))

    async def nodes(self) -> list[NodeView]:
        """Return the staked nodes."""
        return await self._list(get(list[NodeView], "nodes"))

    async def money(self) -> MoneyView:
        """Return the books, against the chain."""
        return await self._do(get(MoneyView, "money"))

    async def blob(self, digest: str) -> bytes:
        """Return the bytes whose SHA-256 is `digest`."""
        return await self._do(get(bytes, "blobs", digest))

    async def _stream(self, ask: Ask[LogEntryView], after: int) -> AsyncIterator[ServerSentEvent]:
        headers = {"Last-Event-ID": str(after)}
        async with self._http.stream(ask.method, ask.path, headers=headers, timeout=STREAM_SILENCE_SECONDS) as answer:
            if answer.is_error:
                await answer.aread()
                raise refusal_of(answer)
            async for event in read_events_async(answer.aiter_lines()):
                yield event

    async def _do(self, ask: Ask[T]) -> T:
        return ask.read(await self._answer(ask, ask.path, ask.query))

    async def _list(self, ask: Ask[list[T]]) -> list[T]:
        """Return all pages of a list in one."""
        answer = await self._answer(ask, ask.path, {**ask.query, "limit": str(PAGE)})
        found = ask.read(answer)
        while (following := next_path(answer)) is not None:
            answer = await self._answer(ask, following, {})
            found += ask.read(answer)
        return found

    async def _answer(self, ask: Ask[T], path: str, query: Mapping[str, str]) -> httpx.Response:
        try:
            return await self._http.request(
                ask.method, path, params=query or None, content=ask.body, headers=ask.headers
            )
        except httpx.TransportError as error:
            raise trouble_of(self.url, error) from error
