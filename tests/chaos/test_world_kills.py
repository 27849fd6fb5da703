"""kill -9 of any process at any moment: a Session goes on, no entry of its log is lost, nobody is paid twice.

The processes are the real ones; only the moments are chosen here: strided in the normal run, at every stage of
a Session for every process with FRACTION_CHAOS=full (`make chaos`).
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fraction.faces.cli.processes import Supervisor
from fraction.faces.cli.screen import Screen
from fraction.faces.cli.start_world import start_world
from fraction.faces.cli.world import World, operator_key, plan_world
from fraction_sdk import Fraction, Unreachable
from fraction_sdk.wire import SessionView

pytestmark = [pytest.mark.chain, pytest.mark.model, pytest.mark.slow]

STAGES = ("playing", "published", "judging")
PROCESSES = ("platform", "models", "judge-1", "chain", "anvil")
FULL = os.environ.get("FRACTION_CHAOS") == "full"
STRIDED = [("platform", "playing"), ("models", "playing"), ("judge-1", "judging"), ("anvil", "judging")]
KILLS = [(process, stage) for process in PROCESSES for stage in STAGES] if FULL else STRIDED
PATIENCE_SECONDS = 240


class Running:
    """A world that runs, and what can be killed of it."""

    def __init__(self, supervisor: Supervisor, world: World) -> None:
        self._supervisor = supervisor
        self.world = world

    def kill(self, process: str) -> None:
        """Kill a process at once, as a power cut would."""
        pid = self._anvil() if process == "anvil" else self._supervisor.pid_of(process)
        os.kill(pid, signal.SIGKILL)

    def _anvil(self) -> int:
        return int(json.loads((self.world.folder / "chain" / "chain.json").read_text())["pid"])

    def session(self, id: str) -> SessionView | None:
        """Return the Session, or None while the platform is away."""
        try:
            with Fraction(self.world.platform, timeout_seconds=20) as platform:
                return platform.session(id)
        except Unreachable:
            return None

    def wait_for(self, id: str, phases: tuple[str, ...]) -> SessionView:
        """Return the Session once it is in one of `phases`."""
        session: SessionView | None = None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            session = self.session(id)
            if session is not None and session.phase in phases:
                return session
            time.sleep(0.1)
        raise AssertionError(f"{id} is still {session.phase if session else 'away'}")

    def wait_until_complete(self, id: str) -> None:
        """Return when every judge's sheet has been read, so that the bundle can be had."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            session = self.session(id)
            if session is not None and session.complete:
                return
            time.sleep(0.1)
        raise AssertionError(f"the sheets of {id} are not all read")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("world")
    world = plan_world(folder, "", {})
    with Supervisor(folder) as supervisor:
        start_world(Screen(), supervisor, world)
        yield Running(supervisor, world)


@pytest.mark.parametrize(("process", "stage"), KILLS)
def test_a_killed_process_costs_nothing_but_time(running: Running, process: str, stage: str) -> None:
    id = begin(running, f"{process}-{stage}")
    reached = running.wait_for(id, (stage, "settled"))
    length = reached.log_length
    running.kill(process)
    end = running.wait_for(id, ("settled", "cancelled"))
    assert end.phase == "settled"
    assert end.log_length >= length
    assert end.settlement is not None
    pot = 6 * int(end.tier.fee)
    fees = sum(int(credit.amount) for credit in end.settlement.judge_fees)
    assert sum(map(int, end.settlement.payouts)) + fees + int(end.settlement.treasury) == pot
    running.wait_until_complete(id)
    assert_replays(running, id)


def begin(running: Running, name: str) -> str:
    """Let six new agents enter a Session; return its id."""
    with Fraction(running.world.platform, timeout_seconds=60, key=operator_key(running.world.folder)) as platform:
        sessions: set[str] = set()
        for place in range(6):
            account = f"{name}-{place}"
            platform.create_account(account)
            agent = platform.create_agent(account, f"agent {place}", "Write one good sentence.")
            sessions.add(platform.queue(agent.id, "writing-tweets", "eth"))
    (id,) = sessions
    return id


def assert_replays(running: Running, id: str) -> None:
    """Check that the Session's bundle agrees with itself and with the chain."""
    from fraction.app.replay_bundle import replay_bundle
    from fraction.wiring import escrow_for_replay

    with Fraction(running.world.platform) as platform:
        bundle = platform.bundle(id)
    with escrow_for_replay(Path(running.world.folder), running.world.rpc, offline=False) as escrow:
        report = replay_bundle(bundle, escrow)
    assert report.compared_with_chain
    assert report.differences == ()
