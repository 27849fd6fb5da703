"""Start the model server: `python -m fraction.faces.modelserver --model FOLDER --port 8100 [--blobs URL ...]`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from fraction.base import FractionError


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit code."""
    parser = argparse.ArgumentParser(prog="fraction.faces.modelserver", description=__doc__)
    parser.add_argument("--data", type=Path, default=None, help="data directory; its blobs are looked at first")
    parser.add_argument("--model", type=Path, default=None, help="folder of the base model; the embedded one if absent")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100, help="0 picks a free one")
    parser.add_argument("--blobs", nargs="*", default=[], help="addresses that serve adapters by digest")
    parser.add_argument("--nf4", action="store_true", help="round the base to NF4, as training does")
    options = parser.parse_args(arguments)

    def ready(port: int) -> None:
        sys.stdout.write(f"ready http://{options.host}:{port}\n")
        sys.stdout.flush()

    from fraction.faces.modelserver.serve import serve
    from fraction.wiring import clock, text_engine

    try:
        engine = text_engine(data=options.data, model=options.model, blobs=options.blobs, nf4=options.nf4)
        serve(engine, options.host, options.port, now=clock().now, on_ready=ready)
    except (FractionError, OSError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
