"""A training in the exact class, small enough to dispute on a laptop: its inputs, its run, and what each step leaves.

job      program, constants, data of each step, first state
run      the state after each step: the leaves of a claim
trace    every value of one step: what is needed to dispute or defend it
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from fraction.adapters.traces.evaluate import Matrix, matrix_tree, row_bytes, run
from fraction.base import Digest
from fraction.verification.claim import Plan, Specification, plan_step, specify
from fraction.verification.dispute import Evidence, Trace
from fraction.verification.llama_step import (
    ADAM,
    SCALARS,
    SCHEDULE,
    STATE_PARTS,
    LlamaShape,
    constant_shapes,
    data_shapes,
    llama_step,
)
from fraction.verification.merkle import MerkleTree
from fraction.verification.program import Program, Source

SMALL = LlamaShape(vocabulary=48, width=32, heads=2, hidden=48, layers=1, tokens=12, examples=2, rank=4)
"""The demonstration's model: one layer, 24 tokens a step."""

State = tuple[NDArray[np.float32], ...]
"""Gradient, parameter and both moments of every adapter matrix."""
Tamper = Callable[[int, State], State]
"""What a liar makes of the state after a step (its number, from 0)."""
Alter = Callable[[int, int, NDArray[np.float32]], None]
"""Changes in place the value that an operator gives, as a liar does: step, operator, value."""


@dataclass(frozen=True, slots=True)
class Job:
    """All inputs of one training."""

    program: Program
    constants: tuple[Matrix, ...]
    data: tuple[tuple[Matrix, ...], ...]
    """By step."""
    initial: State

    def specification(self) -> Specification:
        """Return the inputs by digest."""
        return specify(self.plans(), roots_of(self.constants), roots_of(self.initial))

    def plans(self) -> tuple[Plan, ...]:
        """Return what is particular to each step, by digest."""
        return tuple(plan_step(self.program, roots_of(data)) for data in self.data)

    def values(self, step: int, state: State, alter: Alter | None = None) -> list[NDArray[np.float32]]:
        """Return every value of one step that starts from `state`."""
        known = {Source.CONSTANT: self.constants, Source.DATA: self.data[step], Source.STATE: state}
        return run(self.program, known, None if alter is None else partial(alter, step))


@dataclass(frozen=True, slots=True)
class Run:
    """A training that was carried out."""

    job: Job
    states: tuple[State, ...]
    """After each step."""
    alter: Alter | None = None

    def leaves(self) -> tuple[Digest, ...]:
        """Return the digest of each state."""
        return tuple(Digest(MerkleTree(roots_of(state)).root.hex()) for state in self.states)

    def trace(self, step: int) -> Trace:
        """Return every value of one step, the state after it as it was claimed."""
        before = self.states[step - 1] if step else self.job.initial
        values: list[Matrix] = [*self.job.values(step, before, self.alter)[: self.job.program.inner]]
        sources: dict[Source, Sequence[Matrix]] = {
            Source.OPERATOR: [*values, *self.states[step]],
            Source.STATE: before,
            Source.CONSTANT: self.job.constants,
            Source.DATA: self.job.data[step],
        }
        return Trace(self.job.program, lambda source, index: row_bytes(sources[source][index]))

    def evidence(self, of: Job | None = None) -> Evidence:
        """Return what a node that ran this knows; `of` is the job that it says it did, if not this one."""
        told = of or self.job
        return Evidence(told.specification(), told.plans(), self.leaves(), cache(self.trace))


def carry_out(job: Job, tamper: Tamper = lambda _step, state: state, alter: Alter | None = None) -> Run:
    """Return the training's states; a liar's `tamper` changes states on the way, and `alter` values inside a step."""
    states: list[State] = []
    state = job.initial
    for step in range(len(job.data)):
        values = job.values(step, state, alter)
        state = tamper(step, tuple(values[job.program.inner :]))
        states.append(state)
    return Run(job, tuple(states), alter)


