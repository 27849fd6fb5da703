"""What the API says of itself (OpenAPI 3.1): how every route refuses, who may ask, and how lists go on."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from fraction_sdk.wire import Problem

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "Refused; the detail says why and what to do."},
    "503": {"model": Problem, "description": "Not available now; ask again."},
}
"""How every route answers when it refuses."""

KEY_SCHEME = "key"

_ABOUT = """Everything that the pages do. Refusals are problem documents (RFC 9457) that say what to do.
Lists come in pages: `Link: <...>; rel="next"` leads to the following one. What costs takes an `Idempotency-Key`:
a repetition with the same key gets the first answer and pays nothing. What changes something is counted; the fields
`RateLimit` and `RateLimit-Policy` tell what is left. Fields may be added to answers without notice; what a field
means, and which ones a request needs, changes under a new prefix only."""

_LINK = {"schema": {"type": "string"}, "description": "Where the following page is; absent on the last one."}


def describe(app: FastAPI) -> None:
    """Let `app` describe itself at /openapi.json."""
    kept: dict[str, Any] = {}

    def description() -> dict[str, Any]:
        if not kept:
            kept.update(_described(app))
        return kept

    app.openapi = description


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title="Fraction", version=app.version, description=_ABOUT, routes=app.routes)
    for path in document["paths"].values():
        for operation in path.values():
            _complete(operation)
    return document


def _complete(operation: dict[str, Any]) -> None:
    """Say what the framework cannot know: the media type of problems, and the header of lists."""
    for status in PROBLEMS:
        content = operation["responses"][str(status)]["content"]
        content["application/problem+json"] = content.pop("application/json")
    if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ())):
        operation["responses"]["200"]["headers"] = {"Link": _LINK}
