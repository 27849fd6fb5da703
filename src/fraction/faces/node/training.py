"""A trainer or verifier node: stakes, serves adapters, and trains whatever task it is drawn for."""

import argparse

from fraction.app.chain import Role
from fraction.app.cheats import parse_conduct
from fraction.app.training_node import look
from fraction.faces.node.loop import say, until_stopped
from fraction.wiring import NodeSettings, build_training_node

_EVERY_STEPS = 10


def run(options: argparse.Namespace) -> int:
    """Run until stopped; return the exit code."""
    settings = NodeSettings(
        world=options.data,
        name=options.name,
        role=Role.TRAINER if options.worker == "trainer" else Role.VERIFIER,
        port=options.port,
        rpc=options.rpc,
        models=options.models,
        model=options.model,
        platform=options.platform,
    )

    def on_step(task: int, step: int, loss_ppm: int) -> None:
        if step % _EVERY_STEPS == 0:
            say(f"task {task}: step {step}, loss {loss_ppm / 1e6:.4f}")

    with build_training_node(settings, parse_conduct(options.cheat), on_step) as node:
        say(f"ready {node.url}")
        return until_stopped(lambda: look(node.worker))
