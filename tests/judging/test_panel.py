"""Laws of panels: the dishonest minority moves the result inside the honest range, and nowhere else."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fraction.base import Rejected, Score
from fraction.judging.panel import (
    BEARABLE,
    balanced,
    capture_chance,
    lower_median,
    median_error,
    panel_size,
    weighted_lower_median,
)

SCORES = st.integers(0, 10_000).map(Score)
JUDGES = st.lists(st.tuples(SCORES, st.integers(1, 1_000)), min_size=1, max_size=12)


@given(JUDGES, JUDGES)
def test_less_than_half_of_the_weight_cannot_leave_the_honest_range(
    honest: list[tuple[Score, int]], others: list[tuple[Score, int]]
) -> None:
    assume(sum(w for _, w in others) < sum(w for _, w in honest))
    scores, weights = zip(*honest, *others, strict=True)
    found = weighted_lower_median(scores, weights)
    assert min(s for s, _ in honest) <= found <= max(s for s, _ in honest)


@given(JUDGES, JUDGES)
def test_the_result_lies_between_the_honest_quantiles_that_are_proved(
    honest: list[tuple[Score, int]], others: list[tuple[Score, int]]
) -> None:
    good, bad = sum(w for _, w in honest), sum(w for _, w in others)
    assume(bad < good)
    scores, weights = zip(*honest, *others, strict=True)
    found = weighted_lower_median(scores, weights)
    assert 2 * sum(w for s, w in honest if s <= found) >= good - bad
    assert 2 * sum(w for s, w in honest if s < found) < good + bad


@given(st.lists(SCORES, min_size=1, max_size=15))
def test_equal_weights_give_the_lower_median(scores: list[Score]) -> None:
    assert weighted_lower_median(scores, [7] * len(scores)) == lower_median(scores)
    assert lower_median(scores) == sorted(scores)[(len(scores) - 1) // 2]


@given(JUDGES)
def test_a_weight_is_as_many_judges_of_weight_one(judges: list[tuple[Score, int]]) -> None:
    scores, weights = zip(*((s, 1 + w % 9) for s, w in judges), strict=True)
    copies = [s for s, w in zip(scores, weights, strict=True) for _ in range(w)]
    assert weighted_lower_median(scores, weights) == lower_median(copies)


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=12))
def test_no_judge_decides_alone_where_there_are_three(weights: list[int]) -> None:
    cut = balanced(weights)
    assert len(cut) == len(weights)
    if len(cut) > 2:
        assert 2 * max(cut) < sum(cut) or len(set(cut)) == 1


@pytest.mark.parametrize("weights", [[], [0], [0, 0]])
def test_nobody_has_no_median(weights: list[int]) -> None:
    with pytest.raises(Rejected):
        weighted_lower_median([Score(5)] * len(weights), weights)


@given(st.floats(0.5, 40), st.floats(0.5, 40), st.floats(0, 9), st.floats(0, 0.49))
def test_more_judges_are_more_exact_and_harder_to_capture(
    noise: float, wanted: float, fee: float, share: float
) -> None:
    size = panel_size(noise, wanted, fee, share)
    assert size % 2 == 1
    assert 3 <= size <= 15
    assert size == 15 or (median_error(noise, size) <= wanted and capture_chance(share, size) * fee <= BEARABLE)
    assert capture_chance(share, size + 2) <= capture_chance(share, size) + 1e-12
