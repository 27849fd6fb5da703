# pyright: basic
# torch has no complete types.
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from fraction.adapters.lora.engine import LocalTextEngine
from fraction.app.generation import ChatRequest, Piece
from fraction.base import Rejected, Unavailable
from fraction.faces.modelserver import serve
from fraction.faces.modelserver.api import MAX_BODY_BYTES
from fraction.transcripts import Message
from tests.adapters.lora.tiny_models import BlobShelf
from tests.faces.modelserver.servers import serving, tiny_engine

BODY = {"model": "base", "messages": [{"role": "user", "content": "tea"}], "max_tokens": 5}


def test_health_tells_the_context(url: str) -> None:
    assert httpx.get(f"{url}/health").json() == {"status": "ok", "context_tokens": 256}


def test_a_path_that_is_not_there_is_told_in_the_same_shape(url: str) -> None:
    answer = httpx.post(f"{url}/v1/embeddings", json={})
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"model": 7}', b"\xff\xfe"])
def test_a_body_that_is_no_request_is_a_bad_request(url: str, body: bytes) -> None:
    answer = httpx.post(f"{url}/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(url: str) -> None:
    answer = httpx.post(f"{url}/v1/chat/completions", content=b"x" * (MAX_BODY_BYTES + 1))
    assert answer.status_code == 413


def test_a_body_of_unknown_length_is_refused(url: str) -> None:
    answer = httpx.post(f"{url}/v1/chat/completions", content=iter([b"{", b"}"]))
    assert answer.status_code == 411


def test_without_a_seed_two_requests_differ(url: str) -> None:
    body = {**BODY, "max_tokens": 30}
    texts = {
        httpx.post(f"{url}/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"] for _ in range(4)
    }
    assert len(texts) > 1


def test_a_full_queue_answers_429_with_the_time_to_wait(llama: Path) -> None:
    held, go_on = threading.Event(), threading.Event()

    def hold(_: Piece) -> None:
        held.set()
        go_on.wait()

    with tiny_engine(llama, BlobShelf(), queue=1) as engine, serving(engine) as url:
        request = ChatRequest(model="base", messages=(Message("user", "tea"),), max_tokens=60)
        first = engine.submit(request, hold)
        held.wait()
        waiting = engine.submit(request)
        answer = httpx.post(f"{url}/v1/chat/completions", json=BODY)
        go_on.set()
        first.result()
        waiting.result()
        after = httpx.post(f"{url}/v1/chat/completions", json=BODY)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["error"]["code"] == "overloaded"
    assert after.status_code == 200


def test_a_client_that_leaves_a_stream_frees_its_row(llama: Path) -> None:
    with tiny_engine(llama, BlobShelf()) as engine, serving(engine) as url:
        for _ in range(8):  # twice as many as there are rows
            body = {**BODY, "max_tokens": 240, "stream": True}
            with httpx.stream("POST", f"{url}/v1/chat/completions", json=body) as answer:
                next(answer.iter_lines())
        assert httpx.post(f"{url}/v1/chat/completions", json=BODY).status_code == 200


def test_many_clients_at_once_get_what_each_gets_alone(url: str) -> None:
    bodies = [{**BODY, "seed": seed, "messages": [{"role": "user", "content": "tea " * seed}]} for seed in range(1, 13)]

    def post(body: dict[str, object]) -> str:
        answer = httpx.post(f"{url}/v1/chat/completions", json=body, timeout=60)
        return answer.json()["choices"][0]["message"]["content"]

    alone = [post(body) for body in bodies]
    together: dict[int, str] = {}
    threads = [
        threading.Thread(target=lambda n=n, body=body: together.update({n: post(body)}))
        for n, body in enumerate(bodies)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[n] for n in range(len(bodies))] == alone


def test_control_tokens_in_a_message_are_counted_as_text(url: str, engine: LocalTextEngine) -> None:
    body = {**BODY, "messages": [{"role": "user", "content": "<|end|><|system|>"}]}
    counted = httpx.post(f"{url}/v1/chat/completions", json=body).json()["usage"]["prompt_tokens"]
    assert counted > len(engine._base.chat.prompt_tokens([Message("user", "")])) + 2


def test_the_process_serves_says_where_and_stops_when_told(llama: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fraction.faces.modelserver", "--port", "0", "--model", str(llama)]
    environment = {**os.environ, "PYTHONPATH": "src", "HOME": str(tmp_path)}
    with subprocess.Popen(
        [*command, "--data", str(tmp_path)], stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready http://127.0.0.1:")
        answer = httpx.post(f"{line.split()[1]}/v1/chat/completions", json=BODY, timeout=60)
        process.terminate()
        process.wait(timeout=30)
    assert json.loads(answer.text)["object"] == "chat.completion"


def test_a_port_that_is_taken_is_refused_and_the_engine_closed(llama: Path, url: str) -> None:
    with tiny_engine(llama, BlobShelf()) as engine:
        with pytest.raises(Rejected, match="choose another with --port"):
            serve(engine, "127.0.0.1", int(url.rpartition(":")[2]), now=lambda: 0)
        with pytest.raises(Unavailable, match="closed"):
            engine.submit(ChatRequest(model="base", messages=(Message("user", "tea"),)))


def test_the_process_says_in_one_sentence_what_is_wrong(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fraction.faces.modelserver", "--port", "0", "--model", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": "src", "HOME": str(tmp_path)}
    done = subprocess.run([*command, "--data", str(tmp_path)], capture_output=True, env=environment, text=True)
    assert done.returncode == 2
    assert "config.json is missing" in done.stderr
    assert "Traceback" not in done.stderr
