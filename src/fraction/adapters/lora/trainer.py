"""QLoRA: an adapter trained on a frozen NF4 base, with a trail of digests that others can recompute.

    leaf t    SHA-256 of the adapter after step t: "fraction/qlora/leaf/1", t, then name and float32 bytes of each
              A and B, in the order of their names

Whoever has base, data set and recipe gets the same leaves on the same class of machine; the first leaf that
differs is the step that was computed otherwise.

Source: Dettmers et al. 2023, arXiv:2305.14314 (QLoRA); Hu et al. 2021, arXiv:2106.09685 (LoRA).
"""

import hashlib
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch

from fraction.adapters.lora.adapter_file import Adapter, pack_adapter
from fraction.adapters.lora.base import Base
from fraction.adapters.lora.group import Group
from fraction.adapters.lora.lesson import Lesson, read_lesson
from fraction.adapters.lora.optimiser import Optimiser
from fraction.app.training_node import Trained
from fraction.base import Digest, Rejected
from fraction.training import Dataset, Example, Recipe

ARITHMETIC = "torch-cpu-fp32"
"""The class of machines that must agree: this code, one thread, float32, one CPU type and torch build."""

OnStep = Callable[[int, int], None]
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
        return ARITHMETIC

    def train(self, dataset: Dataset, recipe: Recipe, on_step: OnStep) -> Trained:
        """Return the adapter trained on `dataset`; `on_step(step, loss in millionths)` is called after every step.

        Raises:
            Rejected: no example is short enough for the recipe.
        """
        return train(self._base, dataset.examples, recipe, on_step)


def train(base: Base, examples: Sequence[Example], recipe: Recipe, on_step: OnStep) -> Trained:
    """Return the adapter, the leaves and the losses of one training.

    Raises:
        Rejected: no example is short enough for the recipe.
    """
    return train_together(base, [Job(tuple(examples), recipe, on_step)])[0]


def train_together(base: Base, jobs: Sequence[Job]) -> list[Trained]:
    """Return the results of several jobs trained over one copy of the base, each as if it were alone.

    Jobs whose rows have the same length share a batch; others follow one another.

    Raises:
        Rejected: the recipes differ in more than the seed, or a job has no example that is short enough.
    """
    recipes = {replace(job.recipe, seed=0) for job in jobs}
    if len(recipes) != 1:
        raise Rejected("Jobs can be trained together if their recipes differ in nothing but the seed.")
    lessons = [read_lesson(base.chat, job.examples, job.recipe) for job in jobs]
    results: dict[int, Trained] = {}
    for length in sorted({lesson.length for lesson in lessons}):
        members = [number for number, lesson in enumerate(lessons) if lesson.length == length]
        with _one_way_of_computing():
            trained = _train_group(base, [jobs[n] for n in members], [lessons[n] for n in members])
        results.update(zip(members, trained, strict=True))
    return [results[number] for number in range(len(jobs))]


def adapter_leaf(adapter: Adapter, step: int) -> Digest:
    """Return the digest of the adapter as it is after `step` steps."""
    running = hashlib.sha256(b"fraction/qlora/leaf/1" + struct.pack("<I", step))
    for name in sorted(adapter.layers):
        for kind, tensor in (("A", adapter.layers[name].a), ("B", adapter.layers[name].b)):
            running.update(f"{name}.{kind}".encode() + struct.pack("<II", *tensor.shape))
            running.update(tensor.to("cpu", torch.float32).contiguous().numpy().astype("<f4").tobytes())
    return Digest(running.hexdigest())


def _train_group(base: Base, jobs: Sequence[Job], lessons: Sequence[Lesson]) -> list[Trained]:
    recipe = jobs[0].recipe
    group = Group(base, recipe, [job.recipe.seed for job in jobs])
    leaves: list[list[Digest]] = [[] for _ in jobs]
    losses: list[list[int]] = [[] for _ in jobs]
    try:
        optimiser = Optimiser(group.parameters(), recipe.learning_rate_ppm / 1e6, recipe.warmup_steps)
        for step in range(recipe.steps):
            batches = [list(lesson.order[step]) for lesson in lessons]
            told = group.backward(
                torch.cat([lesson.tokens[batch] for lesson, batch in zip(lessons, batches, strict=True)]),
                torch.cat([lesson.labels[batch] for lesson, batch in zip(lessons, batches, strict=True)]),
            )
            optimiser.step()
            for number, job in enumerate(jobs):
                leaves[number].append(adapter_leaf(group.adapter(number), step + 1))
                losses[number].append(round(told.losses[number] * 1e6))
                job.on_step(step + 1, losses[number][-1])
        blobs = [pack_adapter(group.adapter(number)) for number in range(len(jobs))]
    finally:
        group.close()
    rows = zip(blobs, leaves, losses, strict=True)
    return [Trained(blob, tuple(trail), tuple(path)) for blob, trail, path in rows]


@contextmanager
def _one_way_of_computing() -> Iterator[None]:
    """Compute with one thread and deterministic kernels only, then as before."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    try:
        with torch.enable_grad():
            yield
    finally:
        torch.use_deterministic_algorithms(strict)
        torch.set_num_threads(threads)
