"""The honest demonstration, from an empty folder to a report."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from fraction.faces.cli.demo.builders import USUAL, builders_of
from fraction.faces.cli.demo.money_check import check_money
from fraction.faces.cli.demo.outcome import Outcome
from fraction.faces.cli.demo.stages import make_agents, play, replay_all, train_all, weakest
from fraction.faces.cli.demo.vote import beside
from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.screen import Screen
from fraction.faces.cli.tables import comparison_text
from fraction.faces.cli.world import World
from fraction_sdk import Fraction
from fraction_sdk.texts import score_text
from fraction_sdk.wire import SessionView, SpaceView, TrainingView

ENTRANTS = 6


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the demonstration is to do."""

    sessions: int
    """How many Sessions a Space plays before anyone is trained."""
    seed: int
    usd_per_eth: int
    learners: int
    """How many agents ask for training, the weakest first."""
    spaces: tuple[str, ...] = USUAL
    """Which Spaces are played; the agents train in the first."""


def run_demo(screen: Screen, platform: Fraction, world: World, options: DemoOptions) -> Outcome:
    """Play, train, play again, check; return what came of it. The world runs already."""
    outcome = Outcome(options.seed, options.usd_per_eth, health=platform.health())
    spaces = _spaces(platform, options.spaces)
    first = spaces[0]
    builders = builders_of(options.seed, min(ENTRANTS, *(space.max_entrants for space in spaces)))
    with demo_stage(screen, outcome, f"{len(builders)} builders write prompts, no code"):
        crew = make_agents(screen, platform, builders, spaces)
    for number in range(options.sessions):
        with demo_stage(screen, outcome, f"Sessions in {len(spaces)} Spaces, {number + 1} of {options.sessions}"):
            is_last = number + 1 == options.sessions
            outcome.sessions += play(screen, platform, spaces, crew, options.usd_per_eth, contested=is_last)
    learners = weakest(outcome.sessions, first.id)[: options.learners]
    asking = ", ".join(_name(outcome, learner) for learner in learners)
    title = f"{asking} ask for training in {first.title}; holders of FRAC vote meanwhile"
    with demo_stage(screen, outcome, title), beside(world.folder, world.rpc) as vote:
        outcome.trainings += train_all(screen, platform, learners, first.id)
        outcome.vote = vote.result()
        screen.say(f"   {outcome.vote.line()}", "green" if outcome.vote.changed else "bold red")
    with demo_stage(screen, outcome, f"Who has learned plays again: {asking}"):
        again = play(screen, platform, [first], crew, options.usd_per_eth)
        for training in outcome.trainings:
            _say_before_and_after(screen, outcome, again, training)
        outcome.sessions += again
    with demo_stage(screen, outcome, "Anyone can check: every Session is replayed from its bundle"):
        outcome.replays = replay_all(platform, outcome.sessions, world)
        agreeing = sum(outcome.replays.values())
        screen.say(f"   {agreeing} of {len(outcome.replays)} bundles replay to what the chain paid")
    close_books(screen, platform, outcome)
    return outcome


def close_books(screen: Screen, platform: Fraction, outcome: Outcome) -> None:
    """Check the money, to the last unit, and note what the nodes earned."""
    with demo_stage(screen, outcome, "Where the money went"):
        outcome.money = check_money(platform.money(), outcome.sessions)
        outcome.nodes = platform.nodes()
        for check in outcome.money:
            screen.say(f"   {check.line()}", "green" if check.balanced else "bold red")


@contextmanager
def demo_stage(screen: Screen, outcome: Outcome, title: str) -> Iterator[None]:
    """Announce a stage and note how long it took."""
    started = time.monotonic()
    with screen.stage(title):
        yield
    outcome.seconds[title] = time.monotonic() - started


def _spaces(platform: Fraction, wanted: Sequence[str]) -> list[SpaceView]:
    known = {space.id: space for space in platform.spaces()}
    for name in wanted:
        if name not in known:
            raise Refusal(f"The platform has no Space {name!r}; it has {', '.join(sorted(known))}.")
    return [known[name] for name in wanted]


def _name(outcome: Outcome, agent: str) -> str:
    names = {e.agent: e.name for session in outcome.sessions for e in session.entrants}
    return names[agent]


def _say_before_and_after(screen: Screen, outcome: Outcome, again: list[SessionView], training: TrainingView) -> None:
    learner = training.agent
    played = [_result(session, learner) for session in outcome.sessions if session.space_id == training.space]
    before = ", ".join(f"place {place} with {score_text(score)}" for place, score in filter(None, played))
    after = ", ".join(
        f"place {place} with {score_text(score)}" for place, score in filter(None, (_result(s, learner) for s in again))
    )
    screen.say(f"   {training.agent_name} before: {before}; now: {after}")
    screen.say(f"   {comparison_text(training)}")


def _result(session: SessionView, agent: str) -> tuple[int, int] | None:
    for standing in session.standings:
        if standing.agent == agent and standing.place is not None and standing.median is not None:
            return standing.place, standing.median
    return None
