# pyright: basic
# torch has no complete types.
import json
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fraction.adapters.lora.adapter_file import pack_adapter
from fraction.adapters.lora.base import load_base
from fraction.adapters.lora.engine import EngineSettings, LocalTextEngine
from fraction.app.generation import ChatRequest, Overloaded, Piece
from fraction.base import JsonObject, NotFound, Rejected, Unavailable
from fraction.transcripts import Message
from tests.adapters.lora.tiny_models import SHAPES, BlobShelf, random_adapter

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "winner": {"enum": ["A", "B", "tie"]},
        "score": {"type": "integer", "minimum": 0, "maximum": 9},
    },
    "required": ["winner", "score"],
    "additionalProperties": False,
}


@contextmanager
def running(folder: Path, shelf: BlobShelf | None = None, **settings: int) -> Iterator[LocalTextEngine]:
    chosen = EngineSettings(**{"rows": 4, **settings})  # pyright: ignore[reportArgumentType]
    engine = LocalTextEngine(load_base(folder, nf4=True, unpacked=True), shelf or BlobShelf(), chosen)
    try:
        yield engine
    finally:
        engine.close()


@pytest.fixture(scope="module")
def engine(llama: Path) -> Iterator[LocalTextEngine]:
    with running(llama) as one:
        yield one


def ask(text: str = "tea", **changes: object) -> ChatRequest:
    request = ChatRequest(model="base", messages=(Message("user", text),), max_tokens=16, seed=5)
    return replace(request, **changes)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_reply_is_bitwise_the_same_alone_and_in_any_company(model_folders: dict[str, Path], shape: str) -> None:
    shelf = BlobShelf()
    layers = load_base(model_folders[shape], nf4=False).linear_shapes
    names = [f"base:{shelf.keep(pack_adapter(random_adapter(layers, rank, rank)))}" for rank in (1, 4, 8)]
    requests = [
        ask(
            "tea " * (number + 1),
            model=[*names, "base"][number % 4],
            seed=number,
            top_logprobs=5,
            max_tokens=8 + number,
        )
        for number in range(9)
    ]
    with running(model_folders[shape], shelf) as engine:
        alone = [engine.complete(request) for request in requests]
        together = [future.result() for future in [engine.submit(request) for request in requests]]
        shuffled = [future.result() for future in [engine.submit(request) for request in reversed(requests)]]
    assert together == alone
    assert shuffled[::-1] == alone
    assert len({reply.text for reply in alone}) == len(alone)


def test_an_adapter_changes_the_reply_and_is_fetched_once(llama: Path) -> None:
    shelf = BlobShelf()
    name = f"base:{shelf.keep(pack_adapter(random_adapter(load_base(llama, nf4=False).linear_shapes, 4, 1)))}"
    with running(llama, shelf) as engine:
        replies = {engine.complete(ask(model=name)).text for _ in range(3)}
        assert replies != {engine.complete(ask()).text}
        assert engine.models() == ("base", name)
    assert len(replies) == 1
    assert shelf.fetched == 1


def test_more_adapters_than_slots_take_turns(llama: Path) -> None:
    shelf = BlobShelf()
    layers = load_base(llama, nf4=False).linear_shapes
    names = [f"base:{shelf.keep(pack_adapter(random_adapter(layers, 4, seed)))}" for seed in range(7)]
    with running(llama, shelf, rows=2, slots=2, adapters_in_memory=3) as engine:
        together = [future.result() for future in [engine.submit(ask(model=name)) for name in names]]
        assert together == [engine.complete(ask(model=name)) for name in names]


def test_the_seed_decides_and_temperature_zero_needs_none(engine: LocalTextEngine) -> None:
    assert engine.complete(ask()) == engine.complete(ask())
    assert engine.complete(ask()) != engine.complete(ask(seed=6))
    cold = [engine.complete(ask(temperature_percent=0, seed=seed)) for seed in (1, 2)]
    assert cold[0] == cold[1]


def test_pieces_add_up_to_the_reply(engine: LocalTextEngine) -> None:
    pieces: list[Piece] = []
    reply = engine.submit(ask(max_tokens=40, top_logprobs=2), pieces.append).result()
    assert "".join(piece.text for piece in pieces) == reply.text
    assert tuple(token for piece in pieces for token in piece.tokens) == reply.tokens
    assert len(pieces) > 3


