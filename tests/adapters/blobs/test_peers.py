"""Nodes give blobs to each other, and trust nobody."""

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest

from fraction.adapters.blobs import BlobServer, HttpBlobs, PeerSettings, serve_blobs
from fraction.adapters.memory import MemoryBlobs
from fraction.app.ports import BlobReader
from fraction.base import Digest, NotFound, Rejected, Unavailable, sha256_of

PAYLOAD = bytes(range(256)) * 1000
DIGEST = sha256_of(PAYLOAD)


class Liar:
    """Answers every question with the same wrong bytes."""

    def fetch(self, digest: Digest) -> bytes:
        return b"Trust me."


class Broken:
    """A node whose disk is broken."""

    def fetch(self, digest: Digest) -> bytes:
        raise Unavailable("The disk refuses; replace it.")


def full() -> MemoryBlobs:
    blobs = MemoryBlobs()
    blobs.keep(PAYLOAD)
    return blobs


@pytest.fixture
def server() -> Iterator[BlobServer]:
    with closing(serve_blobs(full())) as running:
        yield running


def ask(url: str, request: bytes) -> bytes:
    """Send raw bytes and return the whole answer, so that no client tidies the path."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port or 80), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def fetch_from(*peers: BlobReader, settings: PeerSettings | None = None) -> bytes:
    servers = [serve_blobs(peer) for peer in peers]
    reader = HttpBlobs([running.url for running in servers], settings)
    try:
        return reader.fetch(DIGEST)
    finally:
        reader.close()
        for running in servers:
            running.close()


def test_a_peer_gives_what_it_has(server: BlobServer) -> None:
    with closing(HttpBlobs([server.url + "/"])) as reader:
        assert reader.fetch(DIGEST) == PAYLOAD


def test_an_answer_may_be_kept_for_ever_and_is_never_a_page(server: BlobServer) -> None:
    answer = httpx.get(f"{server.url}/blobs/{DIGEST}", trust_env=False)
    assert answer.content == PAYLOAD
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    known = {"If-None-Match": answer.headers["ETag"]}
    assert httpx.get(f"{server.url}/blobs/{DIGEST}", headers=known, trust_env=False).status_code == 304


def test_head_gives_the_size_only(server: BlobServer) -> None:
    answer = httpx.head(f"{server.url}/blobs/{DIGEST}", trust_env=False)
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "256000", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/blobs", "/blobs/", f"/{DIGEST}", f"/blobs/{DIGEST}/", f"/blobs/{DIGEST.upper()}",
        f"/blobs/../blobs/{DIGEST}", f"/blobs//{DIGEST}", f"/blobs/{DIGEST}?a=b",
        "/blobs/../../../../etc/passwd", "/blobs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", f"/blobs/{DIGEST}%00",
        "/blobs/" + "a" * 10_000, "/blobs/" + "\u0660" * 64, f"/blobs/{'0' * 64}",
    ],
)  # fmt: skip
def test_any_other_path_is_refused(server: BlobServer, path: str) -> None:
    answer = ask(server.url, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
    assert b"Content-Length: 0\r\n" in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE"])
def test_nothing_can_be_written(server: BlobServer, method: str) -> None:
    answer = ask(server.url, f"{method} /blobs/{DIGEST} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 501 ")


def test_a_liar_and_a_broken_peer_are_passed_over() -> None:
    assert fetch_from(Liar(), Broken(), MemoryBlobs(), full()) == PAYLOAD


def test_wrong_bytes_are_never_taken() -> None:
    with pytest.raises(NotFound, match="None of 2 peers"):
        fetch_from(Liar(), MemoryBlobs())


def test_a_blob_may_turn_up_later_if_somebody_could_not_be_asked() -> None:
    with pytest.raises(Unavailable, match="try again later"):
        fetch_from(MemoryBlobs(), Broken())
    with closing(HttpBlobs(["http://127.0.0.1:9"])) as reader, pytest.raises(Unavailable, match=":9"):
        reader.fetch(DIGEST)


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "ftp://a", "http://", "http://[::1", "http://a:99999", "http://\u0660..\ud800", "http://a b"],
)
def test_an_address_that_is_none_cannot_be_asked(url: str) -> None:
    with closing(HttpBlobs([url])) as reader, pytest.raises(Unavailable, match="No peer gave blob"):
        reader.fetch(DIGEST)


def test_a_blob_that_is_too_large_is_refused_while_it_arrives() -> None:
    with pytest.raises(NotFound):
        fetch_from(full(), settings=PeerSettings(max_bytes=len(PAYLOAD) - 1))
    assert fetch_from(full(), settings=PeerSettings(max_bytes=len(PAYLOAD))) == PAYLOAD


def test_a_peer_that_sends_too_slowly_is_given_up() -> None:
    with pytest.raises(Unavailable, match="too slow"):
        fetch_from(full(), settings=PeerSettings(total_seconds=0))


def test_a_name_that_is_no_digest_is_not_asked_for() -> None:
    with closing(HttpBlobs([])) as reader, pytest.raises(Rejected):
        reader.fetch(Digest("../secret"))


def test_a_port_that_is_taken_is_said(server: BlobServer) -> None:
    with pytest.raises(Unavailable, match="choose another"):
        serve_blobs(MemoryBlobs(), port=int(server.url.rpartition(":")[2]))


def test_a_closed_server_answers_nobody() -> None:
    running = serve_blobs(full())
    running.close()
    with closing(HttpBlobs([running.url])) as reader, pytest.raises(Unavailable):
        reader.fetch(DIGEST)
