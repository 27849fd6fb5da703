"""`fraction webhook …`: have a program of yours told what happens to your agents."""

from typing import Annotated

import typer

from fraction.faces.cli.options import DATA, DataFolder, PlatformUrl, connect

app = typer.Typer(help="Webhooks: a program of yours is told what happens to your agents.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The webhook's id, as `fraction webhook list` shows it.")]
Event = Annotated[
    list[str] | None, typer.Option(help="session.entered, session.settled, session.cancelled or training.over.")
]

ALL = ("session.entered", "session.settled", "session.cancelled", "training.over")


@app.command("list")
def list_webhooks(url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """List your webhooks, as JSON."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.webhooks())


@app.command()
def create(address: str, event: Event = None, url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """Make a webhook and print it with its secret, which is shown this once."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.create_webhook(address, event or ALL))


@app.command()
def drop(webhook: Id, url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """Tell a webhook nothing more."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.drop_webhook(webhook))


@app.command()
def ping(webhook: Id, url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """Send a webhook something to try it with."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.ping_webhook(webhook))


@app.command()
def deliveries(webhook: Id, url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """Show what a webhook was told lately, newest first, as JSON."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.deliveries(webhook))
