"""The client: every verb over HTTP, refusals as `ApiError` with the platform's own sentence."""

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from fraction_sdk import ApiError, AsyncFraction, Fraction, Unreachable
from fraction_sdk.events import read_events
from tests.faces.memory_platform import OPERATOR, MemoryPlatform, memory_platform, paid_log, served


@pytest.fixture
def world() -> MemoryPlatform:
    """A platform in memory."""
    return memory_platform()


@pytest.fixture
def platform(world: MemoryPlatform) -> Iterator[Fraction]:
    """Its client."""
    with served(world) as client:
        yield client


def test_an_agent_is_made_refined_and_found(platform: Fraction) -> None:
    account = platform.create_account("me")
    assert platform.create_account("me") == account
    agent = platform.create_agent("me", "scribe", "Write short posts.")
    refined = platform.refine(agent.id, "Write shorter posts.")
    assert [p.text for p in refined.prompts] == ["Write short posts.", "Write shorter posts."]
    assert platform.agent(agent.id) == refined
    assert [a.name for a in platform.agents()] == ["scribe"]
    assert platform.accounts() == [account]


def test_spaces_are_listed_and_checked(platform: Fraction) -> None:
    assert {space.id for space in platform.spaces()} == {"writing-tweets", "writing-code", "playing-games"}
    assert platform.space("playing-games").criteria[0].evaluator == "game"
    with pytest.raises(ApiError, match="entrants must be"):
        platform.check_space({"title": "no id"})


def test_health_blob_and_bundle(world: MemoryPlatform, platform: Fraction) -> None:
    assert platform.health().chain_id == 31337
    digest = world.platform.blobs.keep(b"bytes")
    assert platform.blob(digest) == b"bytes"
    session = world.keep_log(paid_log())
    assert platform.bundle(session).startswith(b'{"format":')
    assert [s.id for s in platform.sessions()] == [session]


def test_a_refusal_carries_status_and_sentence(platform: Fraction) -> None:
    with pytest.raises(ApiError, match="no account 'nobody'") as caught:
        platform.create_agent("nobody", "x", "y")
    assert caught.value.status == 404
    assert caught.value.retry_after is None


def test_names_cannot_leave_their_place_in_the_path(platform: Fraction) -> None:
    with pytest.raises(ApiError) as caught:
        platform.agent("../health")
    assert caught.value.status == 404


def test_nobody_at_the_address_is_said_with_what_to_do() -> None:
    with Fraction("http://127.0.0.1:9", timeout_seconds=2) as nobody, pytest.raises(Unreachable, match="fraction up"):
        nobody.health()


def test_something_else_at_the_address_is_said() -> None:
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"hello" if self.path == "/v1/health" else b"<h1>500</h1>"
            self.send_response(200 if self.path == "/v1/health" else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with Fraction(f"http://127.0.0.1:{server.server_address[1]}") as other:
            with pytest.raises(ApiError, match="does not speak this version"):
                other.health()
            with pytest.raises(ApiError, match="HTTP status 500"):
                other.spaces()
        server.shutdown()
        thread.join()


def test_events_are_read_as_the_standard_says() -> None:
    lines = ["retry: 1", "id: 1", "event: a", "data: x", "", ": comment", "data", "data: y", "", "data: unfinished"]
    events = list(read_events(lines))
    assert [(e.id, e.event, e.data) for e in events] == [("1", "a", "x"), ("1", "message", "\ny")]


def test_a_broken_stream_is_taken_up_where_it_broke() -> None:
    asked_after: list[str] = []

    class Breaking(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked_after.append(self.headers["Last-Event-ID"])
            first = int(self.headers["Last-Event-ID"]) + 1
            entry = json.dumps({"length": first, "kind": "closed", "event": {}})
            body = f"id: {first}\nevent: entry\ndata: {entry}\n\n"
            body += "event: end\ndata: {}\n\n" if first == 3 else ""
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Breaking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with Fraction(f"http://127.0.0.1:{server.server_address[1]}") as client:
            lengths = [entry.length for entry in client.session_events("31337-1")]
        server.shutdown()
        thread.join()
    assert lengths == [1, 2, 3]
    assert asked_after == ["0", "1", "2"]


def test_a_stream_to_nobody_gives_up() -> None:
    with Fraction("http://127.0.0.1:9") as nobody, pytest.raises(Unreachable):
        list(nobody.session_events("31337-1", patience_seconds=0))


def test_lists_longer_than_a_page_are_whole(world: MemoryPlatform, platform: Fraction) -> None:
    for number in range(1, 206):
        world.keep_log(paid_log()[:1], number)
    assert [s.number for s in platform.sessions()] == list(range(205, 0, -1))


def test_the_asynchronous_client_does_the_same(world: MemoryPlatform, platform: Fraction) -> None:
    session = world.keep_log(paid_log())

    async def whole() -> None:
        async with AsyncFraction(platform.url, key=OPERATOR) as client:
            await client.create_account("me")
            made = await client.create_agent("me", "scribe", "Write.")
            assert [agent.id for agent in await client.agents()] == [made.id]
            lengths = [entry.length async for entry in client.session_events(session, after=3)]
            assert lengths == list(range(4, len(paid_log()) + 1))
            with pytest.raises(ApiError, match="no Space 'chess'"):
                await client.space("chess")
        async with AsyncFraction("http://127.0.0.1:9") as nobody:
            with pytest.raises(Unreachable):
                await nobody.health()

    asyncio.run(whole())
