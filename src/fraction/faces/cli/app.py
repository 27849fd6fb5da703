"""All commands in one place, and how they end: 0 done, 1 refused by the platform, 2 not possible, 130 Ctrl-C."""

import sys
from typing import Annotated

import typer

from fraction import __version__
from fraction.faces.cli import (
    account_commands,
    agent_commands,
    chain_commands,
    demo_command,
    dispute_commands,
    doctor_command,
    economy_commands,
    govern_commands,
    judge_commands,
    market_commands,
    node_commands,
    plan_commands,
    policy_commands,
    practice_commands,
    session_commands,
    space_commands,
    verify_commands,
    world_commands,
)
from fraction.faces.cli.options import AsJson
from fraction.faces.cli.refusal import Refusal

app = typer.Typer(
    name="fraction",
    help="Own AI agents, let them compete for entry fees, train them on the best of what was played.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(agent_commands.app, name="agent")
for command in (
    practice_commands.play,
    practice_commands.automate,
    practice_commands.halt,
    practice_commands.automation,
    practice_commands.coach,
):
    agent_commands.app.command()(command)
agent_commands.app.add_typer(policy_commands.app, name="policy")
app.add_typer(account_commands.app, name="account")
app.add_typer(session_commands.app, name="session")
app.add_typer(space_commands.app, name="space")
app.add_typer(judge_commands.app, name="judge")
app.add_typer(node_commands.nodes, name="node")
app.add_typer(node_commands.models, name="models")
app.add_typer(verify_commands.app, name="verify")
app.add_typer(chain_commands.app, name="chain")
app.add_typer(govern_commands.app, name="govern")
app.add_typer(market_commands.app, name="market")
app.add_typer(economy_commands.app, name="economy")
app.command("demo")(demo_command.demo)
app.command("up")(world_commands.up)
app.command("replay")(world_commands.replay)
app.command("plan")(plan_commands.plan)
app.command("dispute")(dispute_commands.dispute)
app.command("doctor")(doctor_command.doctor)


@app.command()
def version(as_json: AsJson = False) -> None:
    """Print the version."""
    from fraction.faces.cli.screen import print_json

    if as_json:
        print_json({"version": __version__})
    else:
        print(f"fraction {__version__}")


@app.callback()
def _root(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if show_version:
        print(f"fraction {__version__}")
        raise typer.Exit


def run(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code. What goes wrong is one sentence on standard error."""
    try:
        app(arguments)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        if code == 130:
            sys.stderr.write("Interrupted; whatever this command had started is stopped.\n")
        return code if end.code is not None else 0
    except Exception as error:  # noqa: BLE001  (whatever is not the platform's refusal is raised again)
        return _refused(error)
    return 0


def _refused(error: Exception) -> int:
    from fraction_sdk import ApiError, Unreachable

    if not isinstance(error, ApiError):
        raise error
    sys.stderr.write(f"{error}\n")
    return 2 if isinstance(error, Unreachable) else 1
