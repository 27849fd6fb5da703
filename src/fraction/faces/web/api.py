"""The JSON API: one route for each verb. Routes only translate; the backend does the work."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from fraction.app.tokens import SCOPES
from fraction.base import Address, NotFound
from fraction.faces.web.backend import Backend
from fraction.faces.web.callers import Caller, limited
from fraction.faces.web.description import PROBLEMS
from fraction.faces.web.once import MAX_KEY_CHARACTERS
from fraction.faces.web.paging import Slice
from fraction.faces.web.people import NotAllowed, People, Principal
from fraction.faces.web.streams import (
    Changes,
    Stopping,
    event_stream,
    live_events,
    log_length_of,
    stream_of,
    with_heartbeat,
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

PREFIX = "/v1"
"""What every route of this version begins with; fields may be added to it, and nothing else changes."""

_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_BUNDLE = {"application/json": {"schema": {"type": "object"}}}
_EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}

IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A blob's address is its content's digest, so it never changes."""

CHANGING = [Depends(limited)]
"""What routes that change something depend on."""

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID")]

IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=MAX_KEY_CHARACTERS)]


def api_routes(backend: Backend, people: People, changes: Changes, stopping: Stopping) -> APIRouter:
    """Return all routes of the API over `backend`, with what `people` may do there."""
    router = APIRouter(prefix=PREFIX, responses=PROBLEMS)
    _add_world(router, backend)
    _add_spaces(router, backend)
    _add_people(router, backend, people)
    _add_agents(router, backend, people)
    _add_practice(router, backend)
    _add_sessions(router, backend)
    _add_streams(router, backend, changes, stopping)
    _add_trainings(router, backend)
    return router


def blob_routes(backend: Backend) -> APIRouter:
    """Return the route of blobs; it has no version, as what it serves is named by its own digest."""
    router = APIRouter(responses=PROBLEMS)

    @router.get("/blobs/{digest}", response_class=Response, responses={200: {"content": _BYTES}})
    @router.head("/blobs/{digest}", include_in_schema=False)
    def blob(digest: str) -> Response:
        return Response(backend.blob(digest), media_type="application/octet-stream", headers=IMMUTABLE)

    return router


def _add_spaces(router: APIRouter, backend: Backend) -> None:
    @router.get("/spaces")
    def spaces(slice: Slice) -> list[SpaceView]:
        return slice.of(backend.spaces(), lambda s: s.id)

    @router.post("/spaces/check")
    def check_space(request: SpaceDocument) -> SpaceView:
        return backend.check_space(request.document)

    @router.post("/spaces", dependencies=CHANGING)
    def publish_space(request: SpaceDocument, caller: Caller) -> SpaceView:
        if not caller.is_operator:
            raise NotAllowed("Only the operator publishes a Space; send its directory to the operator.")
        return backend.publish_space(request.document)

    @router.get("/spaces/{space}")
    def space(space: str) -> SpaceView:
        return backend.space(space)


def _add_world(router: APIRouter, backend: Backend) -> None:
    @router.get("/health")
    def health() -> HealthView:
        return backend.health()

    @router.get("/leaderboard")
    def leaderboard(slice: Slice, space: Annotated[str | None, Query(max_length=100)] = None) -> list[LeaderboardRow]:
        return slice.of(backend.leaderboard(space), lambda row: row.agent)

    @router.get("/receipts")
    def receipts(slice: Slice, of: Annotated[str | None, Query(max_length=100)] = None) -> list[ReceiptView]:
        return slice.of_log(backend.receipts(of))

    @router.get("/nodes")
    def nodes(slice: Slice) -> list[NodeView]:
        return slice.of(backend.nodes(), lambda n: f"{n.role}/{n.address}")

    @router.get("/money")
    def money() -> MoneyView:
        return backend.money()


def _add_people(router: APIRouter, backend: Backend, people: People) -> None:
    @router.get("/accounts")
    def accounts(slice: Slice, caller: Caller) -> list[AccountView]:
        mine = backend.accounts() if caller.is_operator else [backend.account(caller.whoever())]
        return slice.of(mine, lambda account: account.address)

    @router.post("/accounts", dependencies=CHANGING)
    def create_account(request: AccountRequest, caller: Caller) -> AccountView:
        if not caller.is_operator:
            raise NotAllowed("Only the operator names embedded accounts; become a guest with POST /v1/guests.")
        return backend.create_account(request.name)

    @router.post("/guests", status_code=201, dependencies=CHANGING)
    def create_guest() -> KeyView:
        guest = people.principal(people.new_guest(), "")
        return KeyView(account=guest.may("account"), key=people.make_key(guest, "guest", SCOPES), scopes=list(SCOPES))

    @router.post("/keys", status_code=201, dependencies=CHANGING)
    def make_key(request: KeyRequest, caller: Caller) -> KeyView:
        account = caller.may("account")
        scopes = tuple(request.scopes)
        return KeyView(account=account, key=people.make_key(caller, request.label, scopes), scopes=list(scopes))


