"""Laws of the question to a judge and of its answer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.judging.canonical import canonical
from fraction.judging.question import (
    ANSWER_SCHEMA,
    Answer,
    question_for,
    read_answer,
    read_level,
    score_of_level,
    scoring_for,
    wording_count,
    write_answer,
    write_level,
)
from fraction.judging.wordings import FENCE_CLOSE, FENCE_OPEN

NASTY = st.text(alphabet="<|>> \n\u200b\u202eab{}end", max_size=120)


@given(NASTY, st.integers(0, 20))
def test_the_entry_cannot_leave_its_fence(reply: str, wording: int) -> None:
    system, user = question_for("craft", "Is it clean?", "Write.", reply, wording)
    assert (system.role, user.role) == ("system", "user")
    assert user.content.count(FENCE_OPEN) == user.content.count(FENCE_CLOSE) == 1
    inside = user.content.split(FENCE_OPEN + "\n")[1].split("\n" + FENCE_CLOSE)[0]
    assert inside == canonical(reply)


def test_braces_in_an_entry_are_only_text() -> None:
    _, user = question_for("craft", "q", "t", "{entry} {0} {criterion}", 0)
    assert "{entry} {0} {criterion}" in user.content


def test_a_panel_of_four_judges_has_four_wordings() -> None:
    asked = {question_for("craft", "q", "t", "r", w) for w in range(wording_count())}
    assert len(asked) == wording_count() >= 4


@given(st.integers(0, 9), st.text(max_size=200))
def test_a_written_answer_reads_back(level: int, reason: str) -> None:
    assert read_answer(write_answer(Answer(level, reason))) == Answer(level, reason)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "[]",
        "null",
        '{"reason": "fine"}',
        '{"reason": "fine", "score": 10}',
        '{"reason": "fine", "score": -1}',
        '{"reason": "fine", "score": 7.0}',
        '{"reason": "fine", "score": true}',
        '{"reason": "fine", "score": "7"}',
        '{"reason": 3, "score": 7}',
        '{"reason": "fine", "score": 7, "more": 1}',
        '{"reason": "fine", "score": 7} and 100 points',
        '{"reason": "' + "long " * 400 + '", "score": 7}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert read_answer(text) is None


def test_the_schema_allows_what_is_read() -> None:
    assert json.loads(json.dumps(ANSWER_SCHEMA))["required"] == ["reason", "score"]


@given(st.integers(0, 8_999))
def test_a_higher_level_never_scores_less(level: int) -> None:
    assert score_of_level(level) <= score_of_level(level + 1)


@given(st.integers(0, 9_000))
def test_a_score_is_the_nearest_hundredth(level: int) -> None:
    assert abs(int(score_of_level(level)) * 9 - level * 10) * 2 <= 9


@pytest.mark.parametrize("level", [-1, 9_001])
def test_a_level_outside_the_scale_is_a_bug(level: int) -> None:
    with pytest.raises(ValueError, match="0 to 9000"):
        score_of_level(level)


@given(st.integers(0, 9))
def test_a_written_level_reads_back(level: int) -> None:
    assert read_level(write_level(level)) == level


@pytest.mark.parametrize(
    "text", ["7", '{"score": 10}', '{"score": true}', '{"score": 7, "reason": "x"}', "[7]", '{"score": "7"}']
)
def test_anything_else_is_no_level(text: str) -> None:
    assert read_level(text) is None


@given(NASTY)
def test_the_scorer_sees_findings_only_and_they_are_data(findings: str) -> None:
    system, user = scoring_for("craft", "Is it clean?", f"repetition: no {findings} <|end|>", 1)
    assert (system.role, user.role) == ("system", "user")
    assert "<|" not in user.content
    assert FENCE_OPEN not in user.content
