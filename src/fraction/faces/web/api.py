"""The JSON API: one route for each verb. Routes only translate; the backend does the work."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from fraction.faces.web.backend import Backend
from fraction.faces.web.streams import (
    Changes,
    Stopping,
    event_stream,
    live_events,
    log_length_of,
    session_events,
    with_heartbeat,
)
from fraction_sdk.wire import (
    AccountRequest,
    AccountView,
    AgentRequest,
    AgentSummary,
    AgentView,
    HealthView,
    LeaderboardRow,
    MoneyView,
    NodeView,
    PromptRequest,
    QueueRequest,
    QueueView,
    ReceiptView,
    RollbackRequest,
    SessionSummary,
    SessionView,
    SpaceDocument,
    SpaceView,
    TrainingRequest,
    TrainingView,
)

IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
"""A blob's address is its content's digest, so it never changes."""

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID")]


def api_routes(backend: Backend, changes: Changes, stopping: Stopping) -> APIRouter:
    """Return all routes of the API over `backend`."""
    router = APIRouter()
    _add_world(router, backend)
    _add_agents(router, backend)
    _add_sessions(router, backend)
    _add_streams(router, backend, changes, stopping)
    _add_trainings(router, backend)
    return router


def _add_world(router: APIRouter, backend: Backend) -> None:
    @router.get("/api/health")
    def health() -> HealthView:
        return backend.health()

    @router.get("/api/spaces")
    def spaces() -> list[SpaceView]:
        return backend.spaces()

    @router.post("/api/spaces/check")
    def check_space(request: SpaceDocument) -> SpaceView:
        return backend.check_space(request.document)

    @router.get("/api/spaces/{space}")
    def one_space(space: str) -> SpaceView:
        return backend.space(space)

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

    @router.api_route("/blobs/{digest}", methods=["GET", "HEAD"])
    def blob(digest: str) -> Response:
        return Response(backend.blob(digest), media_type="application/octet-stream", headers=IMMUTABLE)


def _add_agents(router: APIRouter, backend: Backend) -> None:
    @router.get("/api/accounts")
    def accounts() -> list[AccountView]:
        return backend.accounts()

    @router.post("/api/accounts")
    def create_account(request: AccountRequest) -> AccountView:
        return backend.create_account(request.name)

    @router.get("/api/agents")
    def agents() -> list[AgentSummary]:
        return backend.agents()

    @router.post("/api/agents", status_code=201)
    def create_agent(request: AgentRequest) -> AgentView:
        return backend.create_agent(request)

    @router.get("/api/agents/{agent}")
    def agent(agent: str) -> AgentView:
        return backend.agent(agent)

    @router.post("/api/agents/{agent}/prompt")
    def refine(agent: str, request: PromptRequest) -> AgentView:
        return backend.refine(agent, request.prompt)

    @router.post("/api/agents/{agent}/rollback")
    def rollback(agent: str, request: RollbackRequest) -> AgentView:
        return backend.rollback(agent, request.space)


def _add_sessions(router: APIRouter, backend: Backend) -> None:
    @router.post("/api/queue")
    def queue(request: QueueRequest) -> QueueView:
        return backend.queue(request)

    @router.get("/api/sessions")
    def sessions() -> list[SessionSummary]:
        return backend.sessions()

    @router.get("/api/sessions/{session}")
    def session(session: str) -> SessionView:
        return backend.session(session)

    @router.get("/api/sessions/{session}/bundle")
    def bundle(session: str) -> Response:
        payload = backend.bundle(session)
        name = "".join(c for c in session if c.isascii() and (c.isalnum() or c == "-"))
        headers = {"Content-Disposition": f'attachment; filename="session-{name}.json"'}
        return Response(payload, media_type="application/json", headers=headers)


def _add_streams(router: APIRouter, backend: Backend, changes: Changes, stopping: Stopping) -> None:
    @router.get("/api/sessions/{session}/events")
    async def events(session: str, last_event_id: LastEventId = None) -> StreamingResponse:
        await run_in_threadpool(backend.log, session, 0)  # an unknown Session is an error, not a stream
        after = log_length_of(last_event_id)
        stream = session_events(backend, changes, session, after, stopping)
        return event_stream(with_heartbeat(stream))

    @router.get("/api/live")
    async def live(last_event_id: LastEventId = None) -> StreamingResponse:
        return event_stream(with_heartbeat(live_events(changes, last_event_id, stopping)))


def _add_trainings(router: APIRouter, backend: Backend) -> None:
    @router.post("/api/trainings")
    def train(request: TrainingRequest) -> TrainingView:
        return backend.train(request)

    @router.get("/api/trainings")
    def trainings() -> list[TrainingView]:
        return backend.trainings()

    @router.get("/api/trainings/{name}")
    def training(name: str) -> TrainingView:
        return backend.training(name)
