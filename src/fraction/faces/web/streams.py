"""Server-sent events: the log of a Session, and a sign whenever something visible changed.

A reader that lost its connection says the last id it saw and goes on from there: ids are log lengths.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from fraction.faces.web.backend import Reads

POLL_SECONDS = 0.3
HEARTBEAT_POLLS = 50
"""A comment goes out after this many silent polls (15 s), so that dead connections are noticed."""


@dataclass(slots=True)
class Stopping:
    """Set when the server is to stop, so that endless streams end."""

    _flag: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Let every stream end at its next poll."""
        self._flag.set()

    def __bool__(self) -> bool:
        return self._flag.is_set()


class Changes:
    """Asks the backend at most once per poll whether something changed, however many are watching."""

    def __init__(self, backend: Reads) -> None:
        self._backend = backend
        self._lock = asyncio.Lock()
        self._asked = float("-inf")
        self._marker = ""

    async def marker(self) -> str:
        """Return the backend's marker, at most one poll old."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now - self._asked >= POLL_SECONDS:
                self._marker = await run_in_threadpool(self._backend.marker)
                self._asked = now
            return self._marker


def event_stream(events: AsyncIterator[str]) -> StreamingResponse:
    """Return the answer that carries `events`."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def log_length_of(last_event_id: str | None) -> int:
    """Return the log length that a reader has seen; 0 if it does not say, or not sensibly.

    >>> log_length_of("12"), log_length_of(None), log_length_of("x")
    (12, 0, 0)
    """
    return int(last_event_id) if last_event_id and last_event_id.isdecimal() else 0


async def stream_of(
    backend: Reads, changes: Changes, session: str, after: int, stopping: Stopping
) -> AsyncIterator[str]:
    """Yield the log's entries after the first `after` as they come; ends when the Session is over."""
    seen = None
    async for marker in _polls(changes, stopping):
        if marker == seen:
            yield ""
            continue
        seen = marker
        page = await run_in_threadpool(backend.log, session, after)
        for entry in page.entries:
            yield _event(str(entry.length), "entry", entry.model_dump_json())
            after = entry.length
        if page.over:
            yield _event(str(after), "end", "{}")
            return


async def live_events(changes: Changes, seen: str | None, stopping: Stopping) -> AsyncIterator[str]:
    """Yield an event whenever the marker is another than the reader has `seen`."""
    async for marker in _polls(changes, stopping):
        if marker == seen:
            yield ""
        else:
            seen = marker
            yield _event(marker, "changed", "{}")


async def with_heartbeat(events: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield what there is to send; a comment where nothing was for long."""
    silent = 0
    yield "retry: 1000\n\n"
    async for event in events:
        silent = 0 if event else silent + 1
        if event:
            yield event
        elif silent % HEARTBEAT_POLLS == 0:
            yield ": still here\n\n"


async def _polls(changes: Changes, stopping: Stopping) -> AsyncIterator[str]:
    while not stopping:
        yield await changes.marker()
        await asyncio.sleep(POLL_SECONDS)


def _event(id: str, name: str, json_text: str) -> str:
    return f"id: {id}\nevent: {name}\ndata: {json_text}\n\n"
