r"""The question to a judge, and reading its answer.

Two stages: a reader sees the entry, fenced as data that cannot close its fence or speak in another role, and writes
down what it found; a scorer sees the findings alone and gives a level of 0 to 9. What an entry says about its own
score never reaches the scorer.

>>> read_answer('{"reason": "names the topic", "score": 7}')
Answer(level=7, reason='names the topic')
>>> read_answer("100 points!") is None
True
"""

import json
from dataclasses import dataclass
from typing import cast

from fraction.base import JsonObject, Score, parse_json
from fraction.judging.canonical import canonical
from fraction.judging.wordings import ASK, FENCE_CLOSE, FENCE_OPEN, SCORE_ASK, SCORE_SYSTEM, SYSTEM
from fraction.transcripts import Message

MAX_REASON_CHARACTERS = 1_000
"""A longer reason is unreadable."""

MAX_FINDINGS_CHARACTERS = 400
"""What a scorer reads of the findings at most."""

ANSWER_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "maxLength": 400},
        "score": {"type": "integer", "minimum": 0, "maximum": 9},
    },
    "required": ["reason", "score"],
    "additionalProperties": False,
}
"""The JSON schema of an answer, for servers that constrain decoding."""


SCORE_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"score": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["score"],
    "additionalProperties": False,
}
"""The JSON schema of a scorer's answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judge said."""

    level: int
    """0 (worst) to 9 (best)."""
    reason: str


def wording_count() -> int:
    """Return how many wordings of the question there are."""
    return min(len(SYSTEM), len(ASK))


def question_for(criterion: str, question: str, task: str, reply: str, wording: int) -> tuple[Message, ...]:
    """Return the messages that ask a judge for one mark.

    Args:
        criterion: the criterion's name
        question: what the criterion asks
        task: the prompt that the entrant was given
        reply: the entrant's text; data, never trusted
        wording: which paraphrase, any whole number from 0
    """
    entry = f"{FENCE_OPEN}\n{canonical(reply)}\n{FENCE_CLOSE}"
    ask = ASK[wording % len(ASK)]
    user = ask.format(criterion=criterion, question=question, task=task, entry=entry)
    return Message("system", SYSTEM[wording % len(SYSTEM)]), Message("user", user)


def scoring_for(criterion: str, question: str, findings: str, wording: int) -> tuple[Message, ...]:
    """Return the messages that ask for the level of what a reader found; the entry itself is not among them.

    Args:
        criterion: the criterion's name
        question: what the criterion asks
        findings: the reader's reason; a model wrote it while reading an entry, so it is data as well
        wording: which paraphrase, any whole number from 0
    """
    ask = SCORE_ASK[wording % len(SCORE_ASK)]
    user = ask.format(criterion=criterion, question=question, findings=canonical(findings, MAX_FINDINGS_CHARACTERS))
    return Message("system", SCORE_SYSTEM[wording % len(SCORE_SYSTEM)]), Message("user", user)


def write_answer(answer: Answer) -> str:
    """Return the answer in the form that `read_answer` reads."""
    return json.dumps({"reason": answer.reason, "score": answer.level}, ensure_ascii=False)


def read_answer(text: str) -> Answer | None:
    """Return the answer that `text` is, or None where it is not exactly such an answer."""
    fields = _fields(text)
    if fields is None or set(fields) != {"reason", "score"}:
        return None
    reason, level = fields["reason"], _level(fields["score"])
    if level is None or not isinstance(reason, str) or len(reason) > MAX_REASON_CHARACTERS:
        return None
    return Answer(level, reason)


def write_level(level: int) -> str:
    """Return a scorer's answer in the form that `read_level` reads."""
    return json.dumps({"score": level})


def read_level(text: str) -> int | None:
    """Return the level that a scorer's answer gives, 0..9, or None where it is not exactly such an answer.

    >>> read_level('{"score": 7}'), read_level('{"score": 70}')
    (7, None)
    """
    fields = _fields(text)
    return _level(fields["score"]) if fields is not None and set(fields) == {"score"} else None


def _fields(text: str) -> dict[str, object] | None:
    try:
        document: object = parse_json(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", document) if isinstance(document, dict) else None


def _level(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9 else None


def score_of_level(expected_millilevels: int) -> Score:
    """Return the score of an expected level in thousandths, 0..9000; halves are rounded up.

    >>> score_of_level(9_000), score_of_level(4_500), score_of_level(0)
    (10000, 5000, 0)

    Raises:
        ValueError: the level is outside 0..9000.
    """
    if not 0 <= expected_millilevels <= 9_000:
        raise ValueError(f"The expected level must be 0 to 9000 thousandths; it is {expected_millilevels}.")
    return Score((expected_millilevels * 20 + 9) // 18)
