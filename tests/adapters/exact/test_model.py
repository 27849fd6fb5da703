# pyright: basic
# torch has no complete types.
"""A step in exact arithmetic: near the true gradients, and blind to all that must not matter."""

from dataclasses import replace

import pytest
import torch

from fraction.adapters.exact.base import ExactBase
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.lesson_rows import step_rows
from fraction.adapters.exact.model import Pass, negative_log, read_batch
from fraction.adapters.exact.optimiser import MAX_NORM, State, clip_factors
from fraction.adapters.exact.steps import steps
from fraction.adapters.exact.twin import TorchKernels
from tests.adapters.exact.small_models import (
    RECIPE,
    Lesson,
    exact_base,
    float64_gradients,
    leaves,
    lesson,
    plain_model,
    run,
    start,
)

KERNELS: Kernels = TorchKernels()


@pytest.mark.parametrize(("arithmetic", "tolerance"), [("exact-v1", 3e-3), ("exact-fixed-v1", 3e-5)])
@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_gradients_are_those_of_float64(family: str, arithmetic: str, tolerance: float) -> None:
    torch.set_num_threads(1)
    model = plain_model(family)
    base = exact_base(model, arithmetic)
    recipe = replace(RECIPE, steps=2)
    rows = lesson(recipe=recipe)
    first, second = run(base, [rows], KERNELS, recipe)  # B is zero at first: the second step says more
    later = Lesson(rows.tokens, rows.labels, rows.order[1:])
    loss, expected = float64_gradients(model, base, first.state, later)
    assert second.losses_ppm[0] / 1e6 == pytest.approx(loss, rel=tolerance)
    found = torch.cat([second.updates[name][0].flatten() for name in sorted(expected)]).double()
    true = torch.cat([expected[name].flatten() for name in sorted(expected)])
    assert float((found - true).norm() / true.norm()) < tolerance


def test_a_state_from_the_middle_gives_the_rest() -> None:
    base = exact_base(plain_model())
    whole = run(base, [lesson()], KERNELS)
    assert leaves(list(steps(base, whole[0].state, [lesson()], RECIPE, KERNELS))) == leaves(whole)[1:]


@pytest.mark.parametrize("at_once", [1, 3, 4])
def test_how_a_batch_is_split_changes_no_bit(at_once: int) -> None:
    base = exact_base(plain_model())
    assert leaves(run(base, [lesson()], KERNELS, at_once=at_once)) == leaves(run(base, [lesson()], KERNELS))


def test_padding_changes_no_bit() -> None:
    base, rows = exact_base(plain_model()), lesson()
    tokens = torch.nn.functional.pad(rows.tokens, (0, 9), value=5)
    labels = torch.nn.functional.pad(rows.labels, (0, 9), value=-100)
    # a row that is learnt to its end keeps the padding from being trimmed away
    long = torch.cat([tokens, torch.full((1, tokens.shape[1]), 7)])
    last = torch.cat([labels, torch.full((1, tokens.shape[1]), -100)])
    last[-1, -1] = 7
    beside = Lesson(long, last, tuple((*batch, len(long) - 1) for batch in rows.order))
    without = _gradients_of_examples(base, rows)
    among = _gradients_of_examples(base, beside)
    for name, gradient in without.items():
        assert torch.equal(gradient, among[name][:, :-1])


def test_jobs_together_get_what_each_gets_alone() -> None:
    base = exact_base(plain_model())
    lessons = [lesson(seed, length=length) for seed, length in ((0, 24), (1, 24), (2, 17))]
    together = run(base, lessons, KERNELS)
    for job, own in enumerate(lessons):
        state = start(base, job)
        alone = list(steps(base, state, [own], RECIPE, KERNELS))
        assert leaves(alone) == leaves(together, job)
        assert [s.losses_ppm[0] for s in alone] == [s.losses_ppm[job] for s in together]


def test_a_long_gradient_is_clipped_to_length_one() -> None:
    gradients = {"a": torch.full((2, 3, 3), 4.0), "b": torch.full((2, 5), -3.0)}
    gradients["a"][1] = 0.01
    gradients["b"][1] = 0.01
    factors = clip_factors(gradients, KERNELS)
    assert float(factors[0]) == pytest.approx(MAX_NORM / (9 * 16 + 5 * 9) ** 0.5, rel=1e-6)
    assert float(factors[1]) == 1.0


def test_our_logarithm_is_near_the_true_one() -> None:
    x = torch.cat([torch.linspace(1e-6, 1, 50_000), 2.0 ** -torch.arange(0, 126).float()])
    assert float((negative_log(x) + x.double().log()).abs().max()) < 1e-13


def _gradients_of_examples(base: ExactBase, rows: Lesson) -> dict[str, torch.Tensor]:
    """Return each example's own gradients in the first step, the sum's share taken out."""
    tokens, labels = step_rows(rows, list(rows.order[0]))
    state: State = start(base)
    one = Pass(base, state.parameters, 4.0, KERNELS, read_batch(tokens[None], labels[None], (50,)))
    one.run()
    return one.gradients
