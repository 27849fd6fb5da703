# pyright: basic
# torch and transformers have no complete types.
"""Real exact trainings in dispute: the nodes play by themselves, and the referee contract decides one number."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from fraction.adapters.clock import SystemClock
from fraction.adapters.memory import MemoryBlobs, MemoryCheckpoints, MemoryRecords
from fraction.app.chain import Role, TaskPhase
from fraction.app.cheats import Cheat, Conduct
from fraction.app.training_disputes import Contestant
from fraction.app.training_node import TrainingNode, look
from fraction.base import AgentId, Digest, SpaceId, Wei
from fraction.training import Manifest, Recipe
from fraction.verification.dispute import Stage
from fraction.wiring.disputes import DisputeWorld, dispute_world
from fraction.wiring.models import trainer_on
from tests.adapters.exact.test_trainer import dataset
from tests.adapters.lora.tiny_models import save_model

pytestmark = pytest.mark.chain

RECIPE = Recipe(steps=2, batch_size=2, rank=2, learning_rate_ppm=5_000, warmup_steps=1, max_tokens=96)
LOOKS = 200


@dataclass
class Played:
    """A task whose nodes were let run until its dispute was over."""

    world: DisputeWorld
    task: int
    nodes: list[TrainingNode]
    lines: list[str]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"), "llama")


@pytest.fixture(autouse=True)
def _own_kernels(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))


def play(world: DisputeWorld, model: Path, blobs: MemoryBlobs, manifest: Digest) -> Played:
    """Open a task and let its nodes look, in turns, until its first dispute is over."""
    registry = world.opener.registry
    task = registry.open("task", manifest, Wei(10**15), 2, 2, 60, 600)
    registry.draw(task)
    nodes = [
        TrainingNode(
            address=own.wallet.address, registry=own.registry, trainer=trainer_on(model), own=blobs, peers=blobs,
            records=MemoryRecords(), clock=SystemClock(), salt_of=lambda _: b"s" * 32, on_step=lambda _step: None,
            checkpoints=MemoryCheckpoints(), conduct=Conduct(Cheat.ALTER if own is world.trainer else Cheat.NONE),
            contestant=Contestant(own.disputes, SystemClock(), challenges=own is not world.trainer),
        )
        for own in (world.trainer, *world.verifiers)
    ]  # fmt: skip
    played = Played(world, task, nodes, [])
    for _ in range(LOOKS):
        for node in nodes:
            played.lines += look(node)
        disputes = world.opener.disputes
        if disputes.disputes() and disputes.position(1).stage.is_over:
            break
    return played


def test_a_trainer_that_alters_one_number_loses_to_the_referee(model: Path) -> None:
    data, trainer, blobs = dataset(4, "tea"), trainer_on(model), MemoryBlobs()
    named = trainer.specify(data, RECIPE).digest()  # type: ignore[attr-defined]
    manifest = Manifest(
        AgentId("a"), SpaceId("s"), trainer.base_digest, blobs.keep(data.to_bytes()), RECIPE, Digest("p" * 64),
        trainer.arithmetic, named,
    )  # fmt: skip
    with dispute_world() as world:
        played = play(world, model, blobs, blobs.keep(manifest.to_bytes()))
        cheater = world.trainer.wallet.address
        position = world.opener.disputes.position(1)
        assert position.stage is Stage.REFUTED, played.lines
        assert position.defender == cheater
        assert position.step == RECIPE.steps - 1
        ruling = world.opener.disputes.ruling(1)
        assert ruling is not None
        assert ruling[0] ^ ruling[1] == 1  # the bit that was altered
        assert world.trainer.vault.stake_of(Role.TRAINER, cheater) == Wei(5_000 * 10**18)
        assert played.nodes[0].registry.state(played.task).phase is TaskPhase.DISPUTABLE
        assert world.opener.disputes.disputes() == 1  # the other verifier left it to the first
        assert sum(gas for _, gas in world.opener.disputes.gas_of(1)) < 4_000_000


def test_a_task_that_names_another_specification_is_refused(model: Path) -> None:
    trainer, blobs = trainer_on(model), MemoryBlobs()
    manifest = Manifest(
        AgentId("a"), SpaceId("s"), trainer.base_digest, blobs.keep(dataset(4, "tea").to_bytes()), RECIPE,
        Digest("p" * 64), trainer.arithmetic, Digest("5" * 64),
    )  # fmt: skip
    with dispute_world() as world:
        registry = world.opener.registry
        task = registry.open("task", blobs.keep(manifest.to_bytes()), Wei(10**15), 2, 2, 60, 600)
        registry.draw(task)
        own = world.verifiers[0]
        node = TrainingNode(
            address=own.wallet.address, registry=own.registry, trainer=trainer, own=blobs, peers=blobs,
            records=MemoryRecords(), clock=SystemClock(), salt_of=lambda _: b"s" * 32, on_step=lambda _step: None,
            checkpoints=MemoryCheckpoints(),
        )  # fmt: skip
        assert "another specification" in look(node)[0]
        assert registry.state(task).has_committed == ()
