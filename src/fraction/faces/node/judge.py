"""A judge node: stakes, serves its sheets, and judges whatever Session it is drawn for."""

import argparse

from fraction.app.chain import Role
from fraction.app.cheats import parse_conduct
from fraction.app.judge_node import look, reveal_due
from fraction.faces.node.loop import say, until_stopped
from fraction.wiring import NodeSettings, build_judge


def run(options: argparse.Namespace) -> int:
    """Run until stopped; return the exit code."""
    settings = NodeSettings(
        world=options.data,
        name=options.name,
        role=Role.JUDGE,
        port=options.port,
        rpc=options.rpc,
        models=options.models,
        model=options.model,
        platform=options.platform,
    )
    with build_judge(settings, parse_conduct(options.cheat)) as node:
        say(f"ready {node.url}")
        return until_stopped(lambda: look(node.worker), beside=lambda: reveal_due(node.worker))
