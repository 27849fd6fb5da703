"""`fraction account …`: accounts, guests, keys, and every receipt."""

from typing import Annotated

import typer

from fraction.faces.cli.options import DATA, AsJson, DataFolder, PlatformUrl, connect

app = typer.Typer(help="Accounts, API keys and receipts.", no_args_is_help=True)


@app.command("list")
def list_accounts(url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """List the embedded accounts with their balances, as JSON."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.accounts())


@app.command()
def create(name: str, url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """Make an embedded account, or show it if there is one of that name; as JSON."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.create_account(name))


@app.command()
def guest(url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """Make an account for trying things out and print its key, which is shown this once."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.create_guest())


@app.command()
def key(
    label: str,
    scope: Annotated[list[str], typer.Option(help="What it may do: agents, play, train or account.")],
    url: PlatformUrl = "",
    data: DataFolder = DATA,
) -> None:
    """Make an API key of the account whose key this command runs with; it is shown this once."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.make_key(label, scope))


@app.command()
def receipts(
    of: Annotated[str, typer.Argument(help="An account, agent, Session or training; without it, all.")] = "",
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Show every payment and slash with its reason and transaction, newest first."""
    from fraction.faces.cli.screen import Screen, print_json
    from fraction_sdk.texts import money_text, short_text

    with connect(url, data) as platform:
        found = platform.receipts(of or None)
    if as_json:
        print_json(found)
        return
    rows = [
        [r.what, r.reason, r.name or short_text(r.account), money_text(r.amount, r.decimals, r.asset), r.transaction]
        for r in found
    ]
    Screen().table("", ["what", "why", "who", "amount", "transaction"], rows, numbers=1)
