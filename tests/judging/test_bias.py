"""Laws of the correction for length and format."""

from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Score
from fraction.judging.bias import MIN_PAIRS, Change, Correction, correction_of, lines_of, slope

SCORES = st.integers(0, 10_000).map(Score)
CHANGES = st.lists(st.builds(Change, st.integers(1, 80), st.integers(-2_000, 2_000)), min_size=MIN_PAIRS, max_size=40)


@given(CHANGES)
def test_a_slope_lies_in_its_interval_and_among_what_was_seen(changes: list[Change]) -> None:
    found = slope(changes)
    assert found is not None
    ratios = [change.points / change.amount for change in changes]
    assert min(ratios) <= found.low <= found.value <= found.high <= max(ratios)


@given(st.integers(-20, 20), st.lists(st.integers(1, 80), min_size=MIN_PAIRS, max_size=30))
def test_a_steady_bias_is_found_and_taken_off(per_character: int, amounts: list[int]) -> None:
    found = correction_of([Change(n, per_character * n) for n in amounts], [], ["x" * 40])
    assert found.per_character == per_character
    plain, longer = Score(5_000), Score(5_000 + per_character * 30)
    assert found.of(longer, "x" * 70) == found.of(plain, "x" * 40) == 5_000


@given(SCORES, st.text(max_size=80))
def test_without_sure_bias_nothing_changes(score: Score, text: str) -> None:
    wavering = [Change(10, 100 if i % 2 else -100) for i in range(20)]
    assert correction_of(wavering, wavering[:3], [text]).of(score, text) == score


@given(SCORES, st.text(max_size=80), st.floats(-50, 50), st.floats(-50, 50))
def test_a_corrected_score_is_a_score(score: Score, text: str, per_character: float, per_line: float) -> None:
    assert 0 <= Correction(per_character, per_line, 30, 2).of(score, text) <= 10_000


def test_few_pairs_say_nothing() -> None:
    assert slope([Change(1, 1)] * (MIN_PAIRS - 1)) is None


def test_empty_lines_do_not_count() -> None:
    assert lines_of("a\n\n b \n") == 2
