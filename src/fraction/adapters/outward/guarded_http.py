"""HTTP to an address that a stranger named, guarded against being sent elsewhere (SSRF).

name ─▶ addresses (all must be public) ─▶ connect to the one that was checked ─▶ no redirect, no proxy, bounded answer

The name is resolved once a call and the connection goes to the address that was looked at, so a name that changes
between the look and the call (DNS rebinding) changes nothing.
"""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from fraction.adapters.outward.addresses import is_public
from fraction.app.outward import Answer
from fraction.base import Rejected, Unavailable

MOST_URL_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """How far calls may go, and how long they may take."""

    allow_private: bool = False
    """Whether plain HTTP and addresses of private networks are called too: for a platform on a laptop, and tests."""
    connect_seconds: float = 5.0
    whole_seconds: float = 20.0
    """A call takes no longer than this, however slowly its answer drips."""
    most_bytes: int = 256_000
    """A longer answer is not read."""


class GuardedHttp:
    """Calls strangers' addresses; an `Outward`. Safe to share between threads."""

    def __init__(self, settings: GuardSettings | None = None) -> None:
        """Call as far as `settings` allow."""
        self._settings = settings or GuardSettings()
        self._http = httpx.Client(
            timeout=httpx.Timeout(self._settings.whole_seconds, connect=self._settings.connect_seconds),
            trust_env=False,
            follow_redirects=False,
        )

    def check(self, url: str) -> None:
        """Do nothing if `url` may be called; raise Rejected with what is wrong with it."""
        self._address_of(self._parsed(url))

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return what `url` answers to `body`.

        Raises:
            Rejected: it may not be called.
            Unavailable: nothing answers, or too slowly, or too much.
        """
        parsed = self._parsed(url)
        address = self._address_of(parsed)
        request = self._http.build_request(
            "POST",
            parsed.copy_with(host=address),
            headers={**headers, "Host": parsed.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            content=body,
            extensions={"sni_hostname": parsed.host},
        )
        try:
            answer = self._http.send(request, stream=True)
            try:
                return Answer(answer.status_code, self._read(answer))
            finally:
                answer.close()
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise Unavailable(f"{parsed.host} does not answer ({type(error).__name__}); is it up?") from error

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _parsed(self, url: str) -> httpx.URL:
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError) as error:
            raise Rejected("That is no URL; give one such as https://example.org/hook.") from error
        schemes = ("https", "http") if self._settings.allow_private else ("https",)
        if parsed.scheme not in schemes or not parsed.host or len(url) > MOST_URL_CHARACTERS:
            raise Rejected(f"Give a URL that begins with https:// and has at most {MOST_URL_CHARACTERS} characters.")
        if parsed.userinfo or not url.isprintable():
            raise Rejected("Give a URL without a user name or password in it.")
        return parsed

    def _address_of(self, url: httpx.URL) -> str:
        """Return an address of the URL's host; raise Rejected unless all of them are public."""
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unavailable(f"The name {url.host} leads nowhere now; check it, or try again.") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not self._settings.allow_private and not all(map(is_public, addresses)):
            raise Rejected(f"{url.host} is not on the public internet; give an address that is.")
        return addresses[0]

    def _read(self, answer: httpx.Response) -> bytes:
        deadline = time.monotonic() + self._settings.whole_seconds
        body = b""
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > self._settings.most_bytes or time.monotonic() > deadline:
                raise Unavailable(f"{answer.request.headers['host']} answers too much or too slowly.")
        return body
