"""What is judged: criteria with weights, and who can tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from fraction.base import Score


class Evaluator(Enum):
    """Who decides how well a criterion is met."""

    MODEL = "model"
    """A language model that is asked the criterion's question."""
    TESTS = "tests"
    """Hidden unit tests, run in the sandbox."""
    ANSWER = "answer"
    """The task's right answer, compared by program."""
    EFFICIENCY = "efficiency"
    """Counted instructions of a program that passes all its tests, against a reference program."""
    PROGRAM = "program"
    """The Space's own program, run in the sandbox."""
    GAME = "game"
    """The rules of the game."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing a reply is judged by."""

    name: str
    weight: int
    """Percent of the round's score; a Space's weights sum to 100."""
    evaluator: Evaluator
    question: str
    """What a judge is asked; empty where rules or tests decide."""


def weighted_score(criteria: Sequence[Criterion], marks: Sequence[Score]) -> Score:
    """Return the round's score: the weighted mean of the criteria's marks, rounded down.

    >>> weighted_score([Criterion("a", 40, Evaluator.MODEL, "?")], [Score(9_000)])
    3600
    """
    return Score(sum(c.weight * m for c, m in zip(criteria, marks, strict=True)) // 100)
