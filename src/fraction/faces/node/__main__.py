"""Entry of the worker processes; each also runs alone, on its own machine, with its own key."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from fraction.base import FractionError
from fraction.faces.node import chain, judge, replay, training

EXIT_REFUSED = 2
"""The process could not do what it was asked; one sentence on standard error says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the worker that the arguments name; return the exit code."""
    options = _parser().parse_args(arguments)
    runners = {
        "chain": chain.run,
        "judge": judge.run,
        "trainer": training.run,
        "verifier": training.run,
        "replay": replay.run,
    }
    try:
        return runners[options.worker](options)
    except FractionError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fraction.faces.node", description=__doc__)
    workers = parser.add_subparsers(dest="worker", required=True)
    local = workers.add_parser("chain", help="the local chain, with the contracts deployed")
    local.add_argument("--data", type=Path, required=True, help="the world's folder")
    local.add_argument("--port", type=int, default=8545)
    for name in ("judge", "trainer", "verifier"):
        node = workers.add_parser(name, help=f"a {name} node")
        node.add_argument("--data", type=Path, required=True, help="the world's folder")
        node.add_argument("--name", required=True, help="names the node's own folder and key")
        node.add_argument("--port", type=int, required=True, help="where its blobs are served")
        node.add_argument("--rpc", required=True, help="URL of the chain")
        node.add_argument("--models", default="", help="URL of a model server (judges)")
        node.add_argument("--model", default="", help="the model's name there, or its folder")
        node.add_argument("--platform", required=True, help="URL where transcripts are served")
        node.add_argument("--cheat", default="none", help="misbehave, to be caught: see the docs")
    bundle = workers.add_parser("replay", help="re-derive a Session from its bundle")
    bundle.add_argument("bundle", type=Path)
    bundle.add_argument("--data", type=Path, default=None, help="compare with this world's chain")
    bundle.add_argument("--rpc", default="", help="compare with the chain at this URL")
    bundle.add_argument("--offline", action="store_true", help="do not ask any chain")
    bundle.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
