"""A training step of the exact class as a program, and the matrices that it reads: what a specification is made of.

One program serves all steps of a training: every step is written as long as the longest example and with as many
learnt rows as the fullest step. What is too long changes no bit of what counts, as padding never does here.

    constants   embeddings, norms, frozen matrices both ways, rotary tables, mask; then single numbers
    data        of one step: tokens, learnt rows, their places and labels, their shares, three rates
    state       of every tensor, by name: update, parameter and both moments, in rows of 512 numbers at most
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fraction.adapters.exact.base import ExactBase, Projection
from fraction.adapters.exact.frozen import Frozen, Sliced
from fraction.adapters.exact.lesson_rows import Lesson, step_rows
from fraction.adapters.exact.lowering import Matrices, Named, Recorder
from fraction.adapters.exact.model import Batch, Pass, add_examples
from fraction.adapters.exact.optimiser import Moments, State, adam_rates, beginning, moved_by
from fraction.adapters.exact.start import first_parameters
from fraction.adapters.exact.trail import KINDS
from fraction.training import Recipe
from fraction.verification.program import Program, Source, Value
from fraction.verification.tensors import flat_shape

Matrix: TypeAlias = NDArray[np.float32] | NDArray[np.int8] | NDArray[np.int32]
DATA = ("tokens", "learnt", "places", "labels", "shares", "rate", "mean_unbiased", "square_unbiased")
"""What is particular to a step, in its order."""
_RATES = DATA[-3:]


@dataclass(frozen=True, slots=True)
class Extent:
    """The sizes of a step that its data decide."""

    examples: int
    tokens: int
    """Of the longest example, up to its last label."""
    learnt: int
    """Rows with a label in the fullest step."""


@dataclass(frozen=True, slots=True)
class StepProgram:
    """A step's program and all that it reads besides state and data."""

    program: Program
    constants: tuple[Matrix, ...]
    frozen: int
    """How many of the constants are the base's own, whatever the training."""
    extent: Extent


def extent_of(lesson: Lesson) -> Extent:
    """Return how large the steps of a lesson are."""
    counts, last = [1], 0
    for batch in lesson.order:
        _, following = step_rows(lesson, list(batch))
        counts.append(int((following >= 0).sum()))
        if counts[-1]:
            last = max(last, int((following.max(0).values >= 0).nonzero().max()))
    return Extent(len(lesson.order[0]), last + 1, max(counts))


def write_step(base: ExactBase, recipe: Recipe, extent: Extent) -> StepProgram:
    """Return the program of every step of a training on `base` by `recipe` whose steps have that extent."""
    writer = _Writer(base, recipe, extent)
    return StepProgram(writer.program(), writer.constants(), writer.frozen, extent)


def data_of(lesson: Lesson, step: int, recipe: Recipe, extent: Extent) -> tuple[Matrix, ...]:
    """Return a step's data, in the order of `DATA`; `step` counts from 0."""
    tokens, following = (x[:, : extent.tokens] for x in step_rows(lesson, list(lesson.order[step])))
    labels = following.flatten()
    learnt = torch.nonzero(labels >= 0).flatten()
    places = torch.full_like(labels, -1)
    places[learnt] = torch.arange(len(learnt))
    rates = adam_rates(step + 1, recipe.learning_rate_ppm, recipe.warmup_steps)
    share = np.float32(1 / max(1, len(learnt)))
    shares = np.zeros((extent.learnt, 1), np.float32)
    shares[: len(learnt)] = share
    numbers = [np.array([[getattr(rates, name)]], np.float32) for name in _RATES]
    columns = [tokens.flatten(), _padded(learnt, extent.learnt), places, _padded(labels[learnt], extent.learnt)]
    return (*(x.numpy().astype(np.int32).reshape(-1, 1) for x in columns), shares, *numbers)


def matrices_of(state: State, updates: Mapping[str, Tensor] | None, job: int) -> tuple[NDArray[np.float32], ...]:
    """Return a state as a program reads it; without updates, as it is before the first step, they are zeros."""
    found: list[NDArray[np.float32]] = []
    for name in sorted(state.parameters):
        own, moments = state.parameters[name], state.moments[name]
        update = torch.zeros_like(own) if updates is None else updates[name]
        tensors = (update, own, moments.mean, moments.square)
        found += [t[job].detach().cpu().numpy().reshape(flat_shape(t[job].numel())) for t in tensors]
    return tuple(found)


