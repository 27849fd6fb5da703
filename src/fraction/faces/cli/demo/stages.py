"""The demonstration's stages, each a function of the platform's client."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from fraction.faces.cli.demo.builders import Builder
from fraction.faces.cli.demo.contest import contest_last
from fraction.faces.cli.screen import Screen, Steps
from fraction.faces.cli.tables import show_session, show_training
from fraction.faces.cli.waiting import paid_tier, patiently, wait_for_sessions, wait_for_training
from fraction.faces.cli.world import World
from fraction.faces.cli.world_commands import REPLAY_ARGUMENTS
from fraction_sdk import Fraction
from fraction_sdk.wire import SessionView, SpaceView, TrainingView

SESSION_SECONDS = 1_500.0
"""Longer than any Session's own time-outs together, so that the chain always ends it first."""

Crew = Mapping[str, Sequence[str]]
"""The ids of the agents that play, by Space."""


def make_agents(
    screen: Screen, platform: Fraction, builders: Sequence[Builder], spaces: Sequence[SpaceView]
) -> dict[str, list[str]]:
    """Make an account for every builder and an agent for every Space; return the agents' ids by Space."""
    crew: dict[str, list[str]] = {space.id: [] for space in spaces}
    with screen.steps("builders", len(builders)) as steps:
        for builder in builders:
            patiently(lambda builder=builder: platform.create_account(builder.account))
            for space in spaces:
                name, prompt = builder.agent_name(space.id), builder.prompt(space.id)
                crew[space.id].append(platform.create_agent(builder.account, name, prompt, shares=True).id)
            steps.done(f"{builder.style}: “{builder.prompt(spaces[0].id)}”")
    return crew


def play(
    screen: Screen,
    platform: Fraction,
    spaces: Sequence[SpaceView],
    crew: Crew,
    usd_per_eth: int,
    contested: bool = False,
) -> list[SessionView]:
    """Play one Session in each Space, all at once; print what came of them and return them.

    With `contested`, whoever comes last in the last Space's Session contests its score.
    """
    with screen.steps("entering", sum(len(crew[space.id]) for space in spaces)) as steps:
        ids = [id for space in spaces for id in enter(platform, space, crew[space.id], steps)]
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="contest") as pool:
        contest = pool.submit(contest_last, platform, ids[-1]) if contested else None
        views = wait_for_sessions(screen, platform, ids, SESSION_SECONDS)
    if contest is not None and not contest.result():
        screen.say("   nobody contested a score in time", "yellow")
    for view in views:
        show_session(screen, view, usd_per_eth)
    return views


def enter(platform: Fraction, space: SpaceView, agents: Sequence[str], steps: Steps) -> list[str]:
    """Enter agents in a Space's Session; return the ids of the Sessions (one, if there is room for all)."""
    tier = paid_tier(space).name

    def join(agent: str) -> str:
        session = platform.queue(agent, space.id, tier)
        steps.done(f"an agent paid and entered {space.title}, Session {session}")
        return session

    first = join(agents[0])  # opens the Session that the others then find
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(dict.fromkeys([first, *pool.map(join, agents[1:])]))


def train(screen: Screen, platform: Fraction, agent: str, space: str) -> TrainingView:
    """Have an agent trained; print curve, agreement and the held-out comparison."""
    return train_all(screen, platform, [agent], space)[0]


def train_all(screen: Screen, platform: Fraction, agents: Sequence[str], space: str) -> list[TrainingView]:
    """Have agents trained, all at once in one batch of each node; print what came of each."""
    names = [platform.train(agent, space).name for agent in agents]
    trainings = [wait_for_training(screen, platform, name) for name in names]
    for training in trainings:
        show_training(screen, training)
    return trainings


def weakest(sessions: Sequence[SessionView], space: str) -> list[str]:
    """Return a Space's agents, the one with the lowest average first; it has most to learn."""
    scores: dict[str, list[int]] = {}
    for session in sessions:
        if session.space_id == space and session.settlement is not None:
            for entrant in session.entrants:
                scores.setdefault(entrant.agent, []).append(session.settlement.medians[entrant.ticket])
    return sorted(scores, key=lambda agent: sum(scores[agent]) / len(scores[agent]))


def replay_all(platform: Fraction, sessions: Sequence[SessionView], world: World) -> dict[str, bool]:
    """Keep every Session's bundle and replay it against the chain; return by Session whether all agrees."""
    bundles = world.folder / "bundles"
    bundles.mkdir(exist_ok=True)
    agreed: dict[str, bool] = {}
    for session in sessions:
        path = bundles / f"session-{session.id}.json"
        path.write_bytes(platform.bundle(session.id))
        command = [sys.executable, *REPLAY_ARGUMENTS, str(path), "--data", str(world.folder), "--rpc", world.rpc]
        agreed[session.id] = subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
    return agreed
