"""A trainer's or verifier's work: both run the same job, show what they got, commit first, and dispute what differs.

The node fetches manifest and data set by digest, refuses what it cannot reproduce (another base, another
arithmetic), trains all its tasks in one batch, keeps adapters and trails, commits to each root, and reveals when all
have committed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from fraction.app.attending import attend_safely
from fraction.app.chain import TaskPhase, TaskState, TrainingRegistry
from fraction.app.cheats import Cheat, Conduct, alter
from fraction.app.ports import BlobReader, Blobs, Clock, Records
from fraction.app.read_training import read_dataset, read_manifest
from fraction.app.training_disputes import Contestant, DisputableTrainer, contest
from fraction.base import Address, Digest, Instant, NotFound, Rejected
from fraction.training import Dataset, Manifest, Recipe, TrainingResult
from fraction.training.result import result_from_bytes
from fraction.verification import merkle_root
from fraction.verification.claim import claim_root
from fraction.verification.dispute import Evidence

_RESULT = "result"
PATIENCE_SECONDS = 15
STEPS_A_LOOK = 5
"""Steps between two looks at the chain; also what a kill can cost."""


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


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one training."""

    ticket: int
    """Which training: what `join` returned; in a node's report the task's number."""
    number: int
    """From 1."""
    steps: int
    """How many there will be."""
    loss_ppm: int
    """The loss before the step, in millionths."""
    tokens: int
    """Tokens read in the step, padding included; 0 if the trainer does not tell."""

    @property
    def finished(self) -> bool:
        """Whether it was the last."""
        return self.number >= self.steps


class Run(Protocol):
    """Trainings over one copy of the base; each joins and leaves when it likes, bit for bit as if it were alone."""

    def join(self, dataset: Dataset, recipe: Recipe, checkpoint: bytes | None = None) -> int:
        """Take a training in, at its beginning or where a checkpoint left it; return its ticket.

        Raises:
            Rejected: no example fits the recipe, there is no place, or the checkpoint is of another training.
        """
        ...

    def step(self) -> tuple[Step, ...]:
        """Move every training by one step; return how each went."""
        ...

    def checkpoint(self, ticket: int) -> bytes:
        """Return where a training stands."""
        ...

    def take(self, ticket: int) -> Trained:
        """Return what a finished training gave, and give its place free."""
        ...


@runtime_checkable
class GroupTrainer(Protocol):
    """A trainer that can train several adapters at once."""

    def run(self) -> Run:
        """Return a run without trainings; the base is its own from now on."""
        ...


class Checkpoints(Protocol):
    """Keeps where trainings stand, so that a killed one goes on to the same bits."""

    def load(self, name: str) -> bytes | None:
        """Return what was kept under `name` last; None if nothing was."""
        ...

    def save(self, name: str, state: bytes) -> None:
        """Keep `state` in place of what was there, durable before it returns."""
        ...

    def drop(self, name: str) -> None:
        """Forget it: the training is over."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """What a task's manifest names."""

    manifest: Manifest
    blob: bytes
    """The manifest as it is on chain by digest."""
    dataset: Dataset

    def root(self, leaves: tuple[Digest, ...]) -> Digest:
        """Return what is committed to: bound to the specification, where there is one."""
        named = self.manifest.specification
        return claim_root(named, leaves) if named else merkle_root(leaves)


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
    on_step: Callable[[Step], None]
    checkpoints: Checkpoints
    conduct: Conduct = field(default_factory=Conduct)
    contestant: Contestant | None = None
    """Its part in disputes; None for one that only votes."""
    known: dict[int, Task] = field(default_factory=dict[int, Task])
    evidence: dict[int, Evidence] = field(default_factory=dict[int, Evidence])
    """What it can show, for the tasks that it disputes or defends."""
    done: set[int] = field(default_factory=set[int])
    stuck_since: dict[int, Instant] = field(default_factory=dict[int, Instant])
    not_before: dict[int, Instant] = field(default_factory=dict[int, Instant])
    run: Run | None = None
    """What this node trains now, all tasks in one batch; begun with the first."""
    tickets: dict[int, int] = field(default_factory=dict[int, int])
    """Tasks by their tickets in the run."""


def look(node: TrainingNode) -> tuple[str, ...]:
    """Do what is due in every task; return what was done, one line each.

    Where the trainer can, all tasks train in one batch, a few steps a look, so a new task joins those that run.

    Raises:
        Unavailable: the chain or the blobs do not answer; look again later.
    """
    lines = [attend_safely(node, number, "task", _attend) for number in range(1, node.registry.tasks() + 1)]
    lines += _train_some(node)
    return tuple(line for line in lines if line)


def _attend(node: TrainingNode, number: int) -> str:
    if number in node.done:
        return ""
    state = node.registry.state(number)
    if state.phase in (TaskPhase.ACCEPTED, TaskPhase.FAILED, TaskPhase.CANCELLED):
        node.done.add(number)
        node.known.pop(number, None)
        node.evidence.pop(number, None)
        return ""
    if node.address not in (state.trainer, *state.verifiers) or node.conduct.cheat is Cheat.NO_SHOW:
        return ""
    return _act(node, number, state)


