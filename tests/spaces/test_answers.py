"""Checked answers: what counts is what follows the last `Answer:`, numbers within their tolerance."""

import pytest

from fraction.base import JsonObject, Rejected
from fraction.spaces.answers import Expected, expected_from, is_right

CENT = Expected("number", "308.49", "0.01")


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("308.49", True),
        ("Answer: $308.50", True),
        ("327 / 1.06 = 308.49. ANSWER: 308.49 dollars", True),
        ("Answer: 308.51", False),
        ("Answer: 300 or 308.49", False),
        ("Answer: 308.49 Answer: 300", False),
        ("Answer: none", False),
        ("", False),
        ("Answer: 308.49" + " 308.49" * 40, False),
    ],
)
def test_numbers(reply: str, right: bool) -> None:
    assert is_right(reply, CENT) is right


def test_thousands_and_signs_are_read() -> None:
    assert is_right("Answer: 1,250,000", Expected("number", "1250000"))
    assert is_right("Answer: -3.5 %", Expected("number", "-3.5"))


def test_texts_and_lists_ignore_case_and_marks_around_them() -> None:
    assert is_right("The day is Monday. Answer: monday.", Expected("text", "Monday"))
    assert not is_right("Answer: Monday or Tuesday", Expected("text", "Monday"))
    assert is_right("Answer: Gym,  nap , lunch", Expected("list", "gym, nap, lunch"))
    assert not is_right("Answer: nap, gym, lunch", Expected("list", "gym, nap, lunch"))


@pytest.mark.parametrize(
    "hidden",
    [
        {},
        {"answer": "180"},
        {"answer": {"kind": "number", "value": "many", "tolerance": "0"}},
        {"answer": {"kind": "number", "value": "1", "tolerance": "NaN"}},
        {"answer": {"kind": "poem", "value": "1"}},
    ],
)
def test_a_task_without_a_readable_answer_is_refused(hidden: JsonObject) -> None:
    with pytest.raises(Rejected):
        expected_from(hidden)
    assert expected_from({"answer": CENT.to_json()}) == CENT
