"""What every request and answer goes through: a size limit, known hosts, and security headers.

Pure ASGI, so that streams pass through without being collected.
"""

import json
from collections.abc import Sequence
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fraction_sdk.wire import Problem

MAX_BODY_BYTES = 1_000_000

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """Refuses what is too large or meant for another host; marks every answer."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        marked = _marking(send)
        if _host_name(headers.get(b"host", b"").decode("latin-1")) not in self._hosts:
            # a page elsewhere may point its own name at this machine (DNS rebinding) and then use the API
            await _refuse(marked, 400, "This platform is not served under that host name.")
        elif scope["method"] in _UNSAFE and _is_from_elsewhere(headers):
            await _refuse(marked, 403, _ELSEWHERE)
        elif _announced(headers) > MAX_BODY_BYTES:
            await _refuse(marked, 413, _TOO_LARGE)
        else:
            await self._limited(scope, receive, marked)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, message = b"", dict[str, Any]()
        while scope["method"] in _UNSAFE:
            message = dict(await receive())
            body += message.get("body", b"")
            if len(body) > MAX_BODY_BYTES:
                await _refuse(send, 413, _TOO_LARGE)
                return
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}] if message else []

        async def replayed() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, replayed, send)


_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
_TITLES = {400: "Not allowed", 403: "From another site", 413: "Too large"}
_ELSEWHERE = "This platform takes changes from its own pages and from programs with a key, not from other sites."
_TOO_LARGE = f"The request's body is larger than {MAX_BODY_BYTES:,} bytes; send less."


def _is_from_elsewhere(headers: dict[bytes, bytes]) -> bool:
    """Return whether a page of another site may have sent a request that would carry somebody's cookie."""
    fetch_site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if fetch_site is not None:
        return fetch_site not in (b"same-origin", b"none")  # no page can make a browser lie here
    if origin is not None:
        return origin.partition(b"://")[2] != headers.get(b"host")
    return b"cookie" in headers  # a browser that tells neither is too old to be trusted


def _announced(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


def _marking(send: Send) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *_HEADERS]
        await send(message)

    return marked


async def _refuse(send: Send, status: int, detail: str) -> None:
    body = json.dumps(Problem(title=_TITLES[status], status=status, detail=detail).model_dump()).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