class _Writer:
    def __init__(self, base: ExactBase, recipe: Recipe, extent: Extent) -> None:
        self.base, self.recipe, self.extent = base, recipe, extent
        self.recorder = Recorder()
        self.fixed: list[Matrix] = []
        self.frozen = 0
        self.state = beginning(first_parameters(base, recipe.rank, (recipe.seed,)))

    def program(self) -> Program:
        recorder = self.recorder
        batch = self.batch()
        self.know_base()
        self.frozen = len(self.fixed)
        self.know_state()
        one = Pass(self.base, self.state.parameters, self.recipe.alpha / self.recipe.rank, recorder, batch)
        self.know_tables(one)
        recorder.first_number = len(self.fixed)
        one.run()
        updates = add_examples({}, one.gradients, recorder)
        rates = replace(adam_rates(1, 1, 0), **{name: Named(name) for name in _RATES})
        after = moved_by(self.state, updates, rates, recorder)
        for name in sorted(after.parameters):
            moments = after.moments[name]
            for tensor in (updates[name], after.parameters[name], moments.mean, moments.square):
                recorder.state(tensor)
        return Program(tuple(recorder.builder.operators), len(after.parameters) * len(KINDS))

    def constants(self) -> tuple[Matrix, ...]:
        numbers = np.array(list(self.recorder.numbers), np.uint32).view(np.float32)
        return (*self.fixed, *(number.reshape(1, 1) for number in numbers))

    def batch(self) -> Batch:
        rows, learnt = self.extent.examples * self.extent.tokens, self.extent.learnt
        sizes = {"tokens": rows, "learnt": learnt, "places": rows, "labels": learnt, "shares": learnt}
        self.recorder.named = {
            name: Value(Source.DATA, number, sizes.get(name, 1), 1) for number, name in enumerate(DATA)
        }
        tokens = torch.zeros(1, self.extent.examples, self.extent.tokens, dtype=torch.int64)
        whole = torch.zeros(learnt, dtype=torch.int64)
        batch = Batch(tokens, whole, whole.clone(), torch.zeros(learnt, 1))
        for name in ("tokens", "learnt", "labels", "shares"):
            self.recorder.know(getattr(batch, name), self.recorder.named[name])
        return batch

    def know_base(self) -> None:
        self.know(self.base.embeddings)
        for layer in self.base.layers:
            self.know(layer.attention_norm)
            self.know(layer.gate_norm)
            for projection in layer.projections:
                self.know_projection(projection)
        self.know(self.base.norm)
        self.know_frozen(self.base.head)

    def know_projection(self, projection: Projection) -> None:
        self.know_frozen(projection.weight)
        if projection.bias is not None:
            self.know(projection.bias)

    def know_frozen(self, frozen: Frozen) -> None:
        whole = frozen.weight if isinstance(frozen, Sliced) else frozen.weight.to(torch.int32)
        matrix = whole.cpu().numpy()
        forth, back = self.add(matrix), self.add(np.ascontiguousarray(matrix.T))
        self.recorder.know_weight(frozen.weight, Matrices(forth, back))
        if isinstance(frozen, Sliced):
            self.know(frozen.scale)

    def know_state(self) -> None:
        index = 0
        for name in sorted(self.state.parameters):
            own = self.state.parameters[name]
            rows, columns = flat_shape(own.numel())
            moments: Moments = self.state.moments[name]
            for place, tensor in enumerate((own, moments.mean, moments.square)):
                self.recorder.know(tensor, Value(Source.STATE, index + 1 + place, rows, columns))
            index += len(KINDS)

    def know_tables(self, one: Pass) -> None:
        cos, sin = one.cos.cpu(), one.sin.cpu()
        self.recorder.know(one.cos, self.add(torch.cat([cos, cos], 1).numpy()))
        self.recorder.know(one.sin, self.add(torch.cat([-sin, sin], 1).numpy()))
        self.recorder.know(one.back, self.add(torch.cat([sin, -sin], 1).numpy()))
        self.recorder.mask = self.add(np.tri(one.tokens, dtype=np.int32))

    def know(self, tensor: Tensor) -> None:
        """Add a float32 tensor of the base as a constant."""
        matrix = tensor.cpu().numpy()
        self.recorder.know(tensor, self.add(matrix if matrix.ndim == 2 else matrix.reshape(1, -1)))

    def add(self, matrix: Matrix) -> Value:
        self.fixed.append(matrix)
        rows, columns = matrix.shape
        return Value(Source.CONSTANT, len(self.fixed) - 1, rows, columns, matrix.itemsize)


def _padded(whole: Tensor, count: int) -> Tensor:
    """Return whole numbers with -1 behind them: a row that looks up nothing and has no label."""
    return torch.nn.functional.pad(whole, (0, count - len(whole)), value=-1)
