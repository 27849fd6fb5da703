"""Exact training: the same adapter, trail and losses on any machine, any number of threads, either back end.

    lesson ──▶ batches ──▶ Pass.run ──▶ gradients, example by example ──▶ clip, Adam ──▶ leaf

Jobs that are trained together share the frozen products and get the bits that each gets alone.

Source: Hu et al. 2021, arXiv:2106.09685 (LoRA); Dettmers et al. 2023, arXiv:2305.14314 (QLoRA).
"""

from collections.abc import Callable, Mapping

from torch import Tensor

from fraction.adapters.exact.base import ExactBase
from fraction.adapters.exact.evidence import Prover, TraceOf
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.lesson_rows import Lesson
from fraction.adapters.exact.running_batch import RunningBatch
from fraction.app.training_node import Trained
from fraction.base import Digest, digest_of
from fraction.training import Dataset, Recipe
from fraction.verification.claim import Specification
from fraction.verification.dispute import Evidence

OnStep = Callable[[int, int], None]
"""Called after each step with its number, from 1, and the loss in millionths."""
LowRanks = Mapping[str, tuple[Tensor, Tensor]]
"""By layer name: A float32 (rank, inputs) and B (outputs, rank)."""
ReadLesson = Callable[[Dataset, Recipe], Lesson]
PackAdapter = Callable[[Recipe, LowRanks], bytes]


class ExactTrainer:
    """Trains adapters on one base in exact arithmetic, alone or many in one batch, and can prove what it did."""

    def __init__(
        self,
        base_digest: Digest,
        base: ExactBase,
        read_lesson: ReadLesson,
        pack_adapter: PackAdapter,
        kernels: Kernels,
        trace_of: TraceOf,
    ) -> None:
        """Train on `base`; data sets become tokens through `read_lesson`, results a file through `pack_adapter`.

        `trace_of` gives every value of a step from its program and what it reads.
        """
        self._digest, self._base, self._kernels = base_digest, base, kernels
        self._read_lesson, self._pack_adapter = read_lesson, pack_adapter
        self._prover = Prover(base, kernels, trace_of)

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
        run = self.run()
        ticket = run.join(dataset, recipe)
        while True:
            (step,) = run.step()
            on_step(step.number, step.loss_ppm)
            if step.finished:
                return run.take(ticket)

    def run(self) -> RunningBatch:
        """Return a run without trainings, which all of this base can join."""
        return RunningBatch(self._base, self._kernels, self._read_lesson, self._pack_adapter, self._identity)

    def specify(self, dataset: Dataset, recipe: Recipe) -> Specification:
        """Return what a training is to compute, by digest.

        Raises:
            Rejected: no example is short enough for the recipe.
        """
        return self._prover.specified(self._read_lesson(dataset, recipe), recipe).specification

    def evidence(self, dataset: Dataset, recipe: Recipe, leaves: tuple[Digest, ...], altered: bool = False) -> Evidence:
        """Return what this node can show for a training that left it with `leaves`; a disputed step is run again.

        Args:
            dataset: what was learnt
            recipe: how
            leaves: the state after each step
            altered: claim another number in the last state, as a trainer that cheats; for showing what comes of it
        """
        return self._prover.evidence(self._read_lesson(dataset, recipe), recipe, leaves, altered)

    def _identity(self, dataset: Dataset, recipe: Recipe) -> Digest:
        parts = {"base": self._digest, "arithmetic": self.arithmetic}
        return digest_of({**parts, "data": dataset.digest(), "recipe": recipe.to_json()})
