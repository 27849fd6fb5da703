"""`fraction up` and `fraction replay`."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from fraction.faces.cli.options import DATA, DataFolder, ModelName

REPLAY_ARGUMENTS = ("-m", "fraction.faces.node", "replay")


def up(
    data: DataFolder = DATA,
    model: ModelName = "",
    port: Annotated[int, typer.Option(help="Where the platform serves; 0 picks a free port.")] = 8000,
    chain_port: Annotated[int, typer.Option(help="Where the local chain serves; 0 picks one.")] = 0,
) -> None:
    """Start a world and keep it running, with a live page in the browser; Ctrl-C stops it."""
    import threading

    from fraction.faces.cli.processes import Supervisor
    from fraction.faces.cli.screen import Screen
    from fraction.faces.cli.start_world import end_on_sigterm, start_world
    from fraction.faces.cli.world import plan_world

    screen = Screen()
    end_on_sigterm()
    asked = {name: number for name, number in (("platform", port), ("chain", chain_port)) if number}
    with Supervisor(data, lambda line: screen.say(line, "yellow")) as supervisor:
        world = plan_world(data, model, asked)
        start_world(screen, supervisor, world)
        screen.say(f"Fraction runs. The live page: {world.platform}")
        screen.say(f"The chain: {world.rpc}   Logs: {world.folder / 'logs'}   Ctrl-C stops everything.")
        threading.Event().wait()


def replay(
    bundle: Annotated[Path, typer.Argument(help="A Session's bundle.")],
    data: Annotated[
        Path | None, typer.Option(help="Compare with this world's chain; without it, the world the bundle lies in.")
    ] = None,
    rpc: Annotated[str, typer.Option(help="Compare with the chain at this URL.")] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Ask no chain.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Re-derive standings and payouts from a bundle and compare with the chain: exit 0 if all agrees."""
    from fraction.faces.cli.world import running_chain, world_of_bundle

    world = data or (None if offline else world_of_bundle(bundle, DATA))
    rpc = rpc or (running_chain(world) if world else "")
    options: list[str] = [str(bundle)]
    options += ["--data", str(world)] if world else []
    options += ["--rpc", rpc] if rpc else []
    options += ["--offline"] if offline else []
    options += ["--json"] if as_json else []
    ended = subprocess.run([sys.executable, *REPLAY_ARGUMENTS, *options], check=False)  # noqa: S603
    raise typer.Exit(ended.returncode)
