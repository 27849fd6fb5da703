# pyright: basic
# torch and transformers have no complete types.
"""Exact trainings in one running batch: whoever joins, leaves, stops or goes on, gets what it gets alone."""

from dataclasses import replace

import pytest

from fraction.adapters.exact.running_batch import RunningBatch
from fraction.adapters.exact.twin import TorchKernels
from fraction.app.training_node import Trained
from fraction.base import Rejected, digest_of
from fraction.training import Dataset, Recipe
from tests.adapters.exact.small_models import RECIPE, exact_base, lesson, plain_model
from tests.adapters.exact.test_trainer import dataset

JOBS = (
    (dataset(1, "tea"), RECIPE),
    (dataset(2, "cake"), replace(RECIPE, seed=5, steps=2, learning_rate_ppm=9_000)),
    (dataset(3, "rain"), replace(RECIPE, seed=6, rank=2)),
)


@pytest.fixture(scope="module")
def batch() -> RunningBatch:
    return RunningBatch(
        exact_base(plain_model()),
        TorchKernels(),
        lambda data, recipe: lesson(len(data.examples), length=20 + len(data.examples), recipe=recipe),
        lambda _recipe, layers: b"".join(x.numpy().tobytes() for pair in layers.values() for x in pair),
        lambda data, recipe: digest_of({"data": data.digest(), "recipe": recipe.to_json()}),
    )


def alone(batch: RunningBatch, data: Dataset, recipe: Recipe) -> Trained:
    ticket = batch.join(data, recipe)
    while not batch.step()[0].finished:
        pass
    return batch.take(ticket)


def test_trainings_that_join_and_leave_get_what_each_gets_alone(batch: RunningBatch) -> None:
    expected = [alone(batch, *job) for job in JOBS]
    first = batch.join(*JOBS[0])
    assert [step.number for step in batch.step()] == [1]
    tickets = [first, *(batch.join(*job) for job in JOBS[1:])]
    found: dict[int, Trained] = {}
    while len(found) < len(JOBS):
        found |= {step.ticket: batch.take(step.ticket) for step in batch.step() if step.finished}
    assert [found[ticket] for ticket in tickets] == expected


def test_a_checkpoint_goes_on_to_the_same_bits_and_fits_no_other_training(batch: RunningBatch) -> None:
    (data, recipe), (other, _) = JOBS[0], JOBS[1]
    expected = alone(batch, data, recipe)
    ticket = batch.join(data, recipe)
    batch.step()
    kept = batch.checkpoint(ticket)
    while not batch.step()[0].finished:
        pass
    assert batch.take(ticket) == expected
    resumed = batch.join(data, recipe, kept)
    steps = [step.number for _ in range(recipe.steps - 1) for step in batch.step()]
    assert steps == [2, 3]
    assert batch.take(resumed) == expected
    for wrong in (b"", b"\x02" + bytes(7) + b"{}", kept[:-5], kept[:200]):
        with pytest.raises(Rejected, match="checkpoint"):
            batch.join(data, recipe, wrong)
    with pytest.raises(Rejected, match="another training"):
        batch.join(other, recipe, kept)
