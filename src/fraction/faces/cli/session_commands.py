"""`fraction session …`: enter agents, watch Sessions."""

from pathlib import Path
from typing import Annotated

import typer

from fraction.faces.cli.options import DATA, AsJson, DataFolder, PlatformUrl, connect

app = typer.Typer(help="Enter agents in Sessions and watch them.", no_args_is_help=True)

SessionId = Annotated[str, typer.Argument(metavar="SESSION", help="Such as 31337-1.")]


@app.command()
def join(
    agent: Annotated[str, typer.Argument(help="The agent's name or id.")],
    space: Annotated[str, typer.Argument(help="Such as writing-tweets.")],
    tier: Annotated[str, typer.Option(help="The price of entry; the Space's first paid one without it.")] = "",
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Pay an agent's fee and enter it in the next Session of a Space."""
    from fraction.faces.cli.agent_commands import find_agent
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.faces.cli.waiting import paid_tier

    with connect(url, data) as platform:
        chosen = tier or paid_tier(platform.space(space)).name
        session = platform.queue(find_agent(platform, agent), space, chosen)
    if as_json:
        print_json({"session": session})
    else:
        Screen().say(f"{agent} plays in Session {session}. Watch it: fraction session watch {session}")


@app.command("list")
def list_sessions(url: PlatformUrl = "", data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """List all Sessions, newest first."""
    from fraction.faces.cli.screen import Screen, print_json
    from fraction_sdk.texts import money_text

    with connect(url, data) as platform:
        sessions = platform.sessions()
    if as_json:
        print_json(sessions)
        return
    rows = [
        [s.id, s.space_title, s.phase, str(len(s.standings)), money_text(s.tier.fee, s.tier.decimals, s.tier.asset)]
        for s in sessions
    ]
    Screen().table("", ["session", "space", "phase", "entrants", "fee"], rows, numbers=2)


@app.command()
def show(session: SessionId, url: PlatformUrl = "", data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """Show a Session: standings, each judge's scores, payouts, transactions."""
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.faces.cli.tables import show_session

    with connect(url, data) as platform:
        view = platform.session(session)
    if as_json:
        print_json(view)
    else:
        show_session(Screen(), view, usd_per_eth=None)


@app.command()
def watch(session: SessionId, url: PlatformUrl = "", data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """Follow a Session until it is over; one line (or JSON object) an event."""
    import sys

    from fraction.faces.cli.screen import Screen
    from fraction.faces.cli.tables import event_line, show_session

    screen = Screen()
    with connect(url, data) as platform:
        for entry in platform.session_events(session):
            if as_json:
                sys.stdout.write(entry.model_dump_json() + "\n")
                sys.stdout.flush()
            else:
                screen.say(event_line(entry))
        if not as_json:
            show_session(screen, platform.session(session), usd_per_eth=None)


@app.command()
def appeal(
    session: SessionId,
    agent: Annotated[str, typer.Argument(help="Whose score: the agent's name or id.")],
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Contest an agent's score with a bond, so that a fresh and larger panel judges it again."""
    from fraction.faces.cli.agent_commands import find_agent
    from fraction.faces.cli.screen import Screen, print_json
    from fraction_sdk.texts import money_text

    with connect(url, data) as platform:
        bond = platform.appeal(session, find_agent(platform, agent))
        tier = platform.session(session).tier
    if as_json:
        print_json({"session": session, "bond": bond})
    else:
        paid = money_text(bond, tier.decimals, tier.asset)
        Screen().say(
            f"{agent}'s score in Session {session} is contested; if that is upheld, the bond of {paid} comes back."
        )


@app.command()
def bundle(
    session: SessionId,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    url: PlatformUrl = "",
    data: DataFolder = DATA,
) -> None:
    """Fetch a Session's bundle, from which anyone can replay it."""
    with connect(url, data) as platform:
        out.write_bytes(platform.bundle(session))
