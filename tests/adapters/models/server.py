"""A chat server that answers what it is told to, for clients that must stand anything."""

import json
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SILENCE = 0
"""As a status: never answer."""
HANG_UP = -1
"""As a status: close the connection without an answer."""


@dataclass
class Answer:
    """One prepared answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Script:
    """The answers in order, the last one for ever; and what was asked."""

    answers: Sequence[Answer]
    asked: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    keys: list[str | None] = field(default_factory=list[str | None])
    over: threading.Event = field(default_factory=threading.Event)

    def next(self) -> Answer:
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


def completion(text: str = "hello", **changes: object) -> Answer:
    """Return a good answer; `changes` replace fields of its choice."""
    choice: dict[str, object] = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    body = {"choices": [{**choice, **changes}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
    return Answer(200, json.dumps(body).encode())


@contextmanager
def scripted(*answers: Answer) -> Generator[tuple[str, Script]]:
    """Serve `answers` until the block ends; give the URL and the script."""
    script = Script(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            script.asked.append(json.loads(body))
            script.keys.append(self.headers.get("authorization"))
            self._answer(script.next())

        def do_GET(self) -> None:
            script.asked.append({})
            self._answer(script.next())

        def _answer(self, answer: Answer) -> None:
            if answer.status == SILENCE:
                script.over.wait()
            if answer.status in (SILENCE, HANG_UP):
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", script
    finally:
        script.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
