"""`fraction economy …`: what cheating would bring, before money is at stake; what work earned in FRAC."""

from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.base import Address
from fraction.faces.cli.options import DATA, AsJson, DataFolder
from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.wallet import ME, Rpc, WalletName, wallet

if TYPE_CHECKING:
    from fraction.economy.simulation import Figure, Sizes

app = typer.Typer(help="See what strategies and work earn; claim it.", no_args_is_help=True)

DOLLAR = 1_000_000


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


AccountAddress = Annotated[str, typer.Argument(metavar="[ACCOUNT]", help="Whose work; without it, the wallet's.")]


@app.command()
def points(
    account: AccountAddress = "", data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME, as_json: AsJson = False
) -> None:
    """Show what paid work (entries, Sessions opened, judging, training) earned in FRAC and is not claimed, by month."""
    from fraction.app.emissions import earnings
    from fraction.faces.cli.screen import Screen, print_json

    with wallet(data, name, rpc) as own:
        emissions = own.emissions()
        month, due = emissions.month(), earnings(emissions, Address(account or own.wallet.address))
    if as_json:
        rows = [{**asdict(one), "group": one.group.name.lower(), "amount": str(one.amount)} for one in due]
        print_json({"month": month, "earnings": rows})
        return
    screen = Screen()
    table = [[str(e.month), e.group.name.lower(), str(e.points), f"{e.amount / 10**18:,.4f}"] for e in due]
    screen.table("", ["month", "as", "points", "FRAC"], table, numbers=2)
    screen.say(f"Month {month} is not over; what it pays still changes with what others do.")


@app.command()
def claim(account: AccountAddress = "", data: DataFolder = DATA, rpc: Rpc = "", name: WalletName = ME) -> None:
    """Send an account the FRAC it earned in months that are over; anyone may do it for anyone."""
    from fraction.app.emissions import claim_all
    from fraction.faces.cli.screen import Screen

    with wallet(data, name, rpc) as own:
        amount = claim_all(own.emissions(), Address(account or own.wallet.address))
    Screen().say(f"claimed {amount / 10**18:,.4f} FRAC")


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
