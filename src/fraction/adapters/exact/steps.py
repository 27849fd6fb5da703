"""The steps of exact trainings: gradients of all jobs in one pass, then each job's own update."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fraction.adapters.exact.base import ExactBase
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.lesson_rows import Lesson, step_rows
from fraction.adapters.exact.model import Parameters, Pass, add_examples, read_batch
from fraction.adapters.exact.optimiser import State, moved
from fraction.base import Rejected
from fraction.training import Recipe

_LOSS_PLACES = 30
"""Losses are added as whole numbers with 30 binary places, so that their order does not matter."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """One step of several jobs."""

    state: State
    """After the step."""
    updates: Parameters
    """The gradients, float32 (jobs, ...), before clipping."""
    losses_ppm: tuple[int, ...]
    """By job, before the step."""


@dataclass(frozen=True, slots=True)
class Gradients:
    """What a pass over several jobs' batches gives."""

    updates: Mapping[str, Tensor]
    """float32 (jobs, ...)"""
    losses_ppm: tuple[int, ...]


def steps(
    base: ExactBase, state: State, lessons: Sequence[Lesson], recipe: Recipe, kernels: Kernels, at_once: int = 8
) -> Iterator[Stepped]:
    """Give every step from `state` on; one lesson a job, all jobs by the same recipe but for seed and data.

    Args:
        base: frozen
        state: where to begin; a state from the middle gives the rest, with the same bits
        lessons: by job
        recipe: rank, alpha, steps and step size
        kernels: what computes
        at_once: examples of a job in memory together; it changes no bit
    """
    for number in range(state.step, recipe.steps):
        batches = [list(lesson.order[number]) for lesson in lessons]
        rows = [step_rows(lesson, batch) for lesson, batch in zip(lessons, batches, strict=True)]
        found = gradients(base, state.parameters, recipe.alpha / recipe.rank, kernels, rows, at_once)
        state = moved(state, finite(found.updates, number), recipe.learning_rate_ppm, recipe.warmup_steps, kernels)
        yield Stepped(state, found.updates, found.losses_ppm)


def finite(updates: Mapping[str, Tensor], number: int) -> Mapping[str, Tensor]:
    """Return a step's gradients.

    Raises:
        Rejected: one of them is not finite.
    """
    if not all(bool(torch.isfinite(u).all()) for u in updates.values()):
        raise Rejected(f"Step {number + 1} leaves the finite numbers; train with a smaller learning rate.")
    return updates


def gradients(
    base: ExactBase,
    parameters: Parameters,
    scale: float,
    kernels: Kernels,
    rows: Sequence[tuple[Tensor, Tensor]],
    at_once: int = 8,
) -> Gradients:
    """Return the gradients of a step of several jobs.

    Args:
        base: frozen
        parameters: of all jobs, float32 (jobs, ...)
        scale: alpha / rank, of all of them
        kernels: what computes
        rows: of each job the step's tokens and what follows them, int64 (batch, length); equally many examples
        at_once: examples of a job in memory together; it changes no bit
    """
    counts = tuple(int((labels >= 0).sum()) for _, labels in rows)
    totals: dict[str, Tensor] = {}
    losses = [0] * len(rows)
    device = base.embeddings.device
    for start in range(0, rows[0][0].shape[0], at_once):
        tokens, labels = _trimmed([(t[start : start + at_once], f[start : start + at_once]) for t, f in rows])
        batch = read_batch(tokens.to(device), labels.to(device), counts)
        one = Pass(base, parameters, scale, kernels, batch)
        told = (one.run() * float(1 << _LOSS_PLACES)).round().to(torch.int64).sum(dim=(1, 2)).tolist()
        losses = [a + b for a, b in zip(losses, told, strict=True)]
        totals = add_examples(totals, one.gradients, kernels)
    return Gradients(totals, tuple(_millionths(loss, count) for loss, count in zip(losses, counts, strict=True)))


def _trimmed(rows: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Return (jobs, batch, length) tokens and labels, cut after the last label: what follows decides nothing."""
    longest = max([1, *(int(f.max(0).values.ge(0).nonzero().max()) + 1 for _, f in rows if bool((f >= 0).any()))])
    width = max(t.shape[1] for t, _ in rows)
    tokens = [torch.nn.functional.pad(t, (0, width - t.shape[1]))[:, :longest] for t, _ in rows]
    labels = [torch.nn.functional.pad(f, (0, width - f.shape[1]), value=-1)[:, :longest] for _, f in rows]
    return torch.stack(tokens).contiguous(), torch.stack(labels).contiguous()


def _millionths(total: int, count: int) -> int:
    """Return the mean loss in millionths of a nat, rounded down."""
    return (total * 1_000_000) // (max(1, count) << _LOSS_PLACES)
