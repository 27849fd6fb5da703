"""QLoRA: adapters trained on a frozen NF4 base, with trails of digests that others can recompute.

Whoever has base, data set and recipe gets the same leaves (`leaves.py`) on the same class of machine; the first leaf
that differs is the step that was computed otherwise.

Source: Dettmers et al. 2023, arXiv:2305.14314 (QLoRA); Hu et al. 2021, arXiv:2106.09685 (LoRA).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch

from fraction.adapters.lora.base import Base
from fraction.adapters.lora.leaves import adapter_leaf
from fraction.adapters.lora.running_batch import RunningBatch
from fraction.app.training_node import Run, Trained
from fraction.base import Digest
from fraction.training import Dataset, Example, Recipe

__all__ = ["ARITHMETIC", "Job", "QloraTrainer", "adapter_leaf", "train", "train_together"]

ARITHMETIC = "torch-cpu-fp32"
"""The class of machines that must agree: this code, one thread, float32, one CPU type and torch build."""

OnStep: TypeAlias = Callable[[int, int], None]
"""Called after each step with its number, from 1, and the loss in millionths."""


@dataclass(frozen=True, slots=True)
class Job:
    """One adapter to train."""

    examples: tuple[Example, ...]
    recipe: Recipe
    on_step: OnStep = lambda _step, _loss: None


class QloraTrainer:
    """Trains adapters on one base, which nothing else may use meanwhile."""

    def __init__(self, base: Base) -> None:
        """Train on `base`, which should be in NF4."""
        self._base = base

    @property
    def base_digest(self) -> Digest:
        """SHA-256 of the base's weights file."""
        return self._base.digest

    @property
    def arithmetic(self) -> str:
        """The class of machine within which results are equal bit for bit."""
        narrow = next(self._base.model.parameters()).dtype is torch.bfloat16
        return "torch-cpu-bf16" if narrow else ARITHMETIC

    def train(self, dataset: Dataset, recipe: Recipe, on_step: OnStep) -> Trained:
        """Return the adapter trained on `dataset`; `on_step(step, loss in millionths)` is called after every step.

        Raises:
            Rejected: no example is short enough for the recipe.
        """
        return train(self._base, dataset.examples, recipe, on_step)

    def run(self) -> Run:
        """Return a run without trainings; it has the base for itself from now on."""
        return RunningBatch(self._base)


def train(base: Base, examples: Sequence[Example], recipe: Recipe, on_step: OnStep) -> Trained:
    """Return the adapter, the leaves and the losses of one training.

    Raises:
        Rejected: no example is short enough for the recipe.
    """
    return train_together(base, [Job(tuple(examples), recipe, on_step)])[0]


def train_together(base: Base, jobs: Sequence[Job]) -> list[Trained]:
    """Return the results of several jobs trained over one copy of the base, each as if it were alone.

    Raises:
        Rejected: a job has no example that is short enough for its recipe.
    """
    batch = RunningBatch(base, len(jobs))
    try:
        jobs_by_ticket = {batch.join(Dataset(job.examples), job.recipe): job for job in jobs}
        while batch.members:
            for step in batch.step():
                jobs_by_ticket[step.ticket].on_step(step.number, step.loss_ppm)
        return [batch.take(ticket) for ticket in jobs_by_ticket]
    finally:
        batch.close()
