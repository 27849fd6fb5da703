"""Serving the application over HTTP until asked to stop."""

import socket
import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI

from fraction.base import Rejected
from fraction.faces.web.streams import Stopping

GRACE_SECONDS = 5
"""How long requests that are under way may take when the server stops."""
BACKLOG = 512


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, taken before anything else is started.

    Raises:
        Rejected: the port is occupied.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Rejected(f"Cannot serve on {host}:{port} ({error.strerror}); choose another --port.") from error
    return listener


def serve(app: FastAPI, listener: socket.socket, stopping: Stopping) -> None:
    """Serve until SIGTERM or SIGINT; say `ready` on standard output once it does."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_SECONDS, lifespan="off"
    )
    host, port = listener.getsockname()[:2]
    _Server(config, stopping, f"http://{host}:{port}").run(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stopping: Stopping, url: str) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"ready {self._url}\n")
        sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping.stop()
        super().handle_exit(sig, frame)
