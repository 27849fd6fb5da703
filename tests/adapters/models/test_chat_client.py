import json
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fraction.adapters.models import ChatClient, ClientSettings
from fraction.app.generation import ChatRequest, ReplyToken, TokenOption
from fraction.base import NotFound, Rejected, Unavailable
from fraction.transcripts import Message
from tests.adapters.lora.tiny_models import BlobShelf, save_model
from tests.adapters.models.server import HANG_UP, SILENCE, Answer, completion, scripted
from tests.faces.modelserver.servers import serving, tiny_engine

REQUEST = ChatRequest(model="m", messages=(Message("user", "hi"),), max_tokens=9, seed=4)
LOUD = ChatRequest(model="m", messages=(Message("user", "hi"),), top_logprobs=3)
PATIENCE = ClientSettings(attempts=4, first_wait_seconds=0.5, longest_wait_seconds=6, answer_seconds=0.2)


class Waits:
    """Remembers pauses instead of making them."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@contextmanager
def client_of(url: str, waits: Waits | None = None, key: str | None = None) -> Generator[ChatClient]:
    client = ChatClient(url, key, PATIENCE, waits or Waits())
    yield client
    client.close()


def test_a_request_says_what_is_asked_and_nothing_else() -> None:
    with scripted(completion()) as (url, script), client_of(url) as client:
        reply = client.complete(REQUEST)
    assert (reply.text, reply.finish, reply.prompt_tokens, reply.completion_tokens) == ("hello", "stop", 3, 2)
    assert script.asked == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}],
            "max_tokens": 9,
            "seed": 4,
            "temperature": 1.0,
            "top_p": 1.0,
        }
    ]
    assert script.keys == [None]


def test_a_key_is_sent_when_there_is_one() -> None:
    with scripted(completion()) as (url, script), client_of(f"{url}/v1/", key="secret") as client:
        client.complete(REQUEST)
    assert script.keys == ["Bearer secret"]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_or_broken_server_is_asked_again_with_growing_pauses(status: int) -> None:
    waits = Waits()
    trouble = Answer(status, b"overloaded")
    with scripted(trouble, trouble, completion("late")) as (url, script), client_of(url, waits) as client:
        assert client.complete(REQUEST).text == "late"
    assert len(script.asked) == 3
    assert waits.seconds == [0.5, 1.0]


def test_retry_after_is_honoured_up_to_a_limit() -> None:
    waits = Waits()
    answers = [Answer(429, headers={"retry-after": after}) for after in ("3", "9999", "Wed, 21 Oct 2026 07:28:00 GMT")]
    with scripted(*answers, completion()) as (url, _), client_of(url, waits) as client:
        client.complete(REQUEST)
    assert waits.seconds == [3.0, 6.0, 2.0]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(500, b'{"error": {"message": "no memory"}}'), "no memory"),
        (Answer(429, b"<html>slow down"), "slow down"),
        (Answer(SILENCE), "no answer within 0.2 seconds"),
        (Answer(HANG_UP), "disconnected"),
    ],
)
def test_a_server_that_stays_broken_is_unavailable_in_one_sentence(answer: Answer, reason: str) -> None:
    waits = Waits()
    with scripted(answer) as (url, script), client_of(url, waits) as client:
        with pytest.raises(Unavailable, match=reason) as refusal:
            client.complete(REQUEST)
        assert url in str(refusal.value)
    assert len(script.asked) == PATIENCE.attempts
    assert len(waits.seconds) == PATIENCE.attempts - 1


def test_nobody_at_the_address_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        with client_of(f"http://127.0.0.1:{taken.getsockname()[1]}") as client, pytest.raises(Unavailable):
            client.complete(REQUEST)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>hello</html>",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [null]}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": "text"}]}',
        b'{"choices": [{"message": {"content": 7}}]}',
        b'{"choices": {"message": {"content": "x"}}}',
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_no_completion_is_unavailable(body: bytes) -> None:
    with (
        scripted(Answer(200, body)) as (url, _),
        client_of(url) as client,
        pytest.raises(Unavailable, match="no chat completion"),
    ):
        client.complete(REQUEST)


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (401, Rejected, "API key"),
        (403, Rejected, "API key"),
        (404, NotFound, "no such model"),
        (400, Rejected, "refuses the request"),
        (422, Rejected, "refuses the request"),
        (308, Rejected, "moved to"),
    ],
)
def test_a_refusal_is_not_tried_again_and_says_what_to_do(status: int, kind: type[Exception], advice: str) -> None:
    with scripted(Answer(status, b'{"error": {"message": "because"}}')) as (url, script), client_of(url) as client:
        with pytest.raises(kind, match=advice):
            client.complete(REQUEST)
        assert len(script.asked) == 1


def test_logprobs_are_read() -> None:
    content = [{"token": "7", "logprob": -0.1, "top_logprobs": [{"token": "8", "logprob": -2}]}]
    with scripted(completion("7", logprobs={"content": content})) as (url, script), client_of(url) as client:
        reply = client.complete(LOUD)
    assert reply.tokens == (ReplyToken("7", -0.1, (TokenOption("8", -2.0),)),)
    assert script.asked[0]["logprobs"] is True
    assert script.asked[0]["top_logprobs"] == 3


@pytest.mark.parametrize(
    "logprobs",
    [
        None,
        {},
        {"content": None},
        {"content": []},
        {"content": [{"token": "7"}]},
        {"content": [None]},
        {"content": [{"token": "7", "logprob": "low"}]},
        {"content": [{"token": "7", "logprob": -1, "top_logprobs": [3]}]},
    ],
)
def test_missing_or_broken_logprobs_are_none_and_no_error(logprobs: object) -> None:
    with scripted(completion("hello", logprobs=logprobs)) as (url, _), client_of(url) as client:
        reply = client.complete(LOUD)
    assert (reply.text, reply.tokens) == ("hello", None)


def test_no_content_and_no_usage_read_as_nothing() -> None:
    body = json.dumps({"choices": [{"message": {"content": None}, "finish_reason": "length"}]}).encode()
    with scripted(Answer(200, body)) as (url, _), client_of(url) as client:
        reply = client.complete(REQUEST)
    assert (reply.text, reply.finish, reply.prompt_tokens, reply.completion_tokens) == ("", "length", 0, 0)


def test_a_schema_is_sent_as_openai_wants_it() -> None:
    request = ChatRequest(model="m", messages=REQUEST.messages, json_schema={"type": "object"}, stop=("x",))
    with scripted(completion()) as (url, script), client_of(url) as client:
        client.complete(request)
    sent = {"name": "reply", "strict": True, "schema": {"type": "object"}}
    assert script.asked[0]["response_format"] == {"type": "json_schema", "json_schema": sent}
    assert script.asked[0]["stop"] == ["x"]


def test_models_are_listed() -> None:
    body = json.dumps({"data": [{"id": "base"}, {"id": "base:1"}, {}]}).encode()
    with scripted(Answer(200, body)) as (url, _), client_of(url) as client:
        assert client.models() == ("base", "base:1")
    with scripted(Answer(200, b"{}")) as (url, _), client_of(url) as client, pytest.raises(Unavailable):
        client.models()


def test_through_our_own_server_a_reply_is_the_engines_to_the_last_bit(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"enum": [1, 2]}}, "required": ["a"], "additionalProperties": False}
    messages = (Message("system", "be kind"), Message("user", "tea <|end|>"))
    requests = [
        ChatRequest(model="base", messages=messages, max_tokens=9, seed=2, top_logprobs=20),
        ChatRequest(model="base", messages=messages, max_tokens=30, temperature_percent=90, top_p_percent=95),
        ChatRequest(model="base", messages=messages, max_tokens=30, temperature_percent=0, stop=("e",)),
        ChatRequest(model="base", messages=messages, max_tokens=30, json_schema=schema),  # pyright: ignore[reportArgumentType]
    ]
    folder = save_model(tmp_path / "llama", "llama")
    with tiny_engine(folder, BlobShelf()) as engine, serving(engine) as url:
        client = ChatClient(url)
        assert [client.complete(request) for request in requests] == [engine.complete(r) for r in requests]
        assert client.models() == ("base",)
        with pytest.raises(NotFound):
            client.complete(ChatRequest(model="gpt", messages=messages))
        with pytest.raises(Rejected, match="context is 256 tokens"):
            client.complete(ChatRequest(model="base", messages=(Message("user", "tea " * 300),)))
        client.close()
