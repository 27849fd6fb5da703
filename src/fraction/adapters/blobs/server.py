"""A small server that gives blobs to other nodes: `GET` or `HEAD /blobs/<digest>`, and nothing else.

A blob never changes, so an answer may be kept for ever. The path is matched whole against 64 hex characters
before it is used; there is nothing else of the request that reaches the disk.
"""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from threading import BoundedSemaphore, Thread

from fraction.adapters.blobs.cid import is_digest
from fraction.app.ports import BlobReader
from fraction.base import NotFound, Unavailable

_MAX_CONNECTIONS = 64
_SILENCE_SECONDS = 15
"""A client that says nothing for so long is hung up on."""


class BlobServer:
    """A running server; `close` ends it."""

    def __init__(self, server: "_Server") -> None:
        """Begin to answer on a thread of its own."""
        self._server = server
        host, port = server.server_address[:2]
        host = host.decode() if isinstance(host, bytes | bytearray) else host
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        """Where it answers; the port that was chosen if 0 was asked for."""
        self._thread = Thread(target=server.serve_forever, args=(0.1,), name="fraction-blobs", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve_blobs(blobs: BlobReader, host: str = "127.0.0.1", port: int = 0) -> BlobServer:
    """Return a running server of `blobs`.

    Args:
        blobs: what is here; not a reader that asks others, or two nodes would ask each other for ever
        host: the address to listen on
        port: 0 for any free one

    Raises:
        Unavailable: the port is taken.
    """
    try:
        return BlobServer(_Server((host, port), blobs))
    except OSError as error:
        raise Unavailable(f"Port {port} of {host} is not free ({error.strerror}); choose another.") from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], blobs: BlobReader) -> None:
        self.blobs = blobs
        self._room = BoundedSemaphore(_MAX_CONNECTIONS)
        super().__init__(address, _Handler)

    def process_request(self, request: socket, client_address: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- the base class admits datagrams as well
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)  # pyright: ignore[reportArgumentType] -- as above

    def process_request_thread(self, request: socket, client_address: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- as above
        try:
            super().process_request_thread(request, client_address)  # pyright: ignore[reportArgumentType] -- as above
        finally:
            self._room.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client goes away in the middle of an answer."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride] -- ours is the only one that makes it
    protocol_version = "HTTP/1.1"
    server_version = "fraction"
    sys_version = ""
    timeout = _SILENCE_SECONDS

    def do_GET(self) -> None:
        """Answer with the blob."""
        payload = self._answer()
        if payload is not None:
            self.wfile.write(payload)

    def do_HEAD(self) -> None:
        """Answer with the blob's size."""
        self._answer()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse without the page that the base class writes, which repeats what the client sent."""
        self._refuse(HTTPStatus(code))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; requests of strangers do not belong in our log."""

    def _answer(self) -> bytes | None:
        folder, _, name = self.path.removeprefix("/").partition("/")
        if folder != "blobs" or not is_digest(name):
            return self._refuse(HTTPStatus.NOT_FOUND)
        if self.headers.get("If-None-Match") == f'"{name}"':
            return self._refuse(HTTPStatus.NOT_MODIFIED)
        try:
            payload = self.server.blobs.fetch(name)
        except NotFound:
            return self._refuse(HTTPStatus.NOT_FOUND)
        except Unavailable:
            return self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        self.send_header("ETag", f'"{name}"')
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'; sandbox")
        self.end_headers()
        return payload

    def _refuse(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