def _add_agents(router: APIRouter, backend: Backend, people: People) -> None:
    @router.get("/agents")
    def agents(slice: Slice) -> list[AgentSummary]:
        return slice.of(backend.agents(), lambda a: a.id)

    @router.post("/agents", status_code=201, dependencies=CHANGING)
    def create_agent(request: AgentRequest, caller: Caller) -> AgentView:
        return backend.create_agent(request, _owner(request.account, caller, people))

    @router.get("/agents/{agent}")
    def agent(agent: str) -> AgentView:
        return backend.agent(agent)

    @router.post("/agents/{agent}/prompt", dependencies=CHANGING)
    def refine(agent: str, request: PromptRequest, caller: Caller) -> AgentView:
        caller.may_for(backend.owner_of(agent), "agents")
        return backend.refine(agent, request.prompt)

    @router.post("/agents/{agent}/sharing", dependencies=CHANGING)
    def share(agent: str, request: SharingRequest, caller: Caller) -> AgentView:
        caller.may_for(backend.owner_of(agent), "agents")
        return backend.share(agent, request.shares)

    @router.post("/agents/{agent}/rollback", dependencies=CHANGING)
    def rollback(agent: str, request: RollbackRequest, caller: Caller) -> AgentView:
        caller.may_for(backend.owner_of(agent), "agents")
        return backend.rollback(agent, request.space)


def _add_practice(router: APIRouter, backend: Backend) -> None:
    @router.get("/agents/{agent}/automation")
    def automation(agent: str) -> AutomationView:
        found = backend.automation(agent)
        if found is None:
            raise NotFound("That agent was never automated.")
        return found

    @router.post("/agents/{agent}/automation", dependencies=CHANGING)
    def automate(agent: str, request: AutomationRequest, caller: Caller) -> AutomationView:
        caller.may_for(backend.owner_of(agent), "play")
        return backend.automate(agent, request)

    @router.delete("/agents/{agent}/automation", dependencies=CHANGING)
    def halt(agent: str, caller: Caller) -> AutomationView:
        caller.may_for(backend.owner_of(agent), "play")
        return backend.halt(agent)

    @router.post("/agents/{agent}/coach", dependencies=CHANGING)
    def coach(agent: str, request: CoachRequest, caller: Caller) -> CoachView:
        caller.may_for(backend.owner_of(agent), "agents")
        return backend.coach(agent, request)


def _owner(named: str, caller: Principal, people: People) -> Address:
    """Return for whom an agent is made: whoever asks, or the embedded account that the operator names."""
    if not named and not caller.is_operator:
        return caller.may("agents")
    owner = people.address_of(named)
    if owner is None:
        raise NotFound(f"There is no account {named!r}; create it first.")
    caller.may_for(owner, "agents")
    return owner


def _add_sessions(router: APIRouter, backend: Backend) -> None:
    @router.post("/queue", dependencies=CHANGING)
    def queue(request: QueueRequest, caller: Caller, key: IdempotencyKey = "") -> QueueView:
        caller.may_for(backend.owner_of(request.agent), "play")
        return backend.once(_who(caller), key, request, QueueView, lambda: backend.queue(request))

    @router.post("/play", dependencies=CHANGING)
    def play_now(request: PlayRequest, caller: Caller, key: IdempotencyKey = "") -> QueueView:
        caller.may_for(backend.owner_of(request.agent), "play")
        return backend.once(
            _who(caller), key, request, QueueView, lambda: backend.play_now(request.agent, request.space)
        )

    @router.get("/sessions")
    def sessions(slice: Slice) -> list[SessionSummary]:
        return slice.of(backend.sessions(), lambda s: s.id)

    @router.get("/sessions/{session}")
    def session(session: str) -> SessionView:
        return backend.session(session)

    @router.post("/sessions/{session}/appeals", dependencies=CHANGING)
    def appeal(session: str, request: AppealRequest, caller: Caller, key: IdempotencyKey = "") -> AppealView:
        caller.may_for(backend.owner_of(request.agent), "play")
        who = f"{_who(caller)} in {session}"
        return backend.once(who, key, request, AppealView, lambda: backend.appeal(session, request))

    @router.get("/sessions/{session}/bundle", response_class=Response, responses={200: {"content": _BUNDLE}})
    def bundle(session: str) -> Response:
        payload = backend.bundle(session)
        name = "".join(c for c in session if c.isascii() and (c.isalnum() or c == "-"))
        headers = {"Content-Disposition": f'attachment; filename="session-{name}.json"'}
        return Response(payload, media_type="application/json", headers=headers)


def _who(caller: Principal) -> str:
    return caller.account or "operator"


def _add_streams(router: APIRouter, backend: Backend, changes: Changes, stopping: Stopping) -> None:
    @router.get("/sessions/{session}/events", response_class=StreamingResponse, responses={200: {"content": _EVENTS}})
    async def session_events(session: str, last_event_id: LastEventId = None) -> StreamingResponse:
        await run_in_threadpool(backend.log, session, 0)  # an unknown Session is an error, not a stream
        after = log_length_of(last_event_id)
        stream = stream_of(backend, changes, session, after, stopping)
        return event_stream(with_heartbeat(stream))

    @router.get("/live", response_class=StreamingResponse, responses={200: {"content": _EVENTS}})
    async def live(last_event_id: LastEventId = None) -> StreamingResponse:
        return event_stream(with_heartbeat(live_events(changes, last_event_id, stopping)))


def _add_trainings(router: APIRouter, backend: Backend) -> None:
    @router.post("/trainings", dependencies=CHANGING)
    def train(request: TrainingRequest, caller: Caller, key: IdempotencyKey = "") -> TrainingView:
        caller.may_for(backend.owner_of(request.agent), "train")
        return backend.once(_who(caller), key, request, TrainingView, lambda: backend.train(request))

    @router.get("/trainings")
    def trainings(slice: Slice) -> list[TrainingView]:
        return slice.of(backend.trainings(), lambda t: t.name)

    @router.get("/trainings/{name}")
    def training(name: str) -> TrainingView:
        return backend.training(name)
