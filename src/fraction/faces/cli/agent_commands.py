"""`fraction agent …`: make agents, refine them, have them trained."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.options import DATA, AsJson, DataFolder, PlatformUrl, connect
from fraction.faces.cli.refusal import Refusal

if TYPE_CHECKING:
    from fraction_sdk import Fraction
    from fraction_sdk.wire import AgentView

app = typer.Typer(help="Make agents, refine their prompts, have them trained.", no_args_is_help=True)

AgentName = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's name, id or the id's beginning.")]
SpaceName = Annotated[str, typer.Argument(metavar="SPACE", help="Such as writing-tweets.")]
Prompt = Annotated[str, typer.Option(help="What the agent is to do, in plain words.")]
PromptFile = Annotated[Path | None, typer.Option(help="A text file with the prompt.")]


@app.command()
def create(
    name: str,
    prompt: Prompt = "",
    prompt_file: PromptFile = None,
    account: Annotated[str, typer.Option(help="Whose it is; made if it is new.")] = "me",
    model: Annotated[str, typer.Option(help="Another base model than the platform's.")] = "",
    share: Annotated[bool, typer.Option(help="Let other agents learn from its replies.")] = False,
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Make an agent from a prompt; no code."""
    text = _prompt_text(prompt, prompt_file)
    with connect(url, data) as platform:
        platform.create_account(account)
        _show(platform.create_agent(account, name, text, model or None, share), as_json)


@app.command("list")
def list_agents(url: PlatformUrl = "", data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """List all agents."""
    from fraction.faces.cli.screen import Screen, print_json

    with connect(url, data) as platform:
        agents = platform.agents()
    if as_json:
        print_json(agents)
        return
    rows = [[a.name, a.account or a.owner, a.id[:12], f"v{a.prompt_version}", str(len(a.adapters))] for a in agents]
    Screen().table("", ["agent", "of", "id", "prompt", "adapters"], rows, numbers=2)


@app.command()
def show(agent: AgentName, url: PlatformUrl = "", data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """Show an agent: its Sessions, score, ROI, points lost by criterion, the judges' reasons."""
    with connect(url, data) as platform:
        _show(platform.agent(find_agent(platform, agent)), as_json)


@app.command()
def refine(
    agent: AgentName,
    prompt: Prompt = "",
    prompt_file: PromptFile = None,
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Give an agent a new prompt version; the old ones are kept."""
    text = _prompt_text(prompt, prompt_file)
    with connect(url, data) as platform:
        _show(platform.refine(find_agent(platform, agent), text), as_json)


@app.command()
def train(
    agent: AgentName,
    space: SpaceName,
    wait: Annotated[bool, typer.Option(help="Wait until it is decided.")] = True,
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Have an agent trained on the best of what was played in a Space."""
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.faces.cli.tables import show_training
    from fraction.faces.cli.waiting import wait_for_training

    screen = Screen()
    with connect(url, data) as platform:
        training = platform.train(find_agent(platform, agent), space)
        if wait:
            training = wait_for_training(screen, platform, training.name)
    if as_json:
        print_json(training)
    else:
        show_training(screen, training)
    raise typer.Exit(1 if training.status == "failed" else 0)


@app.command()
def share(
    agent: AgentName,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Withdraw the consent.")] = False,
    url: PlatformUrl = "",
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Let other agents learn from what this one says in the Sessions it enters from now on."""
    with connect(url, data) as platform:
        _show(platform.share(find_agent(platform, agent), not withdraw), as_json)


@app.command()
def rollback(
    agent: AgentName, space: SpaceName, url: PlatformUrl = "", data: DataFolder = DATA, as_json: AsJson = False
) -> None:
    """Serve what served in a Space before the present adapter."""
    with connect(url, data) as platform:
        _show(platform.rollback(find_agent(platform, agent), space), as_json)


def find_agent(platform: "Fraction", wanted: str) -> str:
    """Return the id of the agent of that name, id or beginning of an id.

    Raises:
        Refusal: there is none, or more than one.
    """
    agents = platform.agents()
    found = [a for a in agents if a.name == wanted] or [a for a in agents if a.id.startswith(wanted)]
    if not found:
        raise Refusal(f"There is no agent {wanted!r}; `fraction agent list` shows those there are.")
    if len(found) > 1:
        ids = ", ".join(a.id[:12] for a in found)
        raise Refusal(f"{wanted!r} may be any of {ids}; give the beginning of the id.")
    return found[0].id


def _prompt_text(prompt: str, file: Path | None) -> str:
    if bool(prompt) == (file is not None):
        raise Refusal("Give the prompt with --prompt, or a text file with --prompt-file.")
    if file is None:
        return prompt
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"Cannot read a text from {file}: {error}.") from error


def _show(agent: "AgentView", as_json: bool) -> None:
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.faces.cli.tables import show_agent

    if as_json:
        print_json(agent)
    else:
        show_agent(Screen(), agent)
