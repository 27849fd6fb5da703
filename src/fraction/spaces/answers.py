"""Answers that a program can check: a number within a tolerance, a text, or a list in order.

A reply may show its work; what counts is what follows its last `Answer:`, or the whole reply if it has none.

>>> is_right("3 * 60 = 180. Answer: 180 minutes", Expected("number", "180"))
True
>>> is_right("Answer: 179 or 180", Expected("number", "180"))
False
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias, cast

from fraction.base import JsonObject, Rejected

AnswerKind: TypeAlias = Literal["number", "text", "list"]

_MARK = re.compile(r"answer\s*:", re.IGNORECASE)
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
MAX_ANSWER_CHARACTERS = 200
"""A longer answer is wrong: it names too much."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The right answer."""

    kind: AnswerKind
    value: str
    """A decimal number, a text, or a list's items with commas between."""
    tolerance: str = "0"
    """How far a number may be off, in its own unit."""

    def to_json(self) -> JsonObject:
        """Return the hidden part of a task that asks for this."""
        return {"kind": self.kind, "value": self.value, "tolerance": self.tolerance}


def expected_from(hidden: JsonObject) -> Expected:
    """Return the right answer that a task hides.

    Raises:
        Rejected: the task's hidden part has no `answer` of a known kind.
    """
    answer = hidden.get("answer")
    fields: dict[str, object] = cast("dict[str, object]", answer) if isinstance(answer, dict) else {}
    kind, value, tolerance = fields.get("kind"), fields.get("value"), fields.get("tolerance", "0")
    numbers = [tolerance, value] if kind == "number" else [tolerance]
    decimals = all(isinstance(n, str) and _NUMBER.fullmatch(n) for n in numbers)
    if kind not in ("number", "text", "list") or not isinstance(value, str) or not decimals:
        raise Rejected(
            'A task with a checked answer hides {"answer": {"kind": "number", "text" or "list", "value": "...", '
            '"tolerance": "0"}}, numbers as decimal texts.'
        )
    return Expected(kind, value, str(tolerance))


def is_right(reply: str, expected: Expected) -> bool:
    """Return whether `reply` gives the expected answer."""
    given = _MARK.split(reply)[-1].strip()
    if len(given) > MAX_ANSWER_CHARACTERS:
        return False
    if expected.kind == "number":
        found = {_exact(number) for number in _NUMBER.findall(given)}
        return len(found) == 1 and abs(found.pop() - _exact(expected.value)) <= _exact(expected.tolerance)
    if expected.kind == "list":
        return [_plain(item) for item in given.split(",")] == [_plain(item) for item in expected.value.split(",")]
    return _plain(given) == _plain(expected.value)


def _exact(number: str) -> Fraction:
    return Fraction(number.replace(",", ""))


def _plain(text: str) -> str:
    """Return `text` in lower case, its spaces single, without marks around it."""
    return " ".join(text.lower().split()).strip(" .!\"'`*")
