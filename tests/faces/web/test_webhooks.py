"""Webhooks: what happened is told, signed, until it is heard; only on the public internet, and only to its owner."""

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from fraction.adapters.memory import ManualClock
from fraction.adapters.outward import GuardedHttp, GuardSettings
from fraction.app.happenings import KINDS
from fraction.app.webhooks import DELIVER, WAITS, WATCH
from fraction.base import Address, Rejected
from fraction_sdk import ApiError, Fraction
from fraction_sdk.webhooks import NotGenuine, read_webhook
from tests.faces.memory_platform import MemoryPlatform, memory_platform, paid_log, served

OWNER = Address(f"0x{100:040x}")
"""Who owns the agent with ticket 0."""


@dataclass(slots=True)
class Receiver:
    """A program that hears webhooks, and answers with the statuses it is given; 200 after them."""

    url: str = ""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])
    answers: list[int] = field(default_factory=list[int])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A running receiver."""
    told = Receiver()

    class Hearing(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = told.answers.pop(0) if told.answers else 200
            self.send_response(status)
            self.send_header("Location", told.url + "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hearing) as server:
        told.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield told
        server.shutdown()
        thread.join()


@pytest.fixture
def near() -> MemoryPlatform:
    """A platform that may call this machine."""
    return memory_platform(private=True)


def work(world: MemoryPlatform) -> None:
    """Take a step of every webhook, then of every delivery, as the engine would."""
    records, hooks = world.platform.records, world.backend.webhooks
    for name in records.names(WATCH):
        hooks.look(name)
    for name in records.names(DELIVER):
        hooks.deliver(name)


def later(world: MemoryPlatform, seconds: int) -> None:
    cast("ManualClock", world.platform.clock).advance(seconds)


def test_everything_that_happens_to_ones_agents_is_told_once_and_signed(
    near: MemoryPlatform, receiver: Receiver
) -> None:
    near.keep_log(paid_log(), 1)
    hook = near.backend.webhooks.add(OWNER, receiver.url, KINDS)
    work(near)
    assert receiver.heard == []  # what was before is not told
    session = near.keep_log(paid_log()[:5], 2)
    work(near)
    near.platform.logs.append(session, 5, paid_log()[5:])
    for _ in range(3):
        work(near)
    now = near.platform.clock.now()
    told = [read_webhook(hook.secret, headers, body, now) for headers, body in receiver.heard]
    assert [event.type for event in told] == ["session.entered", "session.settled"]
    assert told[1].data["session"] == session
    assert told[1].data["place"] in (1, 2, 3)


Change = Callable[[str, dict[str, str], bytes], tuple[str, dict[str, str], bytes]]

FORGERIES: list[Change] = [
    lambda secret, headers, body: (secret, headers, body + b" "),
    lambda secret, headers, body: ("whsec_" + "A" * 43 + "=", headers, body),
    lambda secret, headers, body: ("not base64!", headers, body),
    lambda secret, headers, body: (secret, headers | {"webhook-id": "another"}, body),
    lambda secret, headers, body: (secret, headers | {"webhook-timestamp": "1800000301"}, body),
    lambda secret, headers, body: (secret, headers | {"webhook-timestamp": "x"}, body),
    lambda secret, headers, body: (secret, headers | {"webhook-signature": "v1,AAAA v2,BBBB"}, body),
    lambda secret, headers, body: (secret, {}, body),
]


@pytest.mark.parametrize("change", FORGERIES)
def test_what_is_not_the_platforms_word_is_refused(near: MemoryPlatform, receiver: Receiver, change: Change) -> None:
    hook = near.backend.webhooks.add(OWNER, receiver.url, KINDS)
    near.backend.webhooks.ping(OWNER, hook.id)
    work(near)
    ((headers, body),) = receiver.heard
    assert read_webhook(hook.secret, headers, body, near.platform.clock.now()).type == "ping"
    with pytest.raises(NotGenuine):
        read_webhook(*change(hook.secret, headers, body), near.platform.clock.now())


def test_a_message_is_sent_again_until_it_is_heard(near: MemoryPlatform, receiver: Receiver) -> None:
    hooks = near.backend.webhooks
    hook = hooks.add(OWNER, receiver.url, KINDS)
    receiver.answers = [500, 302]
    hooks.ping(OWNER, hook.id)
    for wait in WAITS[:3]:
        work(near)
        work(near)  # too early: nothing is sent
        later(near, wait)
    (delivery,) = hooks.deliveries(OWNER, hook.id)
    assert (delivery.state.value, delivery.attempts, delivery.said) == ("delivered", 3, "status 200")
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
    assert len(receiver.heard) == 3  # the redirect led nowhere


def test_a_message_that_nobody_hears_is_given_up(near: MemoryPlatform) -> None:
    hooks = near.backend.webhooks
    hook = hooks.add(OWNER, "http://127.0.0.1:9", KINDS)
    hooks.ping(OWNER, hook.id)
    for wait in (*WAITS, 0):
        work(near)
        later(near, wait)
    (delivery,) = hooks.deliveries(OWNER, hook.id)
    assert (delivery.state.value, delivery.attempts) == ("given up", len(WAITS) + 1)
    assert "does not answer" in delivery.said


def test_a_receiver_that_is_gone_and_one_that_is_dropped_are_told_nothing_more(
    near: MemoryPlatform, receiver: Receiver
) -> None:
    hooks = near.backend.webhooks
    gone, dropped = (hooks.add(OWNER, receiver.url, KINDS) for _ in range(2))
    receiver.answers = [410]
    hooks.ping(OWNER, gone.id)
    work(near)
    hooks.ping(OWNER, dropped.id)
    hooks.drop(OWNER, dropped.id)
    near.keep_log(paid_log(), 1)
    work(near)
    assert len(receiver.heard) == 1
    assert [hook.dropped for hook in hooks.of(OWNER)] == ["its receiver says that it is gone"]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/hook",
        "https://10.0.0.8:8080/hook",
        "https://user:secret@example.org/hook",
        "ftp://example.org",
        "file:///etc/passwd",
        "//example.org",
        "https://",
        "no url",
        "https://example.org/" + "x" * 500,
    ],
)
def test_only_the_public_internet_is_called(url: str) -> None:
    guarded = GuardedHttp()
    for attempt in (lambda: guarded.check(url), lambda: guarded.post(url, {}, b"")):
        with pytest.raises(Rejected):
            attempt()
    guarded.close()


def test_a_name_that_leads_elsewhere_later_is_not_followed(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    leads_to = ["93.184.216.34"]
    port = int(receiver.url.rpartition(":")[2])

    def resolved(host: str, *_rest: object, **_more: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in leads_to]

    monkeypatch.setattr("fraction.adapters.outward.guarded_http.socket.getaddrinfo", resolved)
    guarded = GuardedHttp()
    guarded.check("https://rebinding.example/hook")
    leads_to[:] = ["93.184.216.34", "127.0.0.1"]
    with pytest.raises(Rejected, match="public internet"):
        guarded.post("https://rebinding.example/hook", {}, b"")
    guarded.close()
    near = GuardedHttp(GuardSettings(allow_private=True))
    leads_to[:] = ["127.0.0.1"]
    assert near.post(f"http://pinned.example:{port}/hook", {}, b"x").status == 200
    near.close()
    assert receiver.heard[0][0]["host"] == f"pinned.example:{port}"


def test_webhooks_are_their_owners(near: MemoryPlatform, receiver: Receiver) -> None:
    with served(near) as operator, Fraction(operator.url) as visitor:
        keys = [visitor.create_guest().key for _ in range(2)]
        with Fraction(operator.url, key=keys[0]) as mine, Fraction(operator.url, key=keys[1]) as other:
            hook = mine.create_webhook(receiver.url, ["session.settled"])
            assert hook.secret is not None
            assert [(known.id, known.secret) for known in mine.webhooks()] == [(hook.id, None)]
            mine.ping_webhook(hook.id)
            assert [told.event for told in mine.deliveries(hook.id)] == ["ping"]
            assert other.webhooks() == []
            for attempt in (other.drop_webhook, other.ping_webhook, other.deliveries):
                with pytest.raises(ApiError) as refused:
                    attempt(hook.id)
                assert refused.value.status == 404
            with pytest.raises(ApiError, match="told one or more"):
                mine.create_webhook(receiver.url, ["everything"])
            with pytest.raises(ApiError) as nobody:
                visitor.create_webhook(receiver.url, ["session.settled"])
            assert nobody.value.status == 401
            assert mine.drop_webhook(hook.id).stopped == "its owner dropped it"
            assert mine.webhooks() == []


def test_an_account_has_some_webhooks_and_no_more(near: MemoryPlatform, receiver: Receiver) -> None:
    somebody = Address("0x" + "12" * 20)
    for _ in range(10):
        near.backend.webhooks.add(somebody, receiver.url, KINDS)
    with pytest.raises(Rejected, match="at most 10"):
        near.backend.webhooks.add(somebody, receiver.url, KINDS)
