"""Laws of report cards and of the weight that follows from them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Score
from fraction.judging.intervals import Interval, correlation_interval, mean_interval, share_interval
from fraction.judging.record import Record, Verdict, card_of, gold_share
from fraction.judging.weight import FLOOR, WHOLE, draw_chances, pay_shares, weight_of

COUNTS = st.integers(0, 300)


def _record(right: int, wrong: int, repeats: list[int], answered: int, missed: int) -> Record:
    return Record(2 * right, 2 * (right + wrong), tuple(repeats), answered=answered, drawn=answered + missed)


RECORDS = st.builds(_record, COUNTS, COUNTS, st.lists(st.integers(0, 5_000), max_size=20), COUNTS, COUNTS)


@given(RECORDS)
def test_a_weight_is_between_nothing_and_a_thousand(record: Record) -> None:
    assert 0 <= weight_of(record) <= WHOLE


@given(RECORDS)
def test_a_right_answer_never_costs_weight_and_a_wrong_one_never_brings_any(record: Record) -> None:
    right = replace(record, gold_right=record.gold_right + 2, gold_asked=record.gold_asked + 2)
    wrong = replace(record, gold_asked=record.gold_asked + 2)
    assert weight_of(wrong) <= weight_of(record) <= weight_of(right)


@given(RECORDS)
def test_staying_away_and_wavering_cost_weight(record: Record) -> None:
    assert weight_of(replace(record, drawn=record.drawn + 1)) <= weight_of(record)
    if record.repeats:
        worst = (*record.repeats, max(record.repeats) + 1)
        assert weight_of(replace(record, repeats=worst)) <= weight_of(record)


def test_a_few_right_answers_weigh_less_than_many() -> None:
    few, many = Record(gold_right=10, gold_asked=10), Record(gold_right=200, gold_asked=200)
    assert weight_of(Record()) == FLOOR <= weight_of(few) < weight_of(many)


def test_who_tosses_a_coin_loses_even_the_newcomers_weight() -> None:
    assert weight_of(Record(gold_right=200, gold_asked=400)) == 0


def test_a_record_is_the_sum_of_its_parts() -> None:
    verdict = Verdict(Score(5), Score(4), 0, 10, False)
    half = Record(2, 2, (3,), (verdict,), 1, 2, (5,))
    assert half + half == Record(4, 4, (3, 3), (verdict, verdict), 2, 4, (5, 5))


def test_the_card_shows_leaning_towards_length_place_and_kin() -> None:
    verdicts = tuple(
        Verdict(Score(4_000 + 100 * i + 500 * (i % 2) + 7 * (i % 3)), Score(4_000), i, 50 + 10 * i, bool(i % 2))
        for i in range(24)
    )
    card = card_of(Record(verdicts=verdicts))
    assert card.position_bias is not None
    assert card.position_bias.low > 0
    assert card.length_bias == card.position_bias
    assert card.kin_bias is not None
    assert card.kin_bias.low < 600 < card.kin_bias.high
    assert card.agreement is None


def test_too_little_says_nothing() -> None:
    card = card_of(Record())
    assert card.accuracy == Interval(0.0, 0.5, 1.0)
    assert (card.inconsistency, card.offset, card.kin_bias, card.milliseconds) == (None,) * 4


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_interval_of_a_share_holds_it(right: int, wrong: int) -> None:
    found = share_interval(right, right + wrong)
    assert 0 <= found.low <= found.value + 1e-9
    assert found.value <= found.high + 1e-9
    assert found.high <= 1


@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=30))
def test_a_mean_lies_in_its_interval(values: list[float]) -> None:
    found = mean_interval(values)
    assert found is not None
    assert found.low <= found.value <= found.high


@given(st.floats(-1, 1), st.integers(4, 400))
def test_a_correlation_lies_in_its_interval(value: float, pairs: int) -> None:
    found = correlation_interval(value, pairs)
    assert found is not None
    assert -1 <= found.low <= found.high <= 1
    assert found.low - 1e-5 <= value <= found.high + 1e-5


@pytest.mark.parametrize(("value", "pairs"), [(None, 50), (0.5, 3)])
def test_no_correlation_has_no_interval(value: float | None, pairs: int) -> None:
    assert correlation_interval(value, pairs) is None


def test_a_tie_is_half_right() -> None:
    assert gold_share([(Score(9), Score(3)), (Score(5), Score(5)), (Score(1), Score(5))]) == (3, 6)


@given(
    st.integers(0, 10**20),
    st.lists(st.tuples(st.integers(0, WHOLE), st.booleans()), min_size=1, max_size=9),
)
def test_pay_goes_to_those_within_the_tolerance_and_is_never_more_than_the_pool(
    pool: int, judges: list[tuple[int, bool]]
) -> None:
    weights, within = [w for w, _ in judges], [good for _, good in judges]
    paid = pay_shares(pool, weights, within)
    assert sum(paid) <= pool
    assert all(share == 0 for share, good in zip(paid, within, strict=True) if not good)
    if any(within):
        assert pool - sum(paid) < len(judges)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, WHOLE)), min_size=1, max_size=9))
def test_chances_sum_to_one_and_splitting_a_stake_changes_none(judges: list[tuple[int, int]]) -> None:
    stakes, weights = [2 * s for s, _ in judges], [w for _, w in judges]
    chances = draw_chances(stakes, weights)
    if any(s * w for s, w in judges):
        assert sum(chances) == pytest.approx(1)
        split = draw_chances([stakes[0] // 2] * 2 + stakes[1:], [weights[0]] * 2 + weights[1:])
        assert sum(split[:2]) == pytest.approx(chances[0])