def small_job(steps: int, *, base: str = "base", data: str = "data", seed: str = "seed") -> Job:
    """Return a training of `SMALL`; the three texts decide the base, the data and the adapter's first values."""
    shape = SMALL
    initial: list[NDArray[np.float32]] = []
    for name in shape.adapter_names():
        zeros = np.zeros(shape.adapter_shape(name), np.float32)
        start = _uniform(zeros.shape, f"{seed}/{name}") * np.float32(0.0625) if name.endswith("A") else zeros
        initial += [start if part == "parameter" else zeros for part in STATE_PARTS]
    constants = tuple(_constant(shape, name, base) for name in constant_shapes(shape))
    batches = tuple(_batch(shape, step, data) for step in range(steps))
    return Job(llama_step(shape), constants, batches, tuple(initial))


def roots_of(matrices: Sequence[Matrix]) -> list[bytes]:
    """Return the root of each value."""
    return [matrix_tree(matrix).root for matrix in matrices]


def _constant(shape: LlamaShape, name: str, base: str) -> Matrix:
    rows, columns, width = constant_shapes(shape)[name]
    if width == 1:
        outputs = name.removesuffix(".columns").removesuffix(".rows")
        weights = np.rint(_uniform(shape.matrix(outputs), f"{base}/{outputs}") * 127).astype(np.int8)
        return weights if name.endswith(".rows") else np.ascontiguousarray(weights.T)
    if name.startswith("rope."):
        return _rotary(shape, name)
    if name == "mask":
        return np.tri(rows, columns, dtype=np.int32)
    if name in _numbers(shape):
        return np.array([[_numbers(shape)[name]]], np.float32)
    if name == "embedding":
        return _uniform((rows, columns), f"{base}/{name}")
    return np.full((rows, columns), 1.0 if "norm" in name else 1 / 1024, np.float32)


def _numbers(shape: LlamaShape) -> dict[str, float]:
    scalars = (0.0, 1.0, -3e38, 1e-5, 1 / shape.width, (shape.width // shape.heads) ** -0.5, 4.0)
    adam = (0.9, 0.1, 0.999, 0.001, 1e-8)
    names: tuple[str, ...] = (*SCALARS, *ADAM)
    return dict(zip(names, (*scalars, *adam), strict=True))


def _rotary(shape: LlamaShape, name: str) -> NDArray[np.float32]:
    """Return a table of angles; it is a constant like the weights, so only its bits count, not how it was made."""
    half = shape.width // shape.heads // 2
    angles = np.arange(shape.tokens)[:, None] * 10_000.0 ** (-np.arange(half) / half)
    cosine, sine = np.cos(angles), np.sin(angles)
    parts = {"rope.cos": (cosine, cosine), "rope.sin": (-sine, sine), "rope.-sin": (sine, -sine)}
    return np.concatenate(parts[name], axis=1).astype(np.float32)


def _batch(shape: LlamaShape, step: int, data: str) -> tuple[Matrix, ...]:
    drawn = hashlib.shake_256(f"{data}/{step}".encode()).digest(2 * shape.rows)
    tokens = np.frombuffer(drawn, ">u2").astype(np.int32).reshape(-1, 1) % shape.vocabulary
    weight = np.full((shape.rows, 1), 1 / shape.rows, np.float32)
    schedule = (0.002, 1 - 0.002 * 0.01, 1 / (1 - 0.9 ** (step + 1)), 1 / (1 - 0.999 ** (step + 1)))
    numbers = dict(zip(SCHEDULE, schedule, strict=True))
    found = {"ids": tokens, "labels": np.roll(tokens, -1, 0), "weight": weight}
    found |= {name: np.array([[number]], np.float32) for name, number in numbers.items()}
    return tuple(found[name] for name in data_shapes(shape))


def _uniform(shape: tuple[int, ...], name: str) -> NDArray[np.float32]:
    """Return numbers from -1 to 1 that follow from `name`."""
    count = int(np.prod(shape))
    drawn = np.frombuffer(hashlib.shake_256(name.encode()).digest(4 * count), ">u4")
    return ((drawn >> 8).astype(np.float64) * 2.0**-23 - 1).astype(np.float32).reshape(shape)
