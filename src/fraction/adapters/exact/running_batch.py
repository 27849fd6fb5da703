"""Many exact trainings over one base: each joins and leaves between steps, with the bits that it gets alone.

Members of equal rank, scale and batch size share a pass over the frozen base, wherever each of them stands; clipping
and Adam are every member's own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from fraction.adapters.exact.base import ExactBase
from fraction.adapters.exact.checkpoint import Progress, pack_progress, unpack_progress
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.lesson_rows import Lesson, step_rows
from fraction.adapters.exact.optimiser import State, beginning, moved
from fraction.adapters.exact.start import first_parameters, low_rank
from fraction.adapters.exact.steps import finite, gradients
from fraction.adapters.exact.trail import step_leaf
from fraction.app.training_node import Step, Trained
from fraction.base import Digest
from fraction.training import Dataset, Recipe

_Layers = Mapping[str, tuple[Tensor, Tensor]]


@dataclass(slots=True)
class _Member:
    """One training and where it stands."""

    identity: Digest
    recipe: Recipe
    lesson: Lesson
    state: State
    leaves: list[Digest] = field(default_factory=list[Digest])
    losses_ppm: list[int] = field(default_factory=list[int])

    @property
    def shape(self) -> tuple[int, int, int]:
        """What members that share a pass have in common: rank, alpha and examples a step."""
        return self.recipe.rank, self.recipe.alpha, self.recipe.batch_size


class RunningBatch:
    """A run of exact trainings; a `Run`."""

    def __init__(
        self,
        base: ExactBase,
        kernels: Kernels,
        read_lesson: Callable[[Dataset, Recipe], Lesson],
        pack_adapter: Callable[[Recipe, _Layers], bytes],
        identity: Callable[[Dataset, Recipe], Digest],
    ) -> None:
        """Train on `base`; `identity` names a training, so that no other one's checkpoint is taken for its own."""
        self._base, self._kernels = base, kernels
        self._read_lesson, self._pack_adapter, self._identity = read_lesson, pack_adapter, identity
        self._members: dict[int, _Member] = {}
        self._next = 0

    def join(self, dataset: Dataset, recipe: Recipe, checkpoint: bytes | None = None) -> int:
        """Take a training in, at its beginning or where a checkpoint left it; return its ticket.

        Raises:
            Rejected: no example fits the recipe, or the checkpoint is of another training.
        """
        lesson = self._read_lesson(dataset, recipe)
        state = beginning(first_parameters(self._base, recipe.rank, (recipe.seed,)))
        member = _Member(self._identity(dataset, recipe), recipe, lesson, state)
        if checkpoint is not None:
            progress = unpack_progress(checkpoint, member.identity, member.state, recipe.steps)
            member.state, member.leaves = progress.state, list(progress.leaves)
            member.losses_ppm = list(progress.losses_ppm)
        ticket, self._next = self._next, self._next + 1
        self._members[ticket] = member
        return ticket

    def step(self) -> tuple[Step, ...]:
        """Move every training by one step; return how each went.

        Raises:
            Rejected: a training leaves the finite numbers.
        """
        groups: dict[tuple[int, int, int], list[int]] = {}
        for ticket, member in self._members.items():
            groups.setdefault(member.shape, []).append(ticket)
        return tuple(step for tickets in groups.values() for step in self._step(tickets))

    def checkpoint(self, ticket: int) -> bytes:
        """Return where a training stands."""
        member = self._members[ticket]
        return pack_progress(Progress(member.state, tuple(member.leaves), tuple(member.losses_ppm)), member.identity)

    def take(self, ticket: int) -> Trained:
        """Return what a finished training gave, and give its place free."""
        member = self._members.pop(ticket)
        layers = low_rank(self._base, dict(member.state.parameters), 0)
        return Trained(self._pack_adapter(member.recipe, layers), tuple(member.leaves), tuple(member.losses_ppm))

    def _step(self, tickets: Sequence[int]) -> list[Step]:
        members = [self._members[ticket] for ticket in tickets]
        names = members[0].state.parameters
        parameters = {name: torch.cat([m.state.parameters[name] for m in members]) for name in names}
        rows = [step_rows(m.lesson, list(m.lesson.order[m.state.step])) for m in members]
        recipe = members[0].recipe
        found = gradients(self._base, parameters, recipe.alpha / recipe.rank, self._kernels, rows)
        for place, member in enumerate(members):
            own = {name: update[place : place + 1] for name, update in found.updates.items()}
            self._move(member, own, found.losses_ppm[place])
        return [
            Step(ticket, m.state.step, m.recipe.steps, m.losses_ppm[-1], tokens.numel())
            for ticket, m, (tokens, _) in zip(tickets, members, rows, strict=True)
        ]

    def _move(self, member: _Member, updates: Mapping[str, Tensor], loss_ppm: int) -> None:
        recipe = member.recipe
        finite(updates, member.state.step)
        member.state = moved(member.state, updates, recipe.learning_rate_ppm, recipe.warmup_steps, self._kernels)
        member.leaves.append(step_leaf(member.state, updates, 0))
        member.losses_ppm.append(loss_ppm)
