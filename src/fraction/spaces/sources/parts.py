"""The parts that small functions are composed of: each has its words, its Python text and its meaning.

The meaning is evaluated directly, so tests are computed without running any text as code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

From = TypeVar("From")
To = TypeVar("To")


@dataclass(frozen=True, slots=True)
class Part(Generic[From, To]):
    """One step of a function."""

    name: str
    """As it appears in the function's name."""
    words: str
    """As it appears in the description."""
    text: str
    """A Python expression of the step's variable."""
    apply: Callable[[From], To]


KEEP: tuple[Part[int, bool], ...] = (
    Part("even", "even numbers", "x % 2 == 0", lambda x: x % 2 == 0),
    Part("odd", "odd numbers", "x % 2 == 1", lambda x: x % 2 == 1),
    Part("positive", "positive numbers", "x > 0", lambda x: x > 0),
    Part("negative", "negative numbers", "x < 0", lambda x: x < 0),
    Part("big", "numbers above 10", "x > 10", lambda x: x > 10),
    Part("small", "numbers below 5", "x < 5", lambda x: x < 5),
    Part("third", "multiples of 3", "x % 3 == 0", lambda x: x % 3 == 0),
    Part("fifth", "multiples of 5", "x % 5 == 0", lambda x: x % 5 == 0),
    Part("nonzero", "numbers that are not zero", "x != 0", lambda x: x != 0),
)
"""Which numbers (x) of a list count."""

TURN: tuple[Part[int, int], ...] = (
    Part("same", "", "x", lambda x: x),
    Part("square", "square", "x * x", lambda x: x * x),
    Part("double", "double", "x * 2", lambda x: x * 2),
    Part("triple", "triple", "x * 3", lambda x: x * 3),
    Part("next", "add 1 to", "x + 1", lambda x: x + 1),
    Part("less", "subtract 1 from", "x - 1", lambda x: x - 1),
    Part("negate", "negate", "-x", lambda x: -x),
    Part("abs", "take the absolute value of", "abs(x)", lambda x: abs(x)),
    Part("half", "halve (rounding down)", "x // 2", lambda x: x // 2),
)
"""What becomes of each number (x)."""

FOLD: tuple[Part[list[int], int], ...] = (
    Part("sum", "the sum", "sum(ys)", lambda ys: sum(ys)),
    Part("count", "how many there are", "len(ys)", lambda ys: len(ys)),
    Part("max", "the largest (0 if none)", "max(ys, default=0)", lambda ys: max(ys, default=0)),
    Part("min", "the smallest (0 if none)", "min(ys, default=0)", lambda ys: min(ys, default=0)),
)
"""What single number a list (ys) becomes."""

ORDER: tuple[Part[list[int], list[int]], ...] = (
    Part("list", "the list", "ys", lambda ys: ys),
    Part("sorted", "them sorted", "sorted(ys)", lambda ys: sorted(ys)),
    Part("reversed", "them in reverse order", "ys[::-1]", lambda ys: ys[::-1]),
)
"""What list a list (ys) becomes."""

TEXT: tuple[Part[str, str], ...] = (
    Part("upper", "in upper case", "s.upper()", lambda s: s.upper()),
    Part("lower", "in lower case", "s.lower()", lambda s: s.lower()),
    Part("title", "with capitals at word starts", "s.title()", lambda s: s.title()),
    Part("reverse", "reversed", "s[::-1]", lambda s: s[::-1]),
    Part("trim", "without its first character", "s[1:]", lambda s: s[1:]),
    Part("cut", "without its last character", "s[:-1]", lambda s: s[:-1]),
    Part("twice", "repeated twice", "s * 2", lambda s: s * 2),
    Part("joined", "without spaces", 's.replace(" ", "")', lambda s: s.replace(" ", "")),
    Part("dashed", "with dashes for spaces", 's.replace(" ", "-")', lambda s: s.replace(" ", "-")),
    Part("shout", "with ! at the end", 's + "!"', lambda s: s + "!"),
    Part("head", "cut to its first 3 characters", "s[:3]", lambda s: s[:3]),
)
"""What a text (s) becomes."""

MEASURE: tuple[Part[str, int], ...] = (
    Part("length", "its length", "len(s)", lambda s: len(s)),
    Part("spaces", "how many spaces it has", 's.count(" ")', lambda s: s.count(" ")),
    Part("a", "how many a it has", 's.count("a")', lambda s: s.count("a")),
    Part("words", "how many words it has", "len(s.split())", lambda s: len(s.split())),
    Part("kinds", "how many different characters it has", "len(set(s))", lambda s: len(set(s))),
)
"""What number a text (s) becomes."""

NUMBER: tuple[Part[int, int], ...] = (
    *TURN[1:],
    Part("five", "add 5 to", "x + 5", lambda x: x + 5),
    Part("ten", "multiply by 10", "x * 10", lambda x: x * 10),
    Part("rest", "take the remainder by 7 of", "x % 7", lambda x: x % 7),
    Part("cube", "cube", "x * x * x", lambda x: x * x * x),
)
"""What a number (x) becomes."""
