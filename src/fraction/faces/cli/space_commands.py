"""`fraction space …`: what can be played, and making a Space: new, check, try, score, publish."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.options import DATA, AsJson, DataFolder, ModelName, PlatformUrl, connect
from fraction.faces.cli.refusal import Refusal

if TYPE_CHECKING:
    from fraction.app.exploit_score import ExploitReport
    from fraction.faces.cli.screen import Screen
    from fraction.faces.cli.space_folder import SpaceFolder
    from fraction_sdk.wire import SpaceView

app = typer.Typer(help="See what can be played; make, try and publish a Space.", no_args_is_help=True)


@app.command("list")
def list_spaces(url: PlatformUrl = "", data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """List the Spaces that are open for play."""
    from fraction.faces.cli.screen import Screen, print_json

    with connect(url, data) as platform:
        spaces = platform.spaces()
    if as_json:
        print_json(spaces)
        return
    rows = [
        [s.id, s.title, ", ".join(t.name for t in s.tiers), str(s.rounds), f"{s.min_entrants}-{s.max_entrants}"]
        for s in spaces
    ]
    Screen().table("", ["space", "title", "tiers", "rounds", "entrants"], rows, numbers=2)


@app.command()
def show(
    space: Annotated[str, typer.Argument(help="Such as writing-tweets.")],
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Show a Space's rules."""
    with connect(url, data) as platform:
        _show(platform.space(space), as_json)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A Space's directory, or a Space file in TOML.")],
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Check a Space; the first thing that is wrong is named with its line."""
    if file.is_dir():
        _check_folder(file)
        return
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(f"{file} is not a readable TOML file: {error}.") from error
    with connect(url, data) as platform:
        _show(platform.check_space(document), as_json)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="A new directory; its name becomes the Space's id.")],
    program: Annotated[bool, typer.Option("--program", help="With a Python file for tasks and marks.")] = False,
) -> None:
    """Write a Space that can be tried at once, to be changed from there."""
    from fraction.faces.cli.space_folder import write_space_folder

    write_space_folder(folder, program)
    typer.echo(f"Written. Next: fraction space try {folder}")


@app.command("try")
def try_out(
    folder: Annotated[Path, typer.Argument(help="A Space's directory.")],
    prompt: Annotated[list[str] | None, typer.Option(help="An agent's prompt (may be given again).")] = None,
    seed: Annotated[str, typer.Option(help="Decides the tasks.")] = "try",
    model: ModelName = "",
) -> None:
    """Play one Session with a model and print every reply and mark; nothing is staked."""
    from fraction.app.try_space import Draft, try_match, try_replies
    from fraction.base import sha256_of
    from fraction.faces.cli.screen import Screen
    from fraction.faces.cli.space_folder import read_space_folder
    from fraction.spaces.rounds import is_game
    from fraction.wiring import trial_kit
    from fraction_sdk.texts import score_text

    found, screen = read_space_folder(folder), Screen()
    prompts = prompt or ["Do your best.", "Write something."]
    full_seed = sha256_of(seed.encode())
    with trial_kit(model) as kit:
        draft = Draft(found.space, found.program)
        if is_game(found.space) or found.has_game:
            steps, scores = try_match(kit, draft, prompts, full_seed)
            for step in steps:
                screen.say(f"step {step.step}, seat {step.seat}{'' if step.legal else ' (illegal)'}: {step.text}")
            screen.say("shares: " + ", ".join(score_text(score) for score in scores))
            return
        trials = try_replies(kit, draft, prompts, full_seed)
    for trial in trials:
        screen.say(f"{trial.task.prompt}\n  agent {trial.agent}: {trial.text}", "bold" if trial.agent == 0 else "")
        for mark in trial.marks:
            screen.say(f"    {mark.criterion}: {score_text(mark.score)}  {mark.reason}")


@app.command()
def exploit(
    folder: Annotated[Path, typer.Argument(help="A Space's directory.")],
    sessions: Annotated[int, typer.Option(min=1, max=50, help="How many Sessions' tasks are attacked.")] = 2,
    seed: Annotated[str, typer.Option(help="Decides the tasks.")] = "exploit",
    model: ModelName = "",
) -> None:
    """Attack a Space and print its exploit score; its grade caps the fees that it may take."""
    from fraction.faces.cli.screen import Screen
    from fraction.faces.cli.space_folder import read_space_folder

    report = _attack(read_space_folder(folder), sessions, seed, model)
    _show_report(Screen(), report)


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="A Space's directory.")],
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    model: ModelName = "",
) -> None:
    """Publish a Space: from then on this version is known by its digest and never changes.

    A Space that takes fees is attacked first; its exploit score must allow it.
    """
    from fraction.faces.cli.screen import Screen
    from fraction.faces.cli.space_folder import read_space_folder
    from fraction.spaces.rounds import is_game

    found, screen = read_space_folder(folder), Screen()
    if found.program:
        raise Refusal("A Space with a program of its own can be tried, but Sessions do not play it yet.")
    if any(tier.fee for tier in found.space.tiers) and not is_game(found.space):
        report = _attack(found, 2, found.digest(), model)
        _show_report(screen, report)
        if not report.fees_allowed:
            raise Refusal(f"With grade {report.grade} this Space may have free tiers only; see which attack gains.")
    with connect(url, data) as platform:
        published = platform.publish_space(found.document)
    screen.say(f"Published {published.title}, version {published.version}: {published.digest}", "bold")


def _check_folder(folder: Path) -> None:
    from fraction.faces.cli.space_folder import read_space_folder

    found = read_space_folder(folder)
    space = found.space
    typer.echo(f"{space.title}, version {space.version}, source {space.source}, {space.rounds} rounds: valid.")
    typer.echo(f"digest {found.digest()}")


def _attack(found: "SpaceFolder", sessions: int, seed: str, model: str) -> "ExploitReport":
    from fraction.app.exploit_score import exploit_score
    from fraction.app.try_space import Draft
    from fraction.base import sha256_of
    from fraction.faces.cli.demo.builders import BUILDERS
    from fraction.wiring import trial_kit

    prompts = [builder.prompt(found.space.id) for builder in BUILDERS]
    with trial_kit(model) as kit:
        return exploit_score(kit, Draft(found.space, found.program), prompts, sha256_of(seed.encode()), sessions)


def _show_report(screen: "Screen", report: "ExploitReport") -> None:
    from fraction_sdk.texts import score_text

    rows = [[attack.name, attack.how, f"{attack.gain / 100:+.1f}"] for attack in report.attacks]
    screen.table("Attacks", ["attack", "how", "gain in points"], rows, numbers=1)
    screen.say(f"honest mean {score_text(report.honest)}; exploit grade {report.grade}", "bold")


def _show(space: "SpaceView", as_json: bool) -> None:
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.faces.cli.tables import show_space

    if as_json:
        print_json(space)
    else:
        show_space(Screen(), space)
