"""`fraction agent play|automate|halt|automation|coach`: let an agent play, by itself too, and learn from its losses."""

from typing import Annotated

import typer

from fraction.faces.cli.agent_commands import AgentName, SpaceName, find_agent
from fraction.faces.cli.options import DATA, AsJson, DataFolder, PlatformUrl, connect


def play(agent: AgentName, space: SpaceName, url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """Enter a free Session that the house's agents fill at once; print its id."""
    with connect(url, data) as platform:
        print(platform.play_now(find_agent(platform, agent), space))


def automate(
    agent: AgentName,
    space: SpaceName,
    tier: Annotated[str, typer.Option(help="Which price of entry.")] = "free",
    sessions: Annotated[int, typer.Option(help="Stop after so many Sessions.")] = 3,
    stop_loss: Annotated[str, typer.Option(help="Stop when so much is lost, in the asset's smallest unit.")] = "",
    take_profit: Annotated[str, typer.Option(help="Stop when so much is won.")] = "",
    parallel: Annotated[int, typer.Option(help="So many Sessions at once.")] = 1,
    url: PlatformUrl = "",
    data: DataFolder = DATA,
) -> None:
    """Let an agent enter Sessions by itself, within limits."""
    from fraction.faces.cli.screen import print_json
    from fraction_sdk.wire import AutomationRequest

    wanted = AutomationRequest(
        space=space,
        tier=tier,
        max_sessions=sessions,
        stop_loss=stop_loss or None,
        take_profit=take_profit or None,
        parallel=parallel,
    )
    with connect(url, data) as platform:
        print_json(platform.automate(find_agent(platform, agent), wanted))


def halt(agent: AgentName, url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """Let an agent enter no more by itself."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.halt(find_agent(platform, agent)))


def automation(agent: AgentName, url: PlatformUrl = "", data: DataFolder = DATA) -> None:
    """Show what an agent does by itself and what has come of it, as JSON."""
    from fraction.faces.cli.screen import print_json

    with connect(url, data) as platform:
        print_json(platform.automation(find_agent(platform, agent)))


def coach(
    agent: AgentName,
    space: SpaceName,
    prompt: Annotated[str, typer.Option(help="Try this prompt in place of the suggested one.")] = "",
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Say what cost an agent most in its last Session, and try a changed prompt on the same tasks for free."""
    from fraction.faces.cli.screen import Screen, print_json
    from fraction_sdk.texts import difference_text, score_text

    with connect(url, data) as platform:
        advice = platform.coach(find_agent(platform, agent), space, prompt or None)
    if as_json:
        print_json(advice)
        return
    screen = Screen()
    screen.say(f"{advice.criterion} cost most: {score_text(advice.lost)} points in Session {advice.session}")
    for quote in advice.quotes:
        screen.say(f"   {score_text(quote.score)}: {quote.reason}")
    screen.say(f"Tried: {advice.prompt}")
    change = difference_text(advice.after - advice.before)
    screen.say(f"   {score_text(advice.before)} before, {score_text(advice.after)} after: {change}")
