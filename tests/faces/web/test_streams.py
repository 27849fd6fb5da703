"""Streams: every entry once, in order, also across a lost connection; they end when the Session does."""

import httpx

from fraction.sessions import Event
from fraction_sdk import Fraction
from fraction_sdk.events import ServerSentEvent, read_events
from tests.faces.memory_platform import MemoryPlatform, paid_log


def read_until_end(http: httpx.Client, path: str, last_event_id: str = "") -> list[ServerSentEvent]:
    """Return the events of a stream that ends by itself."""
    headers = {"last-event-id": last_event_id} if last_event_id else {}
    with http.stream("GET", path, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return list(read_events(answer.iter_lines()))


def test_ids_are_log_lengths_and_the_end_is_said(world: MemoryPlatform, http: httpx.Client) -> None:
    log = paid_log()
    session = world.keep_log(log)
    *entries, end = read_until_end(http, f"/v1/sessions/{session}/events")
    assert [entry.id for entry in entries] == [str(n + 1) for n in range(len(log))]
    assert (end.event, end.id) == ("end", str(len(log)))


def test_a_reader_goes_on_where_it_stopped(world: MemoryPlatform, http: httpx.Client) -> None:
    log = paid_log()
    session = world.keep_log(log)
    *entries, _ = read_until_end(http, f"/v1/sessions/{session}/events", last_event_id="5")
    assert [entry.id for entry in entries] == [str(n + 1) for n in range(5, len(log))]


def test_a_senseless_last_id_reads_from_the_beginning(world: MemoryPlatform, http: httpx.Client) -> None:
    session = world.keep_log(paid_log())
    first, *_ = read_until_end(http, f"/v1/sessions/{session}/events", last_event_id="-1; drop")
    assert first.id == "1"


def test_what_is_appended_while_one_listens_arrives(world: MemoryPlatform, client: Fraction) -> None:
    log = paid_log()
    session = world.keep_log(log[:4])
    stream = client.session_events(session)
    seen = [next(stream) for _ in range(4)]
    rest: list[Event] = log[4:]
    world.platform.logs.append(session, 4, rest)
    seen += list(stream)
    assert [entry.kind for entry in seen] == [event.kind for event in log]


def test_an_unknown_session_is_an_error_and_no_stream(http: httpx.Client) -> None:
    assert http.get("/v1/sessions/31337-9/events").status_code == 404


def test_the_live_stream_says_when_something_changed(world: MemoryPlatform, http: httpx.Client) -> None:
    with http.stream("GET", "/v1/live") as answer:
        events = read_events(answer.iter_lines())
        before = next(events)
        world.keep_log(paid_log())
        after = next(events)
    assert before.event == after.event == "changed"
    assert before.id != after.id


def test_a_reader_of_the_live_stream_that_is_up_to_date_hears_nothing_old(
    world: MemoryPlatform, http: httpx.Client
) -> None:
    with http.stream("GET", "/v1/live") as answer:
        seen = next(read_events(answer.iter_lines()))
    with http.stream("GET", "/v1/live", headers={"last-event-id": seen.id}) as answer:
        events = read_events(answer.iter_lines())
        world.keep_log(paid_log())
        assert next(events).id != seen.id
