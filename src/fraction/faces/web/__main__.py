"""Start the platform: `python -m fraction.faces.web --data DIR --port 8000 --rpc URL --models URL`."""

import argparse
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import uvicorn

from fraction.base import FractionError
from fraction.faces.web.app import create_app
from fraction.faces.web.platform_backend import PlatformBackend
from fraction.faces.web.streams import Stopping
from fraction.wiring import PlatformSettings, start_platform


class _Server(uvicorn.Server):
    """uvicorn, telling when it serves and ending endless streams when it stops."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[int], None], stopping: Stopping) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready(self.servers[0].sockets[0].getsockname()[1])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping.stop()
        super().handle_exit(sig, frame)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit code."""
    parser = argparse.ArgumentParser(prog="fraction.faces.web", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the world's folder")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 picks a free one")
    parser.add_argument("--rpc", default="", help="URL of the chain; the chain's default if absent")
    parser.add_argument("--models", required=True, help="URL of the model server")
    parser.add_argument("--model", type=Path, default=None, help="folder of the base; the embedded one if absent")
    options = parser.parse_args(arguments)

    def ready(port: int) -> None:
        sys.stdout.write(f"ready http://{options.host}:{port}\n")
        sys.stdout.flush()

    settings = PlatformSettings(world=options.data, rpc=options.rpc, models=options.models, model=options.model)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # until uvicorn takes over
    try:
        with start_platform(settings) as running:
            stopping = Stopping()
            app = create_app(PlatformBackend(running.platform, running.accounts), stopping=stopping)
            config = uvicorn.Config(
                app, host=options.host, port=options.port, log_level="warning", timeout_graceful_shutdown=3
            )
            _Server(config, ready, stopping).run()
    except (FractionError, OSError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
