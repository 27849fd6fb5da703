"""A platform and its nodes in one process, on a real chain, with models that are plain functions.

Everybody acts when told to, one step at a time, so that a test decides the order of things.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from fraction.adapters.ethereum import Connection
from fraction.adapters.memory import (
    FunctionModel,
    MemoryAgents,
    MemoryBlobs,
    MemoryCheckpoints,
    MemoryLogs,
    MemoryRecords,
    ThreadEngine,
)
from fraction.agents import create_agent
from fraction.app import judge_node, training_node
from fraction.app.advance_session import advance_session
from fraction.app.advance_training import advance_training
from fraction.app.chain import Role
from fraction.app.cheats import Conduct
from fraction.app.compare_versions import Gate
from fraction.app.generation import ChatRequest
from fraction.app.join_session import join_session, register_sessions
from fraction.app.judge_node import JudgeNode
from fraction.app.judge_session import Judge
from fraction.app.platform import Account, Platform, TrainingSettings
from fraction.app.publish_space import publish_space
from fraction.app.request_training import register_trainings
from fraction.app.training_node import Trained, TrainingNode
from fraction.app.unit_testing import TestOutcome
from fraction.base import Address, AgentId, Digest, JsonObject, NotFound, SessionId, Wei, sha256_of
from fraction.sessions import Session, replay
from fraction.spaces import Space
from fraction.training import Dataset, PublishedRecipe, Recipe
from tests.adapters.ethereum.cast import Cast

_NAMES = count(1)
"""Agents of different worlds have different names, as all worlds share one chain."""

BASE = Digest("ba5e" * 16)


def reply_of(request: ChatRequest) -> str:
    """Answer as an agent (longer prompts write more) or as a judge (longer entries score more)."""
    system, user = request.messages[0].content, request.messages[-1].content
    entry = re.search(r"<<<\n(.*)\n>>>", user, re.DOTALL)
    if entry is not None:
        level = min(9, len(entry.group(1)) // 12)
        return json.dumps({"reason": f"{len(entry.group(1))} characters", "score": level})
    if "Free cells: " in user:
        return f"bid {len(system) % 20} cell {user.split('Free cells: ')[1].split()[0]}"
    return f"About it: {system} {request.model[-4:]}"


@dataclass(frozen=True, slots=True)
class CountedTests:
    """Stands for a sandbox where code is not the matter: passes as many tests as the source has words."""

    def run_tests(self, source: str, hidden: JsonObject) -> TestOutcome:
        total = 8
        return TestOutcome(min(total, len(source.split())), total, "")


class CopyTrainer:
    """Trains nothing: its trail follows from the data set and recipe, as an honest trainer's would."""

    base_digest = BASE
    arithmetic = "test"

    def train(self, dataset: Dataset, recipe: Recipe, on_step: Callable[[int, int], None]) -> Trained:
        leaves = [sha256_of(f"{dataset.digest()}{recipe.seed}{step}".encode()) for step in range(recipe.steps)]
        for step in range(recipe.steps):
            on_step(step, 1_000_000 // (step + 1))
        return Trained(b"adapter" + dataset.digest().encode(), tuple(leaves), tuple(range(recipe.steps)))


@dataclass(slots=True)
class Peers:
    """Blobs by the URL at which a node says it serves them."""

    by_url: dict[str, MemoryBlobs] = field(default_factory=dict[str, MemoryBlobs])

    def at(self, url: str) -> MemoryBlobs:
        if url not in self.by_url:
            raise NotFound(f"nobody at {url}")
        return self.by_url[url]


@dataclass(slots=True)
class SmallWorld:
    """The platform, its judges and training nodes."""

    cast: Cast
    platform: Platform
    judges: dict[Address, JudgeNode]
    training_nodes: dict[Address, TrainingNode]
    peers: Peers

    def agents(self, number: int) -> list[AgentId]:
        """Return `number` new agents with prompts of growing length, one for each entrant of the cast."""
        made: list[AgentId] = []
        for place in range(number):
            owner = self.cast.entrants[place].wallet.address
            agent = create_agent(owner, f"agent {next(_NAMES)}", "base", "write well " * (2 * place + 1), shares=True)
            self.platform.agents.keep(agent)
            made.append(agent.id)
        return made

    def play(self, agents: list[AgentId], space: str, tier: str = "eth") -> SessionId:
        """Enter all agents into a Session and run it to its end."""
        sessions = {join_session(self.platform, agent, space, tier) for agent in agents}
        (session,) = sessions
        return self.run(session)

    def run(self, session: SessionId, rounds: int = 120) -> SessionId:
        """Let everybody act until the Session is over and known in full."""
        for _ in range(rounds):
            if advance_session(self.platform, session).done:
                return session
            for judge in self.judges.values():
                judge_node.look(judge)
            self.cast.pass_time(5)
        raise AssertionError(f"{session} is still {self.session(session).phase}")

    def train(self, name: str, rounds: int = 60) -> str:
        """Let everybody act until the training is over."""
        for _ in range(rounds):
            if advance_training(self.platform, name).done:
                return name
            for node in self.training_nodes.values():
                training_node.look(node)
            self.cast.pass_time(5)
        raise AssertionError(f"training {name} does not end")

    def session(self, session: SessionId) -> Session:
        """Return the Session as the platform's log tells it."""
        return replay(self.platform.logs.read(session))


def small_world(cast: Cast, spaces: list[Space], conducts: dict[int, Conduct] | None = None) -> SmallWorld:
    """Return a world on the cast's chain; `conducts` names misbehaving nodes by their place in the cast."""
    peers, blobs = Peers(), MemoryBlobs()
    model = FunctionModel(reply_of)
    accounts = {person.wallet.address: _account(person) for person in cast.entrants}

    def account_of(address: Address) -> Account:
        if address not in accounts:
            raise NotFound(f"no key of {address}")
        return accounts[address]

    judges = _judges(cast, peers, blobs, model, conducts or {})
    gate_judge = Judge(cast.platform.wallet.address, model, "base", CountedTests(), 0, "gate")
    platform = Platform(
        clock=cast.platform.clock,
        logs=MemoryLogs(),
        agents=MemoryAgents(),
        records=MemoryRecords(),
        blobs=blobs,
        models=model,
        engine=ThreadEngine(),
        vault=cast.platform.vault,
        own=_account(cast.platform),
        account_of=account_of,
        blobs_at=peers.at,
        training=TrainingSettings(
            recipe=PublishedRecipe(name="test", version=1, recipe=Recipe(steps=8), passes=2),
            arithmetic="test",
            fee=Wei(10**15),
            verifiers=2,
            quorum=2,
            seconds=120,
        ),
        gate=Gate(model, gate_judge, "base", 12),
        base_model="base",
        base_digest=BASE,
    )
    register_sessions(platform)  # the engine is never launched: the tests take its steps themselves
    register_trainings(platform)
    for space in spaces:
        publish_space(platform.records, platform.blobs, space)
    training_nodes = _training_nodes(cast, peers, blobs, conducts or {})
    return SmallWorld(cast, platform, judges, training_nodes, peers)


def _judges(
    cast: Cast, peers: Peers, blobs: MemoryBlobs, model: FunctionModel, conducts: dict[int, Conduct]
) -> dict[Address, JudgeNode]:
    judges: dict[Address, JudgeNode] = {}
    for place, person in enumerate(cast.judges):
        own = MemoryBlobs()
        peers.by_url[f"http://127.0.0.1:{9000 + place}"] = own
        judge = Judge(person.wallet.address, model, "base", CountedTests(), place, f"order {place}")
        judges[person.wallet.address] = JudgeNode(
            judge=judge,
            escrow=person.escrow,
            own=own,
            peers=blobs,
            records=MemoryRecords(),
            clock=cast.platform.clock,
            salt_of=lambda number, place=place: bytes([place + 1]) * 32,
            conduct=conducts.get(place, Conduct()),
        )
    return judges


def _training_nodes(
    cast: Cast, peers: Peers, blobs: MemoryBlobs, conducts: dict[int, Conduct]
) -> dict[Address, TrainingNode]:
    nodes: dict[Address, TrainingNode] = {}
    for place, person in enumerate(cast.nodes):
        own = MemoryBlobs()
        peers.by_url[f"http://127.0.0.1:{9100 + place}"] = own
        nodes[person.wallet.address] = TrainingNode(
            address=person.wallet.address,
            registry=person.registry,
            trainer=CopyTrainer(),
            own=own,
            peers=blobs,
            records=MemoryRecords(),
            clock=cast.platform.clock,
            salt_of=lambda number, place=place: bytes([place + 101]) * 32,
            on_step=lambda _step: None,
            checkpoints=MemoryCheckpoints(),
            conduct=conducts.get(100 + place, Conduct()),
        )
    return nodes


def _account(person: Connection) -> Account:
    return Account(person.wallet, person.escrow, person.registry, person.vault, person.emissions())


def stake_of(world: SmallWorld, role: Role, node: Address) -> int:
    """Return what a node has at stake, in wei of FRAC."""
    return world.platform.vault.stake_of(role, node)
