"""Exact training: the same adapter, trail and losses on any machine, any number of threads, either back end.

    lesson ──▶ batches ──▶ Pass.run ──▶ gradients, example by example ──▶ clip, Adam ──▶ leaf

Jobs that are trained together share the frozen products and get the bits that each gets alone.

Source: Hu et al. 2021, arXiv:2106.09685 (LoRA); Dettmers et al. 2023, arXiv:2305.14314 (QLoRA).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from fraction.adapters.exact.base import ExactBase
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.model import Batch, Parameters, Pass
from fraction.adapters.exact.optimiser import State, beginning, moved
from fraction.adapters.exact.start import first_parameters, low_rank
from fraction.adapters.exact.trail import step_leaf
from fraction.app.training_node import Trained
from fraction.base import Digest, Rejected
from fraction.training import Dataset, Recipe

OnStep = Callable[[int, int], None]
"""Called after each step with its number, from 1, and the loss in millionths."""
LowRanks = Mapping[str, tuple[Tensor, Tensor]]
"""By layer name: A float32 (rank, inputs) and B (outputs, rank)."""
_LOSS_PLACES = 30
"""Losses are added as whole numbers with 30 binary places, so that their order does not matter."""


class Lesson(Protocol):
    """What one job reads; the tokenizer's side of it is not ours."""

    @property
    def tokens(self) -> Tensor:
        """int64 (examples, length), padded."""
        ...

    @property
    def labels(self) -> Tensor:
        """int64 (examples, length): each token itself where it is learnt, below 0 elsewhere."""
        ...

    @property
    def order(self) -> tuple[tuple[int, ...], ...]:
        """For each step the examples of its batch."""
        ...


ReadLesson = Callable[[Dataset, Recipe], Lesson]
PackAdapter = Callable[[Recipe, LowRanks], bytes]


@dataclass(frozen=True, slots=True)
class Stepped:
    """One step of several jobs."""

    state: State
    """After the step."""
    updates: Parameters
    """The gradients, float32 (jobs, ...), before clipping."""
    losses_ppm: tuple[int, ...]
    """By job, before the step."""


class ExactTrainer:
    """Trains adapters on one base in exact arithmetic."""

    def __init__(
        self, base_digest: Digest, base: ExactBase, read_lesson: ReadLesson, pack_adapter: PackAdapter, kernels: Kernels
    ) -> None:
        """Train on `base`; data sets become tokens through `read_lesson`, results a file through `pack_adapter`."""
        self._digest, self._base, self._kernels = base_digest, base, kernels
        self._read_lesson, self._pack_adapter = read_lesson, pack_adapter

    @property
    def base_digest(self) -> Digest:
        """SHA-256 of the base's weights file."""
        return self._digest

    @property
    def arithmetic(self) -> str:
        """The class within which results are equal bit for bit: here, every machine."""
        return self._base.arithmetic

    def train(self, dataset: Dataset, recipe: Recipe, on_step: OnStep) -> Trained:
        """Return the adapter trained on `dataset`; `on_step(step, loss in millionths)` is called after every step.

        Raises:
            Rejected: no example is short enough for the recipe, or the training left the finite numbers.
        """
        lesson = self._read_lesson(dataset, recipe)
        leaves: list[Digest] = []
        losses: list[int] = []
        state = beginning(first_parameters(self._base, recipe.rank, (recipe.seed,)))
        for stepped in steps(self._base, state, [lesson], recipe, self._kernels):
            state = stepped.state
            leaves.append(step_leaf(state, stepped.updates, 0))
            losses.append(stepped.losses_ppm[0])
            on_step(state.step, losses[-1])
        adapter = self._pack_adapter(recipe, low_rank(self._base, dict(state.parameters), 0))
        return Trained(adapter, tuple(leaves), tuple(losses))


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
        counts = tuple(int((labels >= 0).sum()) for _, labels in rows)
        updates, losses = _gradients(base, state.parameters, recipe, kernels, rows, counts, at_once)
        if not all(bool(torch.isfinite(u).all()) for u in updates.values()):
            raise Rejected(f"Step {number + 1} leaves the finite numbers; train with a smaller learning rate.")
        state = moved(state, updates, recipe.learning_rate_ppm, recipe.warmup_steps, kernels)
        yield Stepped(state, updates, losses)


def step_rows(lesson: Lesson, batch: list[int]) -> tuple[Tensor, Tensor]:
    """Return tokens and what follows each, int64 (batch, length)."""
    tokens, labels = lesson.tokens[batch], lesson.labels[batch]
    following = torch.full_like(labels, -1)
    following[:, :-1] = torch.where(labels[:, 1:] >= 0, labels[:, 1:], -1)
    return tokens, following


def _gradients(
    base: ExactBase,
    parameters: Parameters,
    recipe: Recipe,
    kernels: Kernels,
    rows: Sequence[tuple[Tensor, Tensor]],
    counts: tuple[int, ...],
    at_once: int,
) -> tuple[dict[str, Tensor], tuple[int, ...]]:
    """Return the step's gradients, float32 (jobs, ...), and losses in millionths."""
    totals: dict[str, Tensor] = {}
    losses = [0] * len(rows)
    device = base.embeddings.device
    for start in range(0, rows[0][0].shape[0], at_once):
        tokens, labels = _trimmed([(t[start : start + at_once], f[start : start + at_once]) for t, f in rows])
        batch = Batch(tokens.to(device), labels.to(device), counts)
        one = Pass(base, parameters, recipe.alpha / recipe.rank, kernels, batch)
        told = (one.run() * float(1 << _LOSS_PLACES)).round().to(torch.int64).sum(dim=(1, 2)).tolist()
        losses = [a + b for a, b in zip(losses, told, strict=True)]
        for name, gradient in one.gradients.items():
            for number in range(gradient.shape[1]):
                own = kernels.do("item", gradient, settings=(number,))
                totals[name] = own if name not in totals else kernels.add(totals[name], own)
    return totals, tuple(_millionths(loss, count) for loss, count in zip(losses, counts, strict=True))


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
