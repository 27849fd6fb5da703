"""A trainer's or verifier's work: both run the same job and show what they got, commit first.

The node fetches manifest and data set by digest, refuses what it cannot reproduce (another base, another
arithmetic), trains, keeps adapter and trail, commits to the root, and reveals when all have committed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from fraction.app.chain import TaskPhase, TaskState, TrainingRegistry
from fraction.app.cheats import Cheat, Conduct, alter
from fraction.app.ports import BlobReader, Blobs, Clock, Records
from fraction.app.read_training import read_dataset, read_manifest
from fraction.base import Address, Digest, Instant, NotFound, Rejected
from fraction.training import Dataset, Recipe, TrainingResult
from fraction.training.result import result_from_bytes
from fraction.verification import merkle_root

_RESULT = "result"
RETRY_SECONDS = 3
PATIENCE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training run leaves behind."""

    adapter: bytes
    leaves: tuple[Digest, ...]
    losses_ppm: tuple[int, ...]


class Trainer(Protocol):
    """Trains adapters on one frozen base."""

    @property
    def base_digest(self) -> Digest:
        """SHA-256 of the base's weights file."""
        ...

    @property
    def arithmetic(self) -> str:
        """The class of machine within which results are equal bit for bit."""
        ...

    def train(self, dataset: Dataset, recipe: Recipe, on_step: Callable[[int, int], None]) -> Trained:
        """Train; `on_step(step, loss in millionths)` is called after every step."""
        ...


@dataclass(slots=True)
class TrainingNode:
    """A training node's ports, and what it remembers between looks."""

    address: Address
    registry: TrainingRegistry
    trainer: Trainer
    own: Blobs
    peers: BlobReader
    records: Records
    clock: Clock
    salt_of: Callable[[int], bytes]
    on_step: Callable[[int, int, int], None]
    """Called with task, step and loss in millionths."""
    conduct: Conduct = field(default_factory=Conduct)
    done: set[int] = field(default_factory=set[int])
    stuck_since: dict[int, Instant] = field(default_factory=dict[int, Instant])
    not_before: dict[int, Instant] = field(default_factory=dict[int, Instant])


def look(node: TrainingNode) -> tuple[str, ...]:
    """Do what is due in every task; return what was done, one line each.

    Raises:
        Unavailable: the chain or the blobs do not answer; look again later.
    """
    lines = [_safely(node, number) for number in range(1, node.registry.tasks() + 1)]
    return tuple(line for line in lines if line)


def _safely(node: TrainingNode, number: int) -> str:
    """Attend to one task; what is wrong with it must not keep the node from the others."""
    if node.clock.now() < node.not_before.get(number, 0):
        return ""
    try:
        return _attend(node, number)
    except Rejected as refusal:
        node.not_before[number] = Instant(node.clock.now() + RETRY_SECONDS)
        return f"task {number}: {refusal}"


def _attend(node: TrainingNode, number: int) -> str:
    if number in node.done:
        return ""
    state = node.registry.state(number)
    if state.phase in (TaskPhase.ACCEPTED, TaskPhase.FAILED, TaskPhase.CANCELLED):
        node.done.add(number)
        return ""
    if node.address not in (state.trainer, *state.verifiers) or node.conduct.cheat is Cheat.NO_SHOW:
        return ""
    return _act(node, number, state)


def _act(node: TrainingNode, number: int, state: TaskState) -> str:
    committed = node.address in state.has_committed
    revealed = any(answer.node == node.address for answer in state.answers)
    if state.phase is TaskPhase.COMMITTING and not committed:
        result = _result(node, number, state)
        root = merkle_root(result.leaves)
        node.registry.commit(number, root, result.digest(), node.salt_of(number))
        return f"trained task {number} and committed to root {root[:12]}"
    if state.phase is TaskPhase.REVEALING and committed and not revealed:
        result = _result(node, number, state)
        root = merkle_root(result.leaves)
        node.registry.reveal(number, root, result.digest(), node.salt_of(number))
        return f"revealed root {root[:12]} of task {number}"
    if state.phase in (TaskPhase.SETTLEABLE, TaskPhase.CANCELLABLE):
        return _move_on(node, number, state)
    return ""


def _result(node: TrainingNode, number: int, state: TaskState) -> TrainingResult:
    """Return what this node found for the task, training first if it has not yet."""
    try:
        known = node.records.get(_RESULT, str(number))
        return result_from_bytes(node.own.fetch(Digest(str(known["digest"]))))
    except NotFound:
        result = _train(node, number, state)
        digest = node.own.keep(result.to_bytes())
        node.records.keep(_RESULT, str(number), {"digest": digest})
        return result


def _train(node: TrainingNode, number: int, state: TaskState) -> TrainingResult:
    manifest = read_manifest(node.peers.fetch(state.manifest))
    if manifest.base != node.trainer.base_digest:
        raise Rejected(
            f"Task {number} is for the base {manifest.base[:12]} and this node has "
            f"{node.trainer.base_digest[:12]}; start it with the right --model."
        )
    if manifest.arithmetic != node.trainer.arithmetic:
        raise Rejected(
            f"Task {number} wants {manifest.arithmetic} and this node computes in "
            f"{node.trainer.arithmetic}; its result would not compare."
        )
    dataset = read_dataset(node.peers.fetch(manifest.dataset))
    trained = node.trainer.train(dataset, manifest.recipe, lambda step, loss: node.on_step(number, step, loss))
    leaves = alter(trained.leaves) if node.conduct.cheat is Cheat.ALTER else trained.leaves
    return TrainingResult(node.own.keep(trained.adapter), leaves, trained.losses_ppm)


def _move_on(node: TrainingNode, number: int, state: TaskState) -> str:
    since = node.stuck_since.setdefault(number, node.clock.now())
    if node.clock.now() - since < PATIENCE_SECONDS:
        return ""
    settles = state.phase is TaskPhase.SETTLEABLE
    try:
        (node.registry.settle if settles else node.registry.cancel)(number)
    except Rejected:
        return ""  # somebody else was first
    return f"{'settled' if settles else 'cancelled'} task {number}, as nobody else did"
