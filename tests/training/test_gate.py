"""The gate: only what is better beyond chance serves, however often one looks."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Dice, Rejected, Score
from fraction.training import compare
from fraction.training.betting import lower_bound, reaches, wealth
from fraction.training.gate import ODDS

scores = st.integers(0, 10_000).map(Score)
differences = st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=30)


@given(st.lists(scores, min_size=1, max_size=40))
def test_a_version_is_not_better_than_itself(same: list[Score]) -> None:
    found = compare(same, same)
    assert (found.difference, found.odds, found.promoted) == (0, 100, False)
    assert found.low < 0 < found.high


@given(st.integers(0, 9_000), st.integers(900, 1_000))
def test_a_version_that_is_better_everywhere_is_promoted(before: int, gain: int) -> None:
    found = compare([Score(before)] * 64, [Score(before + gain)] * 64)
    assert found.promoted
    assert 0 <= found.low < gain < found.high


def test_one_lucky_task_does_not_promote() -> None:
    before = [Score(5_000)] * 20
    assert not compare(before, [Score(10_000), *[Score(4_900)] * 19]).promoted


@given(differences)
def test_the_interval_and_the_decision_agree(found: list[int]) -> None:
    before = [Score(5_000 - d // 2) for d in found]
    after = [Score(b + d) for b, d in zip(before, found, strict=True)]
    comparison = compare(before, after)
    assert comparison.promoted == (comparison.low >= 0)
    assert comparison.low < comparison.high


@given(differences, st.integers(-9_999, 9_997), st.sampled_from([2, 40, 1000]))
def test_whoever_refutes_a_mean_refutes_every_smaller_one(found: list[int], mean: int, odds: int) -> None:
    if reaches(found, mean + 1, odds):
        assert reaches(found, mean, odds)
    bound = lower_bound(found, odds)
    assert not reaches(found, bound + 1, odds)
    assert bound == -10_000 or reaches(found, bound, odds)


@given(differences, st.integers(-9_999, 9_999))
def test_wealth_is_never_negative(found: list[int], mean: int) -> None:
    grown, stake = wealth(found, mean)
    assert stake > 0
    assert grown >= 0 or min(found) - mean < -(10_000 + mean)  # no difference of scores is below -10000


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_fair_game_makes_nobody_richer_on_average(win: int, lose: int) -> None:
    """The expected wealth after one and after two differences of mean zero is 1, exactly."""
    chance = Fraction(lose, win + lose)
    outcomes = {win: chance, -lose: 1 - chance}
    for path, weight in [
        ([[d] for d in outcomes], [p for p in outcomes.values()]),
        ([[d, e] for d in outcomes for e in outcomes], [p * q for p in outcomes.values() for q in outcomes.values()]),
    ]:
        assert sum(w * Fraction(*wealth(ds)) for ds, w in zip(path, weight, strict=True)) == 1


def test_looking_after_every_task_still_lets_a_worthless_version_through_less_than_once_in_forty() -> None:
    """Stated for sure by Ville's inequality; here 400 comparisons of equal versions, with a look after each task."""
    dice, through = Dice("peeking"), 0
    for _ in range(400):
        played = [dice.between(-4_000, 4_000) for _ in range(48)]
        through += any(reaches(played[:count], 0, ODDS) for count in range(4, 49, 4))
    assert through <= 400 // ODDS


@pytest.mark.parametrize(("before", "after"), [([], []), ([Score(1)], [])])
def test_a_comparison_of_nothing_is_refused(before: list[Score], after: list[Score]) -> None:
    with pytest.raises(Rejected):
        compare(before, after)
