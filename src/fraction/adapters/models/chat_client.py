"""A client of any OpenAI-compatible chat server: our own, vLLM, Ollama, a hosted API."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from fraction.adapters.models.wire import read_reply, request_body
from fraction.app.generation import ChatReply, ChatRequest
from fraction.base import NotFound, Rejected, Unavailable

_TRY_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How patient the client is."""

    attempts: int = 5
    """Tries in all; enough to sit out a server's restart of a few seconds."""
    first_wait_seconds: float = 0.5
    """Doubles with each try."""
    longest_wait_seconds: float = 20.0
    """Also the most that a server's Retry-After is honoured."""
    connect_seconds: float = 5.0
    answer_seconds: float = 180.0
    """A CPU with a full queue takes its time."""


class ChatClient:
    """Asks one server; safe to share between threads."""

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        settings: ClientSettings | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Talk to the server whose API begins at `url`, such as `http://127.0.0.1:8100/v1`."""
        self._url = url.rstrip("/")
        if not self._url.endswith("/v1"):
            self._url += "/v1"
        self._settings = settings or ClientSettings()
        self._sleep = sleep
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx.Timeout(self._settings.answer_seconds, connect=self._settings.connect_seconds),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
        )

    def complete(self, request: ChatRequest) -> ChatReply:
        """Return the model's reply, asking again with growing pauses while the server is busy or down.

        Raises:
            Rejected: the server refuses the request, the key or the model's name.
            Unavailable: no usable answer came in all tries.
        """
        answer = self._send("POST", "/chat/completions", request_body(request))
        reply = read_reply(_json(answer), request)
        if reply is None:
            raise Unavailable(
                f"The model server at {self._url} answered something that is no chat completion; "
                "check that the address is that of an OpenAI-compatible API."
            )
        return reply

    def models(self) -> tuple[str, ...]:
        """Return the names of the server's models.

        Raises:
            Unavailable: no usable answer came.
        """
        body = _json(self._send("GET", "/models", None))
        entries = body.get("data") if isinstance(body, dict) else None
        if not isinstance(entries, list):
            raise Unavailable(f"The model server at {self._url} does not list its models; check the address.")
        return tuple(str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        trouble = "no answer"
        for attempt in range(self._settings.attempts):
            wait = min(self._settings.first_wait_seconds * 2**attempt, self._settings.longest_wait_seconds)
            try:
                answer = self._http.request(method, self._url + path, json=body)
            except httpx.TimeoutException:
                trouble = f"no answer within {self._settings.answer_seconds:g} seconds"
            except (httpx.TransportError, httpx.DecodingError) as error:
                trouble = str(error) or type(error).__name__
            else:
                if answer.status_code not in _TRY_AGAIN:
                    return self._accepted(answer)
                trouble = f"status {answer.status_code}: {_sentence(answer)}"
                wait = max(wait, _retry_after(answer, self._settings.longest_wait_seconds))
            if attempt + 1 < self._settings.attempts:
                self._sleep(wait)
        raise Unavailable(
            f"The model server at {self._url} gave no answer in {self._settings.attempts} tries ({trouble}); "
            "check that it runs, and try again."
        )

    def _accepted(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        said = _sentence(answer)
        if answer.status_code in (401, 403):
            raise Rejected(f"The model server at {self._url} refuses the API key; set the right one ({said}).")
        if answer.status_code == 404:
            raise NotFound(f"The model server at {self._url} has no such model or path; check both ({said}).")
        if answer.is_redirect:
            raise Rejected(f"The model server at {self._url} moved to {answer.headers.get('location')}; use that.")
        raise Rejected(f"The model server at {self._url} refuses the request: {said}")


def _json(answer: httpx.Response) -> Any:  # noqa: ANN401 - whatever the server sent
    try:
        return answer.json()
    except ValueError:
        return None


def _sentence(answer: httpx.Response) -> str:
    """Return what the server says went wrong, at most 300 characters."""
    body = _json(answer)
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return (message if isinstance(message, str) else answer.text)[:300] or answer.reason_phrase


def _retry_after(answer: httpx.Response, most: float) -> float:
    """Return the seconds the server asks to wait; 0 if it does not say them as a number."""
    try:
        return min(max(0.0, float(answer.headers.get("retry-after", "0"))), most)
    except ValueError:
        return 0.0