def _act(node: TrainingNode, number: int, state: TaskState) -> str:
    committed = node.address in state.has_committed
    revealed = any(answer.node == node.address for answer in state.answers)
    if state.phase is TaskPhase.COMMITTING and not committed:
        result = _known(node, number) or _begin(node, number, state)
        if result is None:
            return ""
        root = _task(node, number, state).root(result.leaves)
        node.registry.commit(number, root, result.digest(), node.salt_of(number))
        return f"trained task {number} and committed to root {root[:12]}"
    if state.phase is TaskPhase.REVEALING and committed and not revealed:
        result = _known(node, number) or _train(node, number, state)
        root = _task(node, number, state).root(result.leaves)
        node.registry.reveal(number, root, result.digest(), node.salt_of(number))
        return f"revealed root {root[:12]} of task {number}"
    if state.phase is TaskPhase.DISPUTABLE and revealed and node.contestant is not None:
        return _contest(node, node.contestant, number, state)
    if state.phase in (TaskPhase.SETTLEABLE, TaskPhase.CANCELLABLE):
        return _move_on(node, number, state)
    return ""


def _contest(node: TrainingNode, contestant: Contestant, number: int, state: TaskState) -> str:
    task = _task(node, number, state)
    if not task.manifest.specification:
        return ""

    def evidence() -> Evidence:
        if number not in node.evidence:
            result = _known(node, number) or _train(node, number, state)
            node.evidence[number] = _evidence(node, task, result.leaves)
        return node.evidence[number]

    return contest(contestant, number, state, evidence, task.blob)


def _evidence(node: TrainingNode, task: Task, leaves: tuple[Digest, ...]) -> Evidence:
    altered = node.conduct.cheat is Cheat.ALTER
    return _disputable(node).evidence(task.dataset, task.manifest.recipe, leaves, altered)


def _disputable(node: TrainingNode) -> DisputableTrainer:
    if not isinstance(node.trainer, DisputableTrainer):
        raise Rejected("This node's arithmetic has no referee, so it cannot take part in a task that has one.")
    return node.trainer


def _known(node: TrainingNode, number: int) -> TrainingResult | None:
    """Return what this node found for the task, if it has trained it already."""
    try:
        known = node.records.get(_RESULT, str(number))
        return result_from_bytes(node.own.fetch(Digest(str(known["digest"]))))
    except NotFound:
        return None


def _begin(node: TrainingNode, number: int, state: TaskState) -> TrainingResult | None:
    """Let the task join the run; a trainer that knows no runs trains it at once."""
    if number in node.tickets.values():
        return None
    if not isinstance(node.trainer, GroupTrainer):
        return _train(node, number, state)
    node.run = node.run or node.trainer.run()
    task = _task(node, number, state)
    dataset, recipe = task.dataset, task.manifest.recipe
    kept = node.checkpoints.load(str(number))
    try:
        ticket = node.run.join(dataset, recipe, kept)
    except Rejected:
        if kept is None:
            raise
        node.checkpoints.drop(str(number))  # half written or of an older version: what it saved is recomputed
        ticket = node.run.join(dataset, recipe)
    node.tickets[ticket] = number
    return None


def _train_some(node: TrainingNode) -> list[str]:
    """Move the run on by a few steps; keep where it stands, and what is finished."""
    if node.run is None or not node.tickets:
        return []
    before = set(node.tickets.values())
    for _ in range(STEPS_A_LOOK):
        for step in node.run.step():
            number = node.tickets[step.ticket]
            node.on_step(replace(step, ticket=number))
            if step.finished:
                _keep(node, number, node.run.take(step.ticket))
                del node.tickets[step.ticket]
                node.checkpoints.drop(str(number))
    for ticket, number in node.tickets.items():
        node.checkpoints.save(str(number), node.run.checkpoint(ticket))
    finished = sorted(before - set(node.tickets.values()))
    return [f"trained task {number}, {len(before)} in the batch" for number in finished]


def _train(node: TrainingNode, number: int, state: TaskState) -> TrainingResult:
    task = _task(node, number, state)
    recipe = task.manifest.recipe

    def on_step(step: int, loss: int) -> None:
        node.on_step(Step(number, step, recipe.steps, loss, 0))

    return _keep(node, number, node.trainer.train(task.dataset, recipe, on_step))


def _task(node: TrainingNode, number: int, state: TaskState) -> Task:
    """Return what the task's manifest names, once it is found to be what this node can compute."""
    if number not in node.known:
        blob = node.peers.fetch(state.manifest)
        manifest = read_manifest(blob)
        _check(node, number, manifest)
        task = Task(manifest, blob, read_dataset(node.peers.fetch(manifest.dataset)))
        _check_specification(node, number, task)
        node.known[number] = task
    return node.known[number]


def _check(node: TrainingNode, number: int, manifest: Manifest) -> None:
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


def _check_specification(node: TrainingNode, number: int, task: Task) -> None:
    """Refuse a task whose specification is another than its data give: honest work would lose its disputes."""
    named = task.manifest.specification
    if named and _disputable(node).specify(task.dataset, task.manifest.recipe).digest() != named:
        raise Rejected(f"Task {number} names another specification than its base, data and recipe give.")


def _keep(node: TrainingNode, number: int, trained: Trained) -> TrainingResult:
    """Keep adapter and trail, so that the task is trained once."""
    leaves = _altered(node, node.known[number], trained) if node.conduct.cheat is Cheat.ALTER else trained.leaves
    result = TrainingResult(node.own.keep(trained.adapter), leaves, trained.losses_ppm)
    node.records.keep(_RESULT, str(number), {"digest": node.own.keep(result.to_bytes())})
    return result


def _altered(node: TrainingNode, task: Task, trained: Trained) -> tuple[Digest, ...]:
    """Return the trail of a trainer that changed one number; where there is a referee, one that it can defend."""
    if not task.manifest.specification:
        return alter(trained.leaves)
    return _evidence(node, task, trained.leaves).leaves


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
