"""`fraction demo`: the whole loop on real parts in one command."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.options import DATA, ModelName

if TYPE_CHECKING:
    from fraction.faces.cli.demo.outcome import Outcome
    from fraction.faces.cli.screen import Screen


def demo(  # noqa: PLR0913  (each is an option of the command)
    small: Annotated[bool, typer.Option("--small", help="The shortest way through every stage.")] = False,
    cheat: Annotated[bool, typer.Option("--cheat", help="Let judges, agents and a trainer cheat.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the results there.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the report goes.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Chooses the builders.")] = 0,
    sessions: Annotated[int, typer.Option(min=0, help="Sessions a Space before the training; 0: 1 or 2.")] = 0,
    data: Annotated[Path, typer.Option(help="The demonstration's own folder.")] = DATA / "demo",
    keep: Annotated[bool, typer.Option("--keep", help="Go on with what is in the folder.")] = False,
    space: Annotated[list[str] | None, typer.Option(help="Play this Space (may be given again).")] = None,
    model: ModelName = "",
    usd_per_eth: Annotated[int, typer.Option(min=1, help="For showing ETH in dollars; an assumption.")] = 2_500,
) -> None:
    """Start a world, let agents compete, pay, train and check; write a report."""
    from contextlib import ExitStack
    from dataclasses import replace

    from fraction.faces.cli.demo.cheating import Scene, run_cheats
    from fraction.faces.cli.demo.hostile_model import HostileModel
    from fraction.faces.cli.demo.run import DemoOptions, run_demo
    from fraction.faces.cli.processes import Supervisor
    from fraction.faces.cli.screen import Screen
    from fraction.faces.cli.start_world import end_on_sigterm, start_world
    from fraction.faces.cli.world import JUDGES, JURY, clear_world, operator_key, plan_world
    from fraction_sdk import Fraction

    screen = Screen()
    end_on_sigterm()
    options = DemoOptions(sessions or (1 if small else 2), seed, usd_per_eth, learners=2 if small else 3)
    if space:
        options = replace(options, spaces=tuple(dict.fromkeys(space)))
    with ExitStack() as stack:
        supervisor = stack.enter_context(Supervisor(data, lambda line: screen.say(f"   {line}", "yellow")))
        if not keep:
            clear_world(data)
        world = plan_world(data, model, {})
        hostile = stack.enter_context(HostileModel(world.models))
        if cheat:
            world = replace(world, models_override=hostile.url)
        jury = () if cheat else JURY
        judges = len(JUDGES) + len(jury)
        with screen.stage(f"A chain, a model server, {judges} judges, a trainer, 3 verifiers and the platform start"):
            start_world(screen, supervisor, world, jury)
            screen.say(f"   live page: {world.platform}")
        platform = stack.enter_context(Fraction(world.platform, timeout_seconds=120, key=operator_key(world.folder)))
        if cheat:
            outcome = run_cheats(Scene(screen, supervisor, platform, world, hostile), options)
        else:
            outcome = run_demo(screen, platform, world, options)
    _write(screen, outcome, report or data / "report.html", json_file)
    raise typer.Exit(0 if outcome.good else 1)


def _write(screen: "Screen", outcome: "Outcome", report: Path, json_file: Path | None) -> None:
    import json

    from fraction.faces.cli.demo.outcome import outcome_document
    from fraction.faces.cli.report import render_report

    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(render_report(outcome), encoding="utf-8")
    screen.say(f"The report: {report.resolve()}", "bold")
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(outcome_document(outcome), indent=2) + "\n", encoding="utf-8")
        screen.say(f"The results as JSON: {json_file.resolve()}", "bold")
    if not outcome.good:
        screen.say("Something did not hold; the report says what.", "bold red")
