"""Tasks of the Space Writing Code: small Python functions, composed from parts, with hidden unit tests.

There are four families: lists to a number, lists to lists, texts, and numbers. A composition belongs to one split
only; every part occurs in every split, so that what is held out is the combination.

>>> from fraction.base import Dice
>>> "def " in draw(Dice("doc"), Split.GATE).prompt
True
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from fraction.base import Dice, Json, JsonObject
from fraction.spaces.sources.parts import FOLD, KEEP, MEASURE, NUMBER, ORDER, TEXT, TURN
from fraction.spaces.task import Split, Task

TESTS = 8
"""How many hidden tests a task has."""

_WORDS = [
    "blue",
    "red car",
    "a cat",
    "Sun and Moon",
    "banana",
    "Hello",
    "old map",
    "data",
    "tea at ten",
    "Zoo",
    "ok",
    "Anna saw a llama",
]


@dataclass(frozen=True, slots=True)
class Function:
    """A function to be written."""

    name: str
    argument: str
    """`xs` a list of whole numbers, `s` a text, `x` a whole number."""
    words: str
    """What it does, as a sentence."""
    lines: tuple[str, ...]
    """The body of a correct solution."""
    apply: Callable[[Json], Json]
    """What it returns."""

    def program(self) -> str:
        """Return a correct solution."""
        return "\n".join([f"def {self.name}({self.argument}):", *("    " + line for line in self.lines)])

    def prompt(self, example: Json) -> str:
        """Return the task for the entrants."""
        return (
            f"Write the Python function def {self.name}({self.argument}): {self.words} "
            f"Example: {self.name}({example!r}) returns {self.apply(example)!r}."
        )


def _list_functions() -> list[Function]:
    return [
        Function(
            f"{fold.name}_{keep.name}_{turn.name}",
            "xs",
            _list_words(keep.words, turn.words, fold.words),
            (f"ys = [{turn.text} for x in xs if {keep.text}]", f"return {fold.text}"),
            _over_list(keep.apply, turn.apply, fold.apply),
        )
        for keep, turn, fold in product(KEEP, TURN, (*FOLD, *ORDER))
    ]


def _list_words(keep: str, turn: str, end: str) -> str:
    turned = f", {turn} each" if turn else ""
    return f"Of the list xs take the {keep}{turned}, and return {end}."


def _over_list(
    keep: Callable[[int], bool], turn: Callable[[int], int], end: Callable[[list[int]], int | list[int]]
) -> Callable[[Json], Json]:
    def apply(value: Json) -> Json:
        numbers = [x for x in value if isinstance(x, int)] if isinstance(value, list) else []
        result = end([turn(x) for x in numbers if keep(x)])
        return [*result] if isinstance(result, list) else result

    return apply


def _text_functions() -> list[Function]:
    functions: list[Function] = []
    for first, last in product(TEXT, (*TEXT, *MEASURE)):
        if first.name == last.name:
            continue
        functions.append(
            Function(
                f"{first.name}_{last.name}",
                "s",
                f"Make the text s {first.words}, then return {'it ' if last in TEXT else ''}{last.words}.",
                (f"s = {first.text}", f"return {last.text}"),
                _chain(str, first.apply, last.apply),
            )
        )
    return functions


def _number_functions() -> list[Function]:
    return [
        Function(
            f"{first.name}_{last.name}_{end.name}",
            "x",
            f"With the number x: {first.words} it, then {last.words} it, then {end.words} it, and return it.",
            (f"x = {first.text}", f"x = {last.text}", f"return {end.text}"),
            _chain(int, first.apply, _then(last.apply, end.apply)),
        )
        for first, last, end in product(NUMBER, NUMBER, NUMBER)
        if first is not last and last is not end
    ]


def _chain(kind: type, first: Callable[..., Json], last: Callable[..., Json]) -> Callable[[Json], Json]:
    def apply(value: Json) -> Json:
        return last(first(kind(value)))

    return apply


def _then(first: Callable[[int], int], last: Callable[[int], int]) -> Callable[[int], int]:
    def apply(x: int) -> int:
        return last(first(x))

    return apply


def _deal(functions: Sequence[Function], split: Split) -> tuple[Function, ...]:
    """Return the functions of `split`: of each seven in turn four, two and one."""
    splits = [Split.CORPUS] * 4 + [Split.SESSION] * 2 + [Split.GATE]
    ordered = Dice("fraction/code").shuffled(functions)
    return tuple(f for i, f in enumerate(ordered) if splits[i % len(splits)] is split)


_FAMILIES = (_list_functions(), _text_functions(), _number_functions())
_DEALT = {split: tuple(_deal(family, split) for family in _FAMILIES) for split in Split}


def functions_of(split: Split) -> tuple[tuple[Function, ...], ...]:
    """Return the functions of `split`, by family: lists, texts, numbers."""
    return _DEALT[split]


def draw_function(dice: Dice, split: Split) -> Function:
    """Return one function of `split`; half of them are about lists."""
    lists, texts, numbers = functions_of(split)
    family = dice.choice((lists, lists, texts, numbers))
    return dice.choice(family)


def draw_input(dice: Dice, argument: str) -> Json:
    """Return an input of the kind that `argument` names."""
    if argument == "xs":
        return [dice.between(-9, 20) for _ in range(dice.between(3, 5))]
    return dice.choice(_WORDS) if argument == "s" else dice.between(-9, 20)


def tests_for(function: Function, dice: Dice) -> list[Json]:
    """Return hidden tests: inputs and what the function returns for them."""
    edge: dict[str, Json] = {"xs": [], "s": "a b", "x": 0}
    inputs = [edge[function.argument], *(draw_input(dice, function.argument) for _ in range(TESTS - 1))]
    return [{"args": [value], "expect": function.apply(value)} for value in inputs]


def draw(dice: Dice, split: Split) -> Task:
    """Return one task of `split`."""
    function = draw_function(dice, split)
    hidden: JsonObject = {
        "entry": function.name,
        "tests": tests_for(function, dice),
        "reference": function.program(),
    }
    return Task(function.prompt(draw_input(dice, function.argument)), hidden)
