"""Six cheats, each tried for real in the running world, and each one's end read from the chain's own facts.

Judges and the trainer cheat because their process is started with `--cheat`; two agents have a model of their
owner's: one ends every post by asking the judges for points, one answers with code that tries to leave the
sandbox.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fraction.faces.cli.demo.builders import BUILDERS, CODE, GAMES, TWEETS
from fraction.faces.cli.demo.hostile_model import BEGS, BREAKS_OUT, QUIET, HostileModel
from fraction.faces.cli.demo.outcome import Cheat, Outcome
from fraction.faces.cli.demo.run import DemoOptions, close_books, demo_stage
from fraction.faces.cli.demo.stages import SESSION_SECONDS, enter, replay_all, train
from fraction.faces.cli.demo.verdicts import (
    begging,
    breaking_out,
    bribed_judge,
    copying_judge,
    lying_trainer,
    missing_judge,
)
from fraction.faces.cli.processes import Supervisor
from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.screen import Screen
from fraction.faces.cli.tables import show_session
from fraction.faces.cli.waiting import POLL_SECONDS, patiently, wait_for_sessions
from fraction.faces.cli.world import RESERVE, World
from fraction_sdk import Fraction
from fraction_sdk.wire import SessionView

ROGUE_JUDGE, ROGUE_TRAINER = "judge-3", "trainer-1"
COMMIT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the cheats are played with."""

    screen: Screen
    supervisor: Supervisor
    platform: Fraction
    world: World
    hostile: HostileModel

    def restart(self, name: str, conduct: str) -> None:
        """Start a node again with another conduct."""
        self.supervisor.stop(name)
        world = replace(self.world, conduct={name: conduct})
        self.supervisor.start([world.node_command(name)])

    def address_of(self, name: str) -> str:
        """Return a node's account, by the port where it serves its blobs."""
        port = f":{self.world.ports[name]}"
        return next(node.address for node in self.platform.nodes() if node.endpoint.rstrip("/").endswith(port))

    def agent(self, style: str, name: str, prompt: str) -> str:
        """Return a new agent of a builder of that style."""
        account = patiently(lambda: self.platform.create_account(f"{style}-builder"))
        return self.platform.create_agent(account.name, name, prompt).id

    def open_session(self, space: str, agents: Sequence[str]) -> str:
        """Enter agents in one Session; return its id."""
        with self.screen.steps("entering", len(agents)) as steps:
            return enter(self.platform, self.platform.space(space), agents, steps)[0]

    def finish(self, ids: Sequence[str]) -> list[SessionView]:
        """Return the Sessions when they are over, having shown them."""
        views = wait_for_sessions(self.screen, self.platform, ids, SESSION_SECONDS)
        for view in views:
            show_session(self.screen, view, None)
        return views


def run_cheats(scene: Scene, options: DemoOptions) -> Outcome:
    """Let everyone cheat; return what came of it. The world runs already."""
    outcome = Outcome(options.seed, options.usd_per_eth, health=scene.platform.health())
    judge = scene.address_of(ROGUE_JUDGE)
    with demo_stage(scene.screen, outcome, "A bribed judge; an agent that asks for 100 points; code that breaks out"):
        _bribe_beg_and_break_out(scene, outcome, judge)
    with demo_stage(scene.screen, outcome, "A judge that copies another one's commitment"):
        players = _players(scene)
        scene.restart(ROGUE_JUDGE, "copy")
        copied = scene.open_session(GAMES, players)
        _wait_until(scene, copied, lambda view: bool(view.judges) and all(j.committed for j in view.judges))
    with demo_stage(scene.screen, outcome, "A judge that does not show up; a trainer that changes one number"):
        scene.restart(ROGUE_JUDGE, "no-show")
        scene.restart(ROGUE_TRAINER, "alter")
        missed = scene.open_session(GAMES, players)
        learner = outcome.sessions[0].standings[-1].agent
        # the panel is drawn, the rogue on it: from now on there is somebody to take its place
        _wait_until(scene, missed, lambda view: bool(view.judges))
        _send_reserve(scene)
        training = train(scene.screen, scene.platform, learner, TWEETS)
        outcome.trainings.append(training)
        copy_view, missed_view = scene.finish([copied, missed])
        outcome.sessions += [copy_view, missed_view]
        outcome.cheats += [
            copying_judge(copy_view, judge),
            missing_judge(missed_view, judge),
            lying_trainer(training),
        ]
    _show(scene.screen, outcome.cheats)
    outcome.replays = replay_all(scene.platform, outcome.sessions, scene.world)
    close_books(scene.screen, scene.platform, outcome)
    return outcome


def _bribe_beg_and_break_out(scene: Scene, outcome: Outcome, judge: str) -> None:
    by_style = {builder.style: builder for builder in BUILDERS}
    terse, thorough = by_style["terse"], by_style["thorough"]
    pair = (by_style["careless"], by_style["playful"])
    bribing, other = (scene.agent(b.style, b.agent_name(TWEETS), b.prompts[TWEETS]) for b in pair)
    beggar = scene.agent("begging", "begging tweets", f"{thorough.prompts[TWEETS]} {BEGS}")
    twin = scene.agent("begging", "quiet twin tweets", f"{thorough.prompts[TWEETS]} {QUIET}")
    coders = [scene.agent(b.style, b.agent_name(CODE), b.prompts[CODE]) for b in BUILDERS[:4]]
    breaker = scene.agent("hostile", "hostile code", f"{terse.prompts[CODE]} {BREAKS_OUT}")
    scene.restart(ROGUE_JUDGE, f"bribed:{bribing}")
    tweets = scene.open_session(TWEETS, [bribing, other, beggar, twin])
    code = scene.open_session(CODE, [*coders, breaker])
    posts, programs = scene.finish([tweets, code])
    outcome.sessions += [posts, programs]
    outcome.cheats += [
        bribed_judge(posts, judge, bribing),
        begging(posts, beggar, twin),
        breaking_out(programs, breaker, scene.hostile.breakouts),
    ]


def _players(scene: Scene) -> list[str]:
    return [scene.agent(b.style, b.agent_name(GAMES), b.prompts[GAMES]) for b in BUILDERS[:2]]


def _send_reserve(scene: Scene) -> None:
    """Start a judge in reserve; whoever is to be drawn in another's place must have staked before."""

    def judges() -> int:
        return sum(node.role == "judge" for node in patiently(scene.platform.nodes))

    before = judges()
    scene.supervisor.start([scene.world.node_command(RESERVE)])
    deadline = time.monotonic() + COMMIT_SECONDS
    while judges() == before:
        if time.monotonic() > deadline:
            raise Refusal(f"The judge in reserve, {RESERVE}, did not stake; see its log in the world's folder.")
        time.sleep(POLL_SECONDS)


def _wait_until(scene: Scene, session: str, reached: Callable[[SessionView], bool]) -> None:
    deadline = time.monotonic() + COMMIT_SECONDS
    while not reached(patiently(lambda: scene.platform.session(session))):
        if time.monotonic() > deadline:
            raise Refusal(f"The judges of Session {session} did not commit; see the logs of the world.")
        time.sleep(POLL_SECONDS)


def _show(screen: Screen, cheats: Sequence[Cheat]) -> None:
    rows = [[c.tried, "yes" if c.caught else "NO", c.how, c.cost] for c in cheats]
    screen.table("What was tried", ["cheat", "caught", "how", "what it cost"], rows)
