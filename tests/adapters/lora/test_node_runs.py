# pyright: basic
# torch has no complete types.
"""A node trains all its tasks in one batch, and a killed one goes on to the same roots."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from fraction.adapters.lora.base import Base, load_base
from fraction.adapters.lora.trainer import QloraTrainer
from fraction.adapters.memory import MemoryBlobs, MemoryCheckpoints, MemoryRecords
from fraction.adapters.memory.clocks import FixedClock
from fraction.app.chain import TaskPhase, TaskState
from fraction.app.training_node import Step, TrainingNode, look
from fraction.base import Address, AgentId, Digest, SpaceId, Wei
from fraction.training import Dataset, Manifest, Recipe
from fraction.verification import merkle_root
from tests.adapters.lora.test_running_batch import dataset

ME = Address("0x" + "1" * 40)
RECIPE = Recipe(steps=12, batch_size=2, rank=4, warmup_steps=1)


@dataclass
class Tasks:
    """Tasks as a node sees them while all are to be committed; the chain's own tests are elsewhere."""

    manifests: list[Digest] = field(default_factory=list)
    roots: dict[int, Digest] = field(default_factory=dict)

    def tasks(self) -> int:
        return len(self.manifests)

    def state(self, number: int) -> TaskState:
        committed = (ME,) if number in self.roots else ()
        manifest = self.manifests[number - 1]
        return TaskState(TaskPhase.COMMITTING, 0, manifest, ME, Wei(1), ME, (), 1, committed, (), None, (), ())  # type: ignore[arg-type]

    def commit(self, number: int, root: Digest, adapter: Digest, salt: bytes) -> None:
        self.roots[number] = root


class World:
    """A node's surroundings, which outlive it."""

    def __init__(self, base: Base) -> None:
        self.base, self.registry, self.blobs = base, Tasks(), MemoryBlobs()
        self.records, self.checkpoints = MemoryRecords(), MemoryCheckpoints()
        self.steps: list[Step] = []

    def node(self) -> TrainingNode:
        return TrainingNode(
            address=ME, registry=cast("Any", self.registry), trainer=QloraTrainer(self.base), own=self.blobs,
            peers=self.blobs, records=self.records, clock=FixedClock(), salt_of=lambda _: b"s" * 32,
            on_step=self.steps.append, checkpoints=self.checkpoints,
        )  # fmt: skip

    def open(self, data: Dataset, recipe: Recipe) -> None:
        manifest = Manifest(
            AgentId("a"), SpaceId("s"), self.base.digest, self.blobs.keep(data.to_bytes()), recipe, Digest("p" * 64),
            QloraTrainer(self.base).arithmetic,
        )  # fmt: skip
        self.registry.manifests.append(self.blobs.keep(manifest.to_bytes()))


@pytest.fixture
def base(llama: Path) -> Base:
    return load_base(llama, nf4=True)


def test_tasks_train_in_one_batch_and_a_killed_node_goes_on_to_the_same_roots(llama: Path, base: Base) -> None:
    world, jobs = World(base), [(dataset(n, 3, 5), replace(RECIPE, seed=n)) for n in range(3)]
    for data, recipe in jobs[:2]:
        world.open(data, recipe)
    look(world.node())  # five steps of two tasks, and then the node is killed
    assert [(step.ticket, step.number) for step in world.steps] == [(t, n) for n in range(1, 6) for t in (1, 2)]
    assert set(world.checkpoints.kept) == {"1", "2"}
    world.base, world.steps = load_base(llama, nf4=True), []
    world.open(*jobs[2])
    node, lines = world.node(), list[str]()
    for _ in range(5):
        lines += look(node)
    assert (world.steps[0].ticket, world.steps[0].number) == (1, 6)
    assert sum("2 in the batch" in line or "3 in the batch" in line for line in lines) >= 2
    assert world.checkpoints.kept == {}
    plain = load_base(llama, nf4=True)
    for number, (data, recipe) in enumerate(jobs, start=1):
        alone = QloraTrainer(plain).train(data, recipe, lambda _step, _loss: None)
        assert world.registry.roots[number] == merkle_root(alone.leaves)


def test_a_task_that_nobody_can_train_keeps_the_others_from_nothing(base: Base) -> None:
    world = World(base)
    world.open(dataset(1, 2, 30), replace(RECIPE, max_tokens=8))
    world.open(dataset(2, 2, 5), replace(RECIPE, steps=4))
    node = world.node()
    lines = [line for _ in range(2) for line in look(node)]
    assert "fits into 8 tokens" in lines[0]
    assert list(world.registry.roots) == [2]
