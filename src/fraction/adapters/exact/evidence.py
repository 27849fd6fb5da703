"""What a node can show for an exact training: its specification, and any step again with every value.

Only a disputed step is ever written out; a specification costs the step's program once and a digest for each of
the base's rows once.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fraction.adapters.exact.base import ExactBase
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.lesson_rows import Lesson
from fraction.adapters.exact.optimiser import State, beginning
from fraction.adapters.exact.start import first_parameters
from fraction.adapters.exact.step_program import Matrix, StepProgram, data_of, extent_of, matrices_of, write_step
from fraction.adapters.exact.steps import steps
from fraction.base import Digest
from fraction.training import Recipe
from fraction.verification import merkle_root
from fraction.verification.claim import Plan, Specification, root_of, specify
from fraction.verification.dispute import Evidence, Trace
from fraction.verification.program import Program, Source
from fraction.verification.tensors import rows_root

Known: TypeAlias = Mapping[Source, Sequence[Matrix]]
TraceOf = Callable[[Program, Known, Sequence[Matrix]], Trace]
"""Gives a step's trace: its program, what it reads, the state after it as it is claimed."""
_State: TypeAlias = tuple[NDArray[np.float32], ...]
_ALTERED = 1
"""The tensor in which a cheat alters a number: the first parameter."""


@dataclass(frozen=True, slots=True)
class Specified:
    """A training's specification, and what it is made of."""

    specification: Specification
    plans: tuple[Plan, ...]
    step: StepProgram
    data: tuple[tuple[Matrix, ...], ...]
    """By step."""


@dataclass(slots=True)
class Prover:
    """Specifies trainings on one base, and runs disputed steps again."""

    base: ExactBase
    kernels: Kernels
    trace_of: TraceOf
    _roots: dict[int, bytes] = field(default_factory=dict[int, bytes])
    """Of what is frozen, by place: it is hashed once."""

    def specified(self, lesson: Lesson, recipe: Recipe) -> Specified:
        """Return the specification of a training."""
        extent = extent_of(lesson)
        step = write_step(self.base, recipe, extent)
        data = tuple(data_of(lesson, number, recipe, extent) for number in range(recipe.steps))
        program = root_of(step.program.encoded())
        plans = tuple(
            Plan(program, len(step.program.operators), root_of([matrix_root(x) for x in own]), len(own)) for own in data
        )
        initial = [matrix_root(x) for x in matrices_of(self._beginning(recipe), None, 0)]
        return Specified(specify(plans, self._constants(step), initial), plans, step, data)

    def evidence(self, lesson: Lesson, recipe: Recipe, leaves: tuple[Digest, ...], altered: bool) -> Evidence:
        """Return what can be shown for a training that left `leaves`; if `altered`, another last state is claimed."""
        found = self.specified(lesson, recipe)

        @cache
        def states(step: int) -> tuple[_State, _State]:
            before, after = deque(self._states(lesson, recipe, step), maxlen=2)
            if altered and step == recipe.steps - 1:
                after[_ALTERED].view(np.uint32)[0, 0] ^= 1
            return before, after

        @cache
        def trace(step: int) -> Trace:
            before, after = states(step)
            known: Known = {
                Source.CONSTANT: found.step.constants,
                Source.DATA: found.data[step],
                Source.STATE: before,
            }
            return self.trace_of(found.step.program, known, after)

        if altered:
            _, last = states(recipe.steps - 1)
            leaves = (*leaves[:-1], merkle_root([Digest(matrix_root(x).hex()) for x in last]))
        return Evidence(found.specification, found.plans, leaves, trace)

    def _states(self, lesson: Lesson, recipe: Recipe, last: int) -> Iterator[_State]:
        """Give the first state and that after every step up to `last`."""
        state = self._beginning(recipe)
        yield matrices_of(state, None, 0)
        for stepped in steps(self.base, state, [lesson], recipe, self.kernels):
            yield tuple(x.copy() for x in matrices_of(stepped.state, stepped.updates, 0))
            if stepped.state.step > last:
                return

    def _beginning(self, recipe: Recipe) -> State:
        return beginning(first_parameters(self.base, recipe.rank, (recipe.seed,)))

    def _constants(self, step: StepProgram) -> list[bytes]:
        roots: list[bytes] = []
        for place, matrix in enumerate(step.constants):
            if place >= step.frozen:  # tables and numbers are a step's own
                roots.append(matrix_root(matrix))
                continue
            if place not in self._roots:
                self._roots[place] = matrix_root(matrix)
            roots.append(self._roots[place])
        return roots


def matrix_root(matrix: Matrix) -> bytes:
    """Return the root over a matrix's rows."""
    swapped = np.ascontiguousarray(matrix.astype(matrix.dtype.newbyteorder(">")))
    return rows_root([row.tobytes() for row in swapped])
