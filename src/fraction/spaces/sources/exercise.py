"""Exercises with one right answer: what Everyday Tasks and Deep Finance Tasks are made of.

Whether an exercise is for the corpus, for Sessions or for gates follows from its text, so no two parts share one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fraction.base import Dice, sha256_of
from fraction.spaces.answers import Expected
from fraction.spaces.task import Split, Task


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question, its answer and the way to it."""

    question: str
    expected: Expected
    steps: str
    """The way to the answer in a line, as a good reply may show it."""
    wrong: str
    """An answer that a careless solver gives."""


Family = Callable[[Dice, int], Exercise]
"""Draws an exercise of one kind at a level from 1 to 3."""

ASK_FOR_ANSWER = "End with Answer: and the answer."


def number(value: Fraction | int) -> str:
    """Return `value` as a decimal text with at most two decimals, rounded half up.

    >>> number(Fraction(1, 3)), number(7), number(Fraction(5, 2))
    ('0.33', '7', '2.5')
    """
    hundredths = int((Fraction(value) * 200 + 1) // 2)
    whole, part = divmod(abs(hundredths), 100)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{whole}" if not part else f"{sign}{whole}.{part:02d}".rstrip("0")


def numeric(question: str, value: Fraction | int, steps: str, wrong: Fraction | int) -> Exercise:
    """Return an exercise whose answer is a number; one that is not exact at two decimals allows for rounding."""
    text = number(value)
    tolerance = "0" if Fraction(text) == Fraction(value) else "0.01"
    slip = number(wrong)
    return Exercise(question, Expected("number", text, tolerance), steps, slip if slip != text else number(value + 1))


def split_of(question: str) -> Split:
    """Return the part that a question belongs to: of five, three are for the corpus and one each for the others."""
    return (Split.CORPUS, Split.CORPUS, Split.CORPUS, Split.SESSION, Split.GATE)[
        int(sha256_of(question.encode())[:8], 16) % 5
    ]


def draw_exercise(families: Sequence[Family], dice: Dice, split: Split, level: int) -> Exercise:
    """Return an exercise of one of the families; Sessions also draw what the base model was made with."""
    allowed = {split, Split.CORPUS} if split is Split.SESSION else {split}
    family = dice.choice(families)
    while True:
        exercise = family(dice, level)
        if split_of(exercise.question) in allowed:
            return exercise


def source(families: Sequence[Family]) -> Callable[[Dice, Split, int], Task]:
    """Return what draws a task of these families."""

    def draw(dice: Dice, split: Split, level: int) -> Task:
        exercise = draw_exercise(families, dice, split, level)
        return Task(f"{exercise.question} {ASK_FOR_ANSWER}", {"answer": exercise.expected.to_json(), "level": level})

    return draw
