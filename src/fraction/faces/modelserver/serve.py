"""The model server as a process."""

import socket
from collections.abc import Callable

import uvicorn

from fraction.app.generation import TextEngine
from fraction.base import Rejected
from fraction.faces.modelserver.api import create_app


class _Server(uvicorn.Server):
    """uvicorn, telling when it serves."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready(self.servers[0].sockets[0].getsockname()[1])


def serve(
    engine: TextEngine,
    host: str,
    port: int,
    now: Callable[[], int],
    on_ready: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve `engine` until SIGINT or SIGTERM; then close it.

    Args:
        engine: what answers
        host: address to listen on; loopback unless the network is trusted
        port: 0 picks a free one
        now: whole seconds since 1970
        on_ready: called once with the port, when requests are answered

    Raises:
        Rejected: the address cannot be listened on.
    """
    config = uvicorn.Config(create_app(engine, now), log_level="warning", timeout_graceful_shutdown=2)
    try:
        with _listening(host, port) as listener:
            _Server(config, on_ready).run(sockets=[listener])
    finally:
        engine.close()


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise Rejected(
            f"The model server cannot listen on {host}:{port} ({error.strerror}); choose another with --port."
        ) from error
