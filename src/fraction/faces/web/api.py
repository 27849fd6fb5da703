"""The JSON API: one route for each verb. Routes only translate; the backend does the work."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from fraction.app.tokens import SCOPES
from fraction.base import Address, NotFound
from fraction.faces.web.backend import Backend
from fraction.faces.web.callers import Caller, limited
from fraction.faces.web.once import MAX_KEY_CHARACTERS
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
    Problem,
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

_PROBLEM_JSON = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A blob's address is its content's digest, so it never changes."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "Refused; the detail says why and what to do.", "content": _PROBLEM_JSON},
    "503": {"model": Problem, "description": "Not available now; ask again.", "content": _PROBLEM_JSON},
}
"""How every route answers when it refuses."""

CHANGING = [Depends(limited)]
"""What routes that change something depend on."""

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID")]

IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=MAX_KEY_CHARACTERS)]


def api_routes(backend: Backend, people: People, changes: Changes, stopping: Stopping) -> APIRouter:
    """Return all routes of the API over `backend`, with what `people` may do there."""
    router = APIRouter(responses=PROBLEMS)
    _add_world(router, backend)
    _add_spaces(router, backend)
    _add_people(router, backend, people)
    _add_agents(router, backend, people)
    _add_practice(router, backend)
    _add_sessions(router, backend)
    _add_streams(router, backend, changes, stopping)
    _add_trainings(router, backend)
    return router


def _add_spaces(router: APIRouter, backend: Backend) -> None:
    @router.get("/api/spaces")
    def spaces() -> list[SpaceView]:
        return backend.spaces()

    @router.post("/api/spaces/check")
    def check_space(request: SpaceDocument) -> SpaceView:
        return backend.check_space(request.document)

    @router.post("/api/spaces", dependencies=CHANGING)
    def publish_space(request: SpaceDocument, caller: Caller) -> SpaceView:
        if not caller.is_operator:
            raise NotAllowed("Only the operator publishes a Space; send its directory to the operator.")
        return backend.publish_space(request.document)

    @router.get("/api/spaces/{space}")
    def space(space: str) -> SpaceView:
        return backend.space(space)


def _add_world(router: APIRouter, backend: Backend) -> None:
    @router.get("/api/health")
    def health() -> HealthView:
        return backend.health()

    @router.get("/api/leaderboard")
    def leaderboard(space: Annotated[str | None, Query()] = None) -> list[LeaderboardRow]:
        return backend.leaderboard(space)

    @router.get("/api/receipts")
    def receipts(of: Annotated[str | None, Query(max_length=100)] = None) -> list[ReceiptView]:
        return backend.receipts(of)

    @router.get("/api/nodes")
    def nodes() -> list[NodeView]:
        return backend.nodes()

    @router.get("/api/money")
    def money() -> MoneyView:
        return backend.money()

    @router.get("/blobs/{digest}")
    @router.head("/blobs/{digest}", include_in_schema=False)
    def blob(digest: str) -> Response:
        return Response(backend.blob(digest), media_type="application/octet-stream", headers=IMMUTABLE)


def _add_people(router: APIRouter, backend: Backend, people: People) -> None:
    @router.get("/api/accounts")
    def accounts(caller: Caller) -> list[AccountView]:
        if caller.is_operator:
            return backend.accounts()
        return [] if caller.account is None else [backend.account(caller.account)]

    @router.post("/api/accounts", dependencies=CHANGING)
    def create_account(request: AccountRequest, caller: Caller) -> AccountView:
        if not caller.is_operator:
            raise NotAllowed("Only the operator names embedded accounts; become a guest with POST /api/guests.")
        return backend.create_account(request.name)

    @router.post("/api/guests", status_code=201, dependencies=CHANGING)
    def create_guest() -> KeyView:
        guest = people.principal(people.new_guest(), "")
        return KeyView(account=guest.may("account"), key=people.make_key(guest, "guest", SCOPES), scopes=list(SCOPES))

    @router.post("/api/keys", status_code=201, dependencies=CHANGING)
    def make_key(request: KeyRequest, caller: Caller) -> KeyView:
        account = caller.may("account")
        scopes = tuple(request.scopes)
        return KeyView(account=account, key=people.make_key(caller, request.label, scopes), scopes=list(scopes))


def _add_agents(router: APIRouter, backend: Backend, people: People) -> None:
    @router.get("/api/agents")
    def agents() -> list[AgentSummary]:
        return backend.agents()

    @router.post("/api/agents", status_code=201, dependencies=CHANGING)
    def create_agent(request: AgentRequest, caller: Caller) -> AgentView:
        return backend.create_agent(request, _owner(request.account, caller, people))

    @router.get("/api/agents/{agent}")
    def agent(agent: str) -> AgentView:
        return backend.agent(agent)

    @router.post("/api/agents/{agent}/prompt", dependencies=CHANGING)
    def refine(agent: str, request: PromptRequest, caller: Caller) -> AgentView:
        caller.may_for(backend.owner_of(agent), "agents")
        return backend.refine(agent, request.prompt)

    @router.post("/api/agents/{agent}/sharing", dependencies=CHANGING)
    def share(agent: str, request: SharingRequest, caller: Caller) -> AgentView:
        caller.may_for(backend.owner_of(agent), "agents")
        return backend.share(agent, request.shares)

    @router.post("/api/agents/{agent}/rollback", dependencies=CHANGING)
    def rollback(agent: str, request: RollbackRequest, caller: Caller) -> AgentView:
        caller.may_for(backend.owner_of(agent), "agents")
        return backend.rollback(agent, request.space)


def _add_practice(router: APIRouter, backend: Backend) -> None:
    @router.get("/api/agents/{agent}/automation")
    def automation(agent: str) -> AutomationView:
        found = backend.automation(agent)
        if found is None:
            raise NotFound("That agent was never automated.")
        return found

    @router.post("/api/agents/{agent}/automation", dependencies=CHANGING)
    def automate(agent: str, request: AutomationRequest, caller: Caller) -> AutomationView:
        caller.may_for(backend.owner_of(agent), "play")
        return backend.automate(agent, request)

    @router.delete("/api/agents/{agent}/automation", dependencies=CHANGING)
    def halt(agent: str, caller: Caller) -> AutomationView:
        caller.may_for(backend.owner_of(agent), "play")
        return backend.halt(agent)

    @router.post("/api/agents/{agent}/coach", dependencies=CHANGING)
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
    @router.post("/api/queue", dependencies=CHANGING)
    def queue(request: QueueRequest, caller: Caller, key: IdempotencyKey = "") -> QueueView:
        caller.may_for(backend.owner_of(request.agent), "play")
        return backend.once(_who(caller), key, request, QueueView, lambda: backend.queue(request))

    @router.post("/api/play", dependencies=CHANGING)
    def play_now(request: PlayRequest, caller: Caller, key: IdempotencyKey = "") -> QueueView:
        caller.may_for(backend.owner_of(request.agent), "play")
        return backend.once(
            _who(caller), key, request, QueueView, lambda: backend.play_now(request.agent, request.space)
        )

    @router.get("/api/sessions")
    def sessions() -> list[SessionSummary]:
        return backend.sessions()

    @router.get("/api/sessions/{session}")
    def session(session: str) -> SessionView:
        return backend.session(session)

    @router.post("/api/sessions/{session}/appeals", dependencies=CHANGING)
    def appeal(session: str, request: AppealRequest, caller: Caller) -> AppealView:
        caller.may_for(backend.owner_of(request.agent), "play")
        return backend.appeal(session, request)

    @router.get("/api/sessions/{session}/bundle")
    def bundle(session: str) -> Response:
        payload = backend.bundle(session)
        name = "".join(c for c in session if c.isascii() and (c.isalnum() or c == "-"))
        headers = {"Content-Disposition": f'attachment; filename="session-{name}.json"'}
        return Response(payload, media_type="application/json", headers=headers)


def _who(caller: Principal) -> str:
    return caller.account or "operator"


def _add_streams(router: APIRouter, backend: Backend, changes: Changes, stopping: Stopping) -> None:
    @router.get("/api/sessions/{session}/events")
    async def session_events(session: str, last_event_id: LastEventId = None) -> StreamingResponse:
        await run_in_threadpool(backend.log, session, 0)  # an unknown Session is an error, not a stream
        after = log_length_of(last_event_id)
        stream = stream_of(backend, changes, session, after, stopping)
        return event_stream(with_heartbeat(stream))

    @router.get("/api/live")
    async def live(last_event_id: LastEventId = None) -> StreamingResponse:
        return event_stream(with_heartbeat(live_events(changes, last_event_id, stopping)))


def _add_trainings(router: APIRouter, backend: Backend) -> None:
    @router.post("/api/trainings", dependencies=CHANGING)
    def train(request: TrainingRequest, caller: Caller, key: IdempotencyKey = "") -> TrainingView:
        caller.may_for(backend.owner_of(request.agent), "train")
        return backend.once(_who(caller), key, request, TrainingView, lambda: backend.train(request))

    @router.get("/api/trainings")
    def trainings() -> list[TrainingView]:
        return backend.trainings()

    @router.get("/api/trainings/{name}")
    def training(name: str) -> TrainingView:
        return backend.training(name)
