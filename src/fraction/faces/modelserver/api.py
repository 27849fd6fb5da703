"""HTTP for a text engine, as clients of OpenAI's chat API expect it.

POST /v1/chat/completions   one reply, whole or as server-sent events
GET  /v1/models             the base and the adapters in memory
GET  /health                whether it serves
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from fraction.app.generation import ChatReply, ChatRequest, Overloaded, Piece, TextEngine
from fraction.base import FractionError, NotFound, Rejected
from fraction.faces.modelserver import replies
from fraction.faces.modelserver.wire import ChatCompletion

MAX_BODY_BYTES = 4 << 20
LOOK_SECONDS = 0.25
"""How often a waiting request looks whether its client is still there."""


def create_app(engine: TextEngine, now: Callable[[], int]) -> FastAPI:
    """Return the web application; `now` gives whole seconds since 1970."""
    app = FastAPI(title="Fraction model server", docs_url=None, redoc_url=None, openapi_url=None)
    _handle_errors(app)
    app.middleware("http")(_limit_body)

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {"status": "ok", "context_tokens": engine.context_tokens}

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        entries = [{"id": name, "object": "model", "created": 0, "owned_by": "fraction"} for name in engine.models()]
        return {"object": "list", "data": entries}

    @app.post("/v1/chat/completions", response_model=None)
    async def complete(body: ChatCompletion, http: Request) -> JSONResponse | StreamingResponse:
        request = body.to_request(chance=secrets.randbelow(2**31))
        identity, created = f"chatcmpl-{secrets.token_hex(12)}", now()
        if body.stream:
            with_usage = body.stream_options is not None and body.stream_options.include_usage
            stream = await _Stream.begin(engine, request, identity, created, with_usage)
            return StreamingResponse(stream.events(), media_type="text/event-stream")
        future = await run_in_threadpool(engine.submit, request)
        reply = await _unless_gone(future, http)
        return JSONResponse(replies.completion(identity, created, body.model, reply))

    return app


async def _unless_gone(future: "Future[ChatReply]", http: Request) -> ChatReply:
    """Wait for the reply; give the work up when the client has left."""
    waiting = asyncio.wrap_future(future)
    while True:
        done, _ = await asyncio.wait([waiting], timeout=LOOK_SECONDS)
        if done:
            return waiting.result()
        if await http.is_disconnected():
            future.cancel()
            raise HTTPException(499, "The client went away.")


class _Stream:
    """One reply as server-sent events."""

    def __init__(self, request: ChatRequest, identity: str, created: int, with_usage: bool) -> None:
        self._request, self._identity, self._created, self._with_usage = request, identity, created, with_usage
        self._pieces: asyncio.Queue[Piece | None] = asyncio.Queue()
        self._reply: Future[ChatReply] = Future()

    @classmethod
    async def begin(
        cls, engine: TextEngine, request: ChatRequest, identity: str, created: int, with_usage: bool
    ) -> "_Stream":
        """Submit the request; its errors come before the first byte."""
        stream, loop = cls(request, identity, created, with_usage), asyncio.get_running_loop()

        def hand_over(piece: Piece | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(stream._pieces.put_nowait, piece)

        stream._reply = await run_in_threadpool(engine.submit, request, hand_over)
        stream._reply.add_done_callback(lambda _: hand_over(None))
        return stream

    async def events(self) -> AsyncIterator[str]:
        """Yield the events; if the client leaves, the reply is cancelled."""
        try:
            yield self._event({"role": "assistant", "content": ""})
            while (piece := await self._pieces.get()) is not None:
                yield self._event({"content": piece.text}, piece=piece)
            failure = self._reply.exception()
            if failure is not None:
                sentence = str(failure) if isinstance(failure, FractionError) else "The server failed; ask again."
                yield _sse(replies.error(sentence, "server_error"))
                return
            yield self._event({}, finish=self._reply.result().finish)
            if self._with_usage:
                empty = replies.chunk(self._identity, self._created, self._request.model, {})
                yield _sse({**empty, "choices": [], "usage": replies.usage(self._reply.result())})
            yield "data: [DONE]\n\n"
        finally:
            self._reply.cancel()

    def _event(self, delta: dict[str, Any], piece: Piece | None = None, finish: str | None = None) -> str:
        tokens = piece.tokens if piece else ()
        return _sse(replies.chunk(self._identity, self._created, self._request.model, delta, tokens, finish))


def _sse(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(FractionError)
    async def ours(_: Request, failure: FractionError) -> JSONResponse:
        if isinstance(failure, NotFound):
            return JSONResponse(replies.error(str(failure), "invalid_request_error", "model_not_found", "model"), 404)
        if isinstance(failure, Rejected):
            return JSONResponse(replies.error(str(failure), "invalid_request_error"), 400)
        if isinstance(failure, Overloaded):
            body = replies.error(str(failure), "rate_limit_error", "overloaded")
            return JSONResponse(body, 429, {"Retry-After": str(failure.retry_after_seconds)})
        return JSONResponse(replies.error(str(failure), "server_error"), 503, {"Retry-After": "1"})

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, failure: RequestValidationError) -> JSONResponse:
        first = failure.errors()[0]
        field = ".".join(str(part) for part in first["loc"] if part != "body")
        sentence = f"The request's {field or 'body'} is wrong: {first['msg']}."
        return JSONResponse(replies.error(sentence, "invalid_request_error", field=field or None), 400)

    @app.exception_handler(HTTPException)
    async def other(_: Request, failure: HTTPException) -> JSONResponse:
        return JSONResponse(replies.error(str(failure.detail), "invalid_request_error"), failure.status_code)


async def _limit_body(request: Request, call_next: Callable[[Request], Any]) -> Any:  # noqa: ANN401 - starlette's
    length = request.headers.get("content-length", "")
    if request.method == "POST" and not length.isdigit():
        return JSONResponse(replies.error("Send the body with its content-length.", "invalid_request_error"), 411)
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        sentence = f"The body may have {MAX_BODY_BYTES} bytes; send a shorter one."
        return JSONResponse(replies.error(sentence, "invalid_request_error"), 413)
    return await call_next(request)
