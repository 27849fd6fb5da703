"""What the two clients share: how a verb is asked over HTTP, and how its answer is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from fraction_sdk.errors import ApiError, Unreachable

T = TypeVar("T")

VERSION_PATH = "/v1"
"""What the paths of this version of the API begin with."""

STREAM_SILENCE_SECONDS = 40.0
"""The platform sends a heartbeat at least every 15 seconds; silence for longer means that it is gone."""

RECONNECT_SECONDS = 0.5

PAGE = 200
"""So many items of a list are asked for at once."""


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """One request and what its answer is."""

    kind: Any
    """The answer's type `T`; `bytes` for what is no message."""
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    message: BaseModel | None = None
    once: str = ""
    """An idempotency key."""

    @property
    def body(self) -> str | None:
        """What is sent."""
        return None if self.message is None else self.message.model_dump_json()

    @property
    def headers(self) -> dict[str, str]:
        """What is said beside it."""
        return ({} if self.message is None else {"Content-Type": "application/json"}) | (
            {"Idempotency-Key": self.once} if self.once else {}
        )

    def read(self, answer: httpx.Response) -> T:
        """Return what the platform answered.

        Raises:
            ApiError: it refused, or does not speak this version.
        """
        if answer.is_error:
            raise refusal_of(answer)
        if self.kind is bytes:
            return answer.content  # pyright: ignore[reportReturnType]  -- T is bytes here
        try:
            return TypeAdapter[T](self.kind).validate_json(answer.content)
        except ValidationError as error:
            where = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
            raise ApiError(
                answer.status_code,
                f"What answers at {answer.url} does not speak this version of the API (at {where!r}); "
                "use a client and a platform of the same version.",
            ) from error


def get(kind: type[T], *path: str, **query: str | None) -> Ask[T]:
    """Return the question for something at `path`; parts of it cannot leave their place."""
    return Ask(kind, "GET", _path(path), {name: value for name, value in query.items() if value is not None})


def delete(kind: type[T], *path: str) -> Ask[T]:
    """Return the request that something at `path` ends."""
    return Ask(kind, "DELETE", _path(path))


def post(kind: type[T], *path: str, message: BaseModel | None = None, once: str = "") -> Ask[T]:
    """Return the request that something is done."""
    return Ask(kind, "POST", _path(path), message=message, once=once)


def next_path(answer: httpx.Response) -> str | None:
    """Return where the following page of a list is."""
    return answer.links.get("next", {}).get("url")


def key_headers(key: str) -> dict[str, str]:
    """Return what says who asks."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def trouble_of(url: str, error: httpx.TransportError) -> Unreachable:
    """Return what to raise when nothing was answered."""
    if isinstance(error, httpx.TimeoutException):
        return Unreachable(f"The platform at {url} took too long to answer; ask again.")
    return Unreachable(f"No platform answers at {url}; start one with `fraction up`.")


def refusal_of(answer: httpx.Response) -> ApiError:
    """Return what to raise for an answer that is an error; its body has been read."""
    retry_after = answer.headers.get("Retry-After", "")
    try:
        detail = str(json.loads(answer.content)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"{answer.url} answered with HTTP status {answer.status_code} and no explanation."
    return ApiError(answer.status_code, detail, int(retry_after) if retry_after.isdigit() else None)


def _path(parts: tuple[str, ...]) -> str:
    """Return a path of one part each.

    >>> _path(("agents", "../health"))
    '/v1/agents/..%2Fhealth'
    """
    whole = "/".join(quote(part, safe="") for part in parts)
    return f"/{whole}" if parts[0] == "blobs" else f"{VERSION_PATH}/{whole}"
