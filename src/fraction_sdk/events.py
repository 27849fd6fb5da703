"""Reading server-sent events from lines of text.

Source: WHATWG HTML Living Standard, section 9.2.6 (interpreting an event stream).
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event of a stream."""

    id: str
    event: str
    """`message` where the stream names none."""
    data: str


def read_events(lines: Iterable[str]) -> Iterator[ServerSentEvent]:
    r"""Yield the events that `lines` hold; comments are skipped, an unfinished event is dropped.

    >>> [(e.id, e.data) for e in read_events(["id: 3", "data: a", "data: b", "", ": ping", "data: lost"])]
    [('3', 'a\nb')]
    """
    reader = _Reader()
    for line in lines:
        if (event := reader.take(line)) is not None:
            yield event


async def read_events_async(lines: AsyncIterable[str]) -> AsyncIterator[ServerSentEvent]:
    """Yield the events that `lines` hold, as `read_events` does."""
    reader = _Reader()
    async for line in lines:
        if (event := reader.take(line)) is not None:
            yield event


class _Reader:
    def __init__(self) -> None:
        self._last_id, self._name, self._data = "", "", list[str]()

    def take(self, line: str) -> ServerSentEvent | None:
        """Return the event that `line` ends, if it ends one."""
        if not line:
            data, name = self._data, self._name
            self._name, self._data = "", []
            return ServerSentEvent(self._last_id, name or "message", "\n".join(data)) if data else None
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            self._last_id = value
        elif field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        return None
