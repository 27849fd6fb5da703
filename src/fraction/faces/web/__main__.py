"""Start the platform: `python -m fraction.faces.web --data DIR --port P --rpc URL --models URL`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from fraction.base import FractionError

EXIT_REFUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the platform until it is stopped; return the exit code."""
    options = _parser().parse_args(arguments)
    from fraction.faces.web.app import LOOPBACK_HOSTS, create_app
    from fraction.faces.web.people import People
    from fraction.faces.web.platform_backend import PlatformBackend
    from fraction.faces.web.serve import listen, serve
    from fraction.faces.web.streams import Stopping
    from fraction.wiring import PlatformSettings, start_platform

    def say(trouble: str) -> None:
        sys.stderr.write(f"{trouble}\n")
        sys.stderr.flush()

    settings = PlatformSettings(
        world=options.data, rpc=options.rpc, models=options.models, model=options.model, on_trouble=say
    )
    stopping = Stopping()
    try:
        with listen(options.host, options.port) as listener, start_platform(settings) as running:
            backend = PlatformBackend(running.house, running.accounts, running.webhooks)
            people = People(
                running.door,
                running.platform.clock,
                running.accounts,
                running.signatures,
                running.platform.own.escrow.chain_id,
                running.operator_secret,
            )
            app = create_app(backend, people, (*LOOPBACK_HOSTS, *options.name), stopping)
            serve(app, listener, stopping)
    except FractionError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_REFUSED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fraction.faces.web", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the world's folder")
    parser.add_argument("--host", default="127.0.0.1", help="the address to serve on")
    parser.add_argument("--name", action="append", default=[], help="a further host name it is asked by")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--rpc", default="", help="URL of the chain")
    parser.add_argument("--models", required=True, help="URL of the model server")
    parser.add_argument("--model", type=Path, default=None, help="the base's folder, where it is not the embedded one")
    return parser


if __name__ == "__main__":
    sys.exit(main())
