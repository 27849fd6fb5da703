"""A trainer or verifier node: stakes, serves adapters, and trains whatever task it is drawn for."""

import argparse
import time

from fraction.app.chain import Role
from fraction.app.cheats import parse_conduct
from fraction.app.training_node import Step, look
from fraction.faces.node.loop import say, until_stopped
from fraction.wiring import NodeSettings, build_training_node

_EVERY_STEPS = 10


class _Progress:
    """How fast the trainings of this node go, and when they will be done."""

    def __init__(self) -> None:
        self._began: dict[int, tuple[float, int]] = {}
        """By task: when its first step was done, and which it was."""

    def line(self, step: Step) -> str:
        """Return where a task stands: loss, tokens a second, time left."""
        now = time.monotonic()
        began, first = self._began.setdefault(step.ticket, (now, step.number))
        line = f"task {step.ticket}: step {step.number} of {step.steps}, loss {step.loss_ppm / 1e6:.4f}"
        if step.number == first or now == began:
            return line
        a_second = (step.number - first) / (now - began)
        left = (step.steps - step.number) / a_second
        speed = f", {step.tokens * a_second:.0f} tokens/s" if step.tokens else ""
        return f"{line}{speed}, {left:.0f} s left"


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

    progress = _Progress()

    def on_step(step: Step) -> None:
        line = progress.line(step)
        if step.number % _EVERY_STEPS == 0 or step.finished:
            say(line)

    with build_training_node(settings, parse_conduct(options.cheat), on_step) as node:
        say(f"ready {node.url}")
        return until_stopped(lambda: look(node.worker))
