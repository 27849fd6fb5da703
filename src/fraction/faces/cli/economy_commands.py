"""`fraction economy …`: what cheating would bring, before money is at stake."""

from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.options import AsJson
from fraction.faces.cli.refusal import Refusal

if TYPE_CHECKING:
    from fraction.economy.simulation import Figure, Sizes

app = typer.Typer(help="See what honest and dishonest strategies earn.", no_args_is_help=True)

DOLLAR = 1_000_000


@app.callback()
def _economy() -> None:
    """Keep `simulate` a command of its own while it is the only one."""


@app.command()
def simulate(
    sessions: Annotated[int, typer.Option(min=2, help="Sessions of each strategy.")] = 1_000,
    seed: Annotated[str, typer.Option(help="The same seed gives the same figures.")] = "1",
    sizes: Annotated[
        list[str] | None, typer.Option("--set", help="Change a size, such as tolerance=2500; may be repeated.")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write the chart as an HTML page.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play Sessions with judges and players who cheat in different ways; print what each way brings."""
    from fraction.economy.simulation import Sizes, simulate_all
    from fraction.faces.cli.screen import print_json

    chosen = _changed(Sizes(), sizes or [])
    figures = simulate_all(chosen, sessions, seed)
    if page is not None:
        _write_page(page, figures, chosen, seed)
    if as_json:
        print_json({"seed": seed, "sizes": asdict(chosen), "figures": [_plain(figure) for figure in figures]})
    else:
        _show(figures, page)


def _changed(sizes: "Sizes", assignments: list[str]) -> "Sizes":
    """Return the sizes with some of them set.

    Raises:
        Refusal: no such size, or not a number.
    """
    kinds = {field.name for field in fields(sizes) if isinstance(getattr(sizes, field.name), int)}
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        if name not in kinds or not text.isdigit():
            raise Refusal(f"--set takes NAME=NUMBER with one of {', '.join(sorted(kinds))}; not {assignment!r}.")
        value = bool(int(text)) if isinstance(getattr(sizes, name), bool) else int(text)
        sizes = replace(sizes, **{name: value})
    return sizes


def _plain(figure: "Figure") -> dict[str, object]:
    return {**asdict(figure), "pays": figure.pays, "loses": figure.loses}


def _show(figures: list["Figure"], page: Path | None) -> None:
    from fraction.faces.cli.screen import Screen

    screen = Screen()
    columns = ["strategy", "what it does", "verdict", "gain", "±", "profit"]
    rows = [
        [f.scenario, f.what, verdict_of(f), dollars(f.gain), dollars(f.gain_error), dollars(f.profit)] for f in figures
    ]
    screen.table("", columns, rows, numbers=3)
    screen.say("Dollars a Session; a cheat's gain is its profit less what the same judges and agents bring honestly.")
    paying = [f.scenario for f in figures if f.is_cheat and f.pays]
    screen.say(f"Cheats that pay: {', '.join(paying) or 'none'}.")
    if page is not None:
        screen.say(f"Chart: {page}")


def verdict_of(figure: "Figure") -> str:
    """Return in a word whether a strategy pays or loses; within two standard errors of 0 it does neither."""
    return "pays" if figure.pays else "loses" if figure.loses else "about 0"


def dollars(amount: int) -> str:
    """Return millionths of a dollar as dollars.

    >>> dollars(-1_234_567)
    '-1.2346'
    """
    return f"{amount / DOLLAR:.4f}"


def _write_page(path: Path, figures: list["Figure"], sizes: "Sizes", seed: str) -> None:
    from fraction.faces.cli.report.economy import render_economy

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_economy(figures, sizes, seed), encoding="utf-8")
