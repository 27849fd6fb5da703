"""Start a world's processes with their progress shown, and make a SIGTERM end as cleanly as Ctrl-C."""

import signal
import time
from collections.abc import Sequence
from types import FrameType

from fraction.faces.cli.processes import Supervisor
from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.screen import Screen
from fraction.faces.cli.world import World
from fraction_sdk import Fraction, Unreachable

HEALTH_SECONDS = 30.0


def start_world(screen: Screen, supervisor: Supervisor, world: World, more: Sequence[str] = ()) -> None:
    """Start everything, stage by stage, then `more` nodes by name, and wait until the platform answers.

    Raises:
        Refusal: a process did not start.
    """
    stages = [*world.stages(), *([[world.node_command(name) for name in more]] if more else [])]
    world.write()
    with screen.steps("starting the processes", sum(len(stage) for stage in stages)) as steps:
        for stage in stages:
            supervisor.start(stage)
            for command in stage:
                steps.done(command.name)
    _wait_for_platform(world)


def end_on_sigterm() -> None:
    """Let SIGTERM and a closed terminal unwind the program, so that every context is left properly."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def _wait_for_platform(world: World) -> None:
    deadline = time.monotonic() + HEALTH_SECONDS
    with Fraction(world.platform, timeout_seconds=10) as platform:
        while True:
            try:
                platform.health()
                return
            except Unreachable as error:
                if time.monotonic() > deadline:
                    raise Refusal(f"{error} See {world.folder / 'logs' / 'platform.log'}.") from error
            time.sleep(0.2)
