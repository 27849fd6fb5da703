"""Blobs from other nodes: `GET {peer}/blobs/{digest}`. No peer is trusted: the bytes are checked."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from fraction.adapters.blobs.cid import is_digest
from fraction.base import Digest, NotFound, Rejected, Unavailable, sha256_of


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """How patient and how generous we are with a peer."""

    max_bytes: int = 256 * 1024 * 1024
    """A larger blob is refused while it arrives, so that a peer cannot fill our memory."""
    silence_seconds: float = 10.0
    """How long a peer may stay silent."""
    total_seconds: float = 300.0
    """How long one blob may take, so that a peer cannot hold us by sending a byte now and then."""


class HttpBlobs:
    """Finds blobs at peers, asked in order; a `BlobReader`."""

    def __init__(self, urls: Sequence[str], settings: PeerSettings | None = None) -> None:
        """Ask the peers at `urls`, such as `http://node:8600`."""
        self._urls = [url.rstrip("/") for url in urls]
        self._settings = settings or PeerSettings()
        # proxies of the environment are not ours to read, and a redirect is the peer's choice of address
        self._client = httpx.Client(
            timeout=self._settings.silence_seconds,
            trust_env=False,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity"},
        )

    def fetch(self, digest: Digest) -> bytes:
        """Return the bytes, which have been checked against `digest`.

        Raises:
            NotFound: every peer answered, and none has them.
            Unavailable: no peer gave them, and at least one could not be asked.
        """
        if not is_digest(digest):
            raise Rejected(f"A blob's name is 64 lower-case hex characters; {digest!r:.80} is none.")
        unasked: list[str] = []
        for url in self._urls:
            try:
                payload = self._ask(f"{url}/blobs/{digest}")
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
                unasked.append(f"{url}: {error or type(error).__name__}")
                continue
            if payload is not None and sha256_of(payload) == digest:
                return payload
        if unasked:
            raise Unavailable(f"No peer gave blob {digest} ({'; '.join(unasked)}); try again later.")
        raise NotFound(f"None of {len(self._urls)} peers has blob {digest}; name a node that has it.")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, url: str) -> bytes | None:
        deadline = time.monotonic() + self._settings.total_seconds
        with self._client.stream("GET", url) as response:
            if response.status_code >= 500 or response.status_code == 429:
                raise httpx.HTTPError(f"it answered {response.status_code}")
            if response.status_code != 200:
                return None
            payload = bytearray()
            for piece in response.iter_raw():
                payload += piece
                if len(payload) > self._settings.max_bytes:
                    return None
                if time.monotonic() > deadline:
                    raise httpx.HTTPError("it was too slow")
        return bytes(payload)