def test_a_reply_ends_before_a_stop_text_and_no_piece_shows_it(engine: LocalTextEngine) -> None:
    whole = engine.complete(ask(max_tokens=40)).text
    stop = whole[12:15]
    pieces: list[Piece] = []
    reply = engine.submit(ask(max_tokens=40, stop=("never there", stop)), pieces.append).result()
    assert reply.text == whole[: whole.index(stop)]
    assert reply.finish == "stop"
    assert "".join(piece.text for piece in pieces) == reply.text


def test_the_limit_of_tokens_and_the_context_are_kept(engine: LocalTextEngine) -> None:
    reply = engine.complete(ask(max_tokens=3))
    assert (reply.completion_tokens, reply.finish) == (3, "length")
    long = engine.complete(ask("a b " * 55, max_tokens=500))
    assert long.prompt_tokens + long.completion_tokens <= engine.context_tokens
    with pytest.raises(Rejected, match="context is 256 tokens"):
        engine.submit(ask("a b " * 200))


def test_every_constrained_reply_is_what_the_schema_says(engine: LocalTextEngine) -> None:
    futures = [engine.submit(ask(max_tokens=60, seed=seed, json_schema=SCHEMA)) for seed in range(12)]
    for future in futures:
        verdict = json.loads(future.result().text)
        assert set(verdict) == {"winner", "score"}
        assert verdict["winner"] in ("A", "B", "tie")
        assert 0 <= verdict["score"] <= 9


def test_a_schema_that_cannot_be_enforced_is_refused(engine: LocalTextEngine) -> None:
    with pytest.raises(Rejected, match="schema"):
        engine.submit(ask(json_schema={"type": "no such type"}))


@pytest.mark.parametrize("model", ["gpt-4", "base:", "base:xyz", f"base:{'A' * 64}", f"base:{'0' * 64}"])
def test_an_unknown_model_is_not_found(engine: LocalTextEngine, model: str) -> None:
    with pytest.raises(NotFound):
        engine.submit(ask(model=model))


def test_a_blob_that_is_no_adapter_is_refused(llama: Path) -> None:
    shelf = BlobShelf()
    with running(llama, shelf) as engine, pytest.raises(Rejected, match="not a safetensors file"):
        engine.submit(ask(model=f"base:{shelf.keep(b'hello')}"))


def test_a_full_queue_asks_to_come_back_later(llama: Path) -> None:
    held, go_on = threading.Event(), threading.Event()

    def hold(_: Piece) -> None:
        held.set()
        go_on.wait()

    with running(llama, rows=1, queue=2) as engine:
        first = engine.submit(ask(max_tokens=40), hold)
        held.wait()  # the worker now stands still within the first reply
        waiting = [engine.submit(ask()) for _ in range(2)]
        with pytest.raises(Overloaded) as refusal:
            engine.submit(ask())
        go_on.set()
        assert refusal.value.retry_after_seconds >= 1
        assert waiting[0].result() == waiting[1].result()
        first.result()


def test_a_cancelled_reply_frees_its_row(llama: Path) -> None:
    started = threading.Event()
    with running(llama, rows=1) as engine:
        long = engine.submit(ask(max_tokens=240), lambda _: started.set())
        started.wait()
        assert long.cancel()
        assert engine.complete(ask()).completion_tokens > 0
        with pytest.raises(CancelledError):
            long.result()


def test_a_listener_that_fails_loses_its_own_reply_only(engine: LocalTextEngine) -> None:
    def fail(_: Piece) -> None:
        raise OSError("the client is gone")

    lost = engine.submit(ask(), fail)
    kept = engine.submit(ask())
    with pytest.raises(OSError, match="gone"):
        lost.result()
    assert kept.result() == engine.complete(ask())


def test_closing_gives_up_what_waits_and_takes_no_more(llama: Path) -> None:
    started = threading.Event()
    with running(llama, rows=1) as engine:
        futures = [engine.submit(ask(max_tokens=200), lambda _: started.set()), engine.submit(ask())]
        started.wait()
        engine.close()
        for future in futures:
            with pytest.raises(Unavailable):
                future.result()
        with pytest.raises(Unavailable):
            engine.submit(ask())
