"""`fraction space …`: what can be played, and whether a Space file is valid."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.options import DATA, AsJson, DataFolder, PlatformUrl, connect
from fraction.faces.cli.refusal import Refusal

if TYPE_CHECKING:
    from fraction_sdk.wire import SpaceView

app = typer.Typer(help="See what can be played, check a Space file.", no_args_is_help=True)


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
    file: Annotated[Path, typer.Argument(help="A Space file in TOML.")],
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Check a Space file; the first thing that is wrong is named."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(f"{file} is not a readable TOML file: {error}.") from error
    with connect(url, data) as platform:
        _show(platform.check_space(document), as_json)


def _show(space: "SpaceView", as_json: bool) -> None:
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.faces.cli.tables import show_space

    if as_json:
        print_json(space)
    else:
        show_space(Screen(), space)
