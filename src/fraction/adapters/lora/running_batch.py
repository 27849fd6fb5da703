"""A batch of trainings that never has to stop: jobs join and leave between steps, each as if it were alone.

    join ──▶ members ──step──▶ members ──▶ finished ──take──▶ Trained
                └── leave ──▶ checkpoint ──▶ join (here, or in another process, to the same bits)

A step moves every member by one step of its own. Members whose rows have the same shape share one pass over the
base; the shape is the job's own (length, rows, rank), so its numbers do not depend on who else is there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fraction.adapters.lora.adapter_file import Adapter, pack_adapter
from fraction.adapters.lora.base import Base
from fraction.adapters.lora.group import Group, TrainableBase
from fraction.adapters.lora.layout import adapter_in, layout_of
from fraction.adapters.lora.leaves import adapter_leaf
from fraction.adapters.lora.lesson import read_lesson, with_references
from fraction.adapters.lora.losses import Objective, Preference, Supervised, reply_logprobs
from fraction.adapters.lora.state import JobState, begin, restore
from fraction.app.training_node import Step, Trained
from fraction.base import Rejected, digest_of
from fraction.training import Dataset, Method, Recipe

OBJECTIVES: dict[Method, Objective] = {Method.SUPERVISED: Supervised(), Method.PREFERENCE: Preference()}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What members must have in common to share a pass over the base."""

    method: Method
    length: int
    rows: int
    padded_rank: int


class RunningBatch:
    """The members that train now, over one base that nothing else may use meanwhile."""

    def __init__(self, base: Base, places: int = 64) -> None:
        """Begin without members; there is room for `places` of them."""
        self._base, self._places = base, places
        self._trainable = TrainableBase(base)
        self._states: dict[int, JobState] = {}
        self._groups: dict[_Shape, tuple[tuple[int, ...], Group]] = {}
        self._next = 0

    @property
    def members(self) -> tuple[int, ...]:
        """The tickets of the jobs that are not finished, in the order in which they joined."""
        return tuple(ticket for ticket, state in self._states.items() if not state.finished)

    def join(self, dataset: Dataset, recipe: Recipe, checkpoint: bytes | None = None) -> int:
        """Take a job in, at its beginning or where a checkpoint left it; return its ticket.

        Raises:
            Rejected: every place is taken, no example fits the recipe, or the checkpoint is of another job.
        """
        if len(self._states) >= self._places:
            raise Rejected(f"{self._places} trainings run already; wait until one is finished.")
        with one_way_of_computing():
            state = self._begin(dataset, recipe)
        if checkpoint is not None:
            state = restore(state, checkpoint)
        ticket, self._next = self._next, self._next + 1
        self._states[ticket] = state
        return ticket

    def step(self) -> tuple[Step, ...]:
        """Move every member by one step; return how each went."""
        done: list[Step] = []
        with one_way_of_computing():
            for shape, tickets in self._by_shape().items():
                done += self._step(shape, tickets)
        return tuple(done)

    def checkpoint(self, ticket: int) -> bytes:
        """Return where the job stands, for `join`."""
        return self._states[ticket].to_bytes()

    def take(self, ticket: int) -> Trained:
        """Return what a finished job gave, and give its place free."""
        state = self._states.pop(ticket)
        return Trained(pack_adapter(self._adapter(state)), tuple(state.leaves), tuple(state.losses_ppm))

    def leave(self, ticket: int) -> bytes:
        """Take a job out before its end; return its checkpoint."""
        checkpoint = self.checkpoint(ticket)
        del self._states[ticket]
        return checkpoint

    def close(self) -> None:
        """Give the base back as it was."""
        self._trainable.close()

    def _begin(self, dataset: Dataset, recipe: Recipe) -> JobState:
        lesson = read_lesson(self._base.chat, dataset.examples, recipe)
        if recipe.method is Method.PREFERENCE:
            lesson = with_references(lesson, self._bare_logprobs)
        identity = digest_of({"base": self._base.digest, "data": dataset.digest(), "recipe": recipe.to_json()})
        return begin(identity, recipe, lesson, layout_of(self._trainable.shapes, recipe.rank))

    def _bare_logprobs(self, tokens: Tensor, labels: Tensor) -> Tensor:
        with torch.no_grad():
            return reply_logprobs(self._trainable.logits(tokens), labels)

    def _by_shape(self) -> dict[_Shape, tuple[int, ...]]:
        found: dict[_Shape, tuple[int, ...]] = {}
        for ticket in self.members:
            state = self._states[ticket]
            lesson = state.lesson
            shape = _Shape(state.recipe.method, lesson.length, lesson.rows, state.layout.padded_rank)
            found[shape] = (*found.get(shape, ()), ticket)
        return found

    def _step(self, shape: _Shape, tickets: tuple[int, ...]) -> list[Step]:
        states = [self._states[ticket] for ticket in tickets]
        losses = self._group(shape, tickets).step([state.lesson.order[state.step] for state in states])
        for state, loss in zip(states, losses, strict=True):
            state.leaves.append(adapter_leaf(self._adapter(state), state.step + 1))
            state.losses_ppm.append(round(loss * 1e6))
        return [
            Step(ticket, state.step, state.recipe.steps, state.losses_ppm[-1], shape.rows * shape.length)
            for ticket, state in zip(tickets, states, strict=True)
        ]

    def _group(self, shape: _Shape, tickets: tuple[int, ...]) -> Group:
        """Return the group of exactly these members, stacked anew if somebody came or left."""
        known = self._groups.get(shape)
        if known is not None and known[0] == tickets:
            return known[1]
        states = [self._states[ticket] for ticket in tickets]
        group = Group(self._trainable, states[0].layout, OBJECTIVES[shape.method], states)
        self._groups[shape] = (tickets, group)
        return group

    def _adapter(self, state: JobState) -> Adapter:
        return adapter_in(state.values, state.layout, state.recipe, self._trainable.targets)


@contextmanager
def one_way_of_computing() -> Iterator[None]:
    """Compute with one thread and deterministic kernels only, then as before."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    memory: Any = torch.utils.deterministic  # torch's stubs lack its one attribute
    filling = memory.fill_uninitialized_memory
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    memory.fill_uninitialized_memory = False  # nothing here reads what it has not written
    try:
        with torch.enable_grad():
            yield
    finally:
        memory.fill_uninitialized_memory = filling
        torch.use_deterministic_algorithms(strict)
        torch.set_num_threads(threads)
