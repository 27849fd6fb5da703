"""The local chain: starts it, deploys the contracts, and starts it again if it is killed."""

import argparse

from fraction.faces.node.loop import say, until_stopped
from fraction.wiring import start_chain


def run(options: argparse.Namespace) -> int:
    """Run until stopped; return the exit code."""
    with start_chain(options.data, options.port) as chain:
        say(f"ready {chain.url}")
        return until_stopped(lambda: ("the chain was started again",) if chain.revive() else ())
