"""Ratings: order, intervals and what chance may not decide."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fraction.base import AgentId, Score
from fraction.judging import fit_ratings, rank
from fraction.judging.rating import newcomer

A, B, C = AgentId("a"), AgentId("b"), AgentId("c")


def test_nobody_has_no_ratings() -> None:
    assert fit_ratings([]) == {}


def test_more_sessions_narrow_the_interval_until_ranks_separate() -> None:
    session = {A: Score(60), B: Score(50), C: Score(10)}
    few, many = fit_ratings([session]), fit_ratings([session] * 400)
    assert many[A].margin < few[A].margin
    assert [rank(agent, few) for agent in (A, B, C)] == [1, 1, 1]
    assert [rank(agent, many) for agent in (A, B, C)] == [1, 2, 3]


def test_a_tie_separates_nobody() -> None:
    ratings = fit_ratings([{A: Score(5), B: Score(5)}] * 9)
    assert ratings[A] == ratings[B]
    assert ratings[A].points == 1_000


def test_who_beats_the_same_field_more_often_is_rated_higher() -> None:
    results = [{A: Score(2), C: Score(1)}] * 3 + [{B: Score(2), C: Score(1)}] + [{B: Score(1), C: Score(2)}] * 2
    ratings = fit_ratings(results)
    assert ratings[A].points > ratings[C].points > ratings[B].points


@settings(deadline=None, max_examples=30)
@given(st.lists(st.dictionaries(st.sampled_from([A, B, C]), st.integers(0, 9).map(Score), min_size=2), max_size=6))
def test_the_order_in_which_sessions_are_told_does_not_matter(results: list[dict[AgentId, Score]]) -> None:
    assert fit_ratings(results) == fit_ratings(results[::-1])


def test_a_newcomer_has_the_prior_alone() -> None:
    ratings = fit_ratings([{A: Score(5), B: Score(5)}])
    assert newcomer().points == 1_000
    assert newcomer().margin > ratings[A].margin


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 12), st.integers(1, 3_000), st.integers(1, 3_000))
def test_who_stays_away_is_known_less_and_less(wins: int, days: int, more: int) -> None:
    results = [{A: Score(2), B: Score(1)}] * wins
    soon = fit_ratings(results, [days] * wins)[A]
    late = fit_ratings(results, [days + more] * wins)[A]
    assert late.margin >= soon.margin
    assert newcomer().points <= late.points <= soon.points
    assert late.margin <= newcomer().margin


def test_what_was_played_lately_counts_more() -> None:
    won_then, won_now = {A: Score(2), B: Score(1)}, {A: Score(1), B: Score(2)}
    ratings = fit_ratings([won_then, won_now], [400, 0])
    assert ratings[B].points > ratings[A].points
