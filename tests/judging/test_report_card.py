"""Laws of a judge's figures."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Score
from fraction.judging.report_card import gain_of, mean_distance, spearman

MARKS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 10_000)), min_size=3, max_size=40)


def _ranks(values: list[int]) -> list[float]:
    return [sum(other < value for other in values) + sum(other == value for other in values) / 2 for value in values]


@given(MARKS)
def test_the_rank_correlation_is_the_correlation_of_ranks(marks: list[tuple[int, int]]) -> None:
    first, second = [a for a, _ in marks], [b for _, b in marks]
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert spearman(first, second) is None
    else:
        expected = statistics.correlation(_ranks(first), _ranks(second))
        assert spearman(first, second) == pytest.approx(expected)


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=60))
def test_a_gain_lies_within_its_changes(changes: list[int]) -> None:
    gain = gain_of("flattery", changes)
    assert min(changes) <= gain.mean <= gain.high + (max(changes) - min(changes)) <= 3 * 10_000
    assert gain.high <= max(changes)
    assert gain.above_one_point == len([c for c in changes if c > 100])


def test_a_judge_is_no_distance_from_itself() -> None:
    assert mean_distance([Score(5), Score(9)], [Score(5), Score(9)]) == 0
