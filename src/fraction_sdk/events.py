"""Reading server-sent events from lines of text.

Source: WHATWG HTML Living Standard, section 9.2.6 (interpreting an event stream).
"""

from collections.abc import Iterable, Iterator
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
    last_id, name, data = "", "", list[str]()
    for line in lines:
        if not line:
            if data:
                yield ServerSentEvent(last_id, name or "message", "\n".join(data))
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            last_id = value
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
