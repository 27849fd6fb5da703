"""The referee's rules: any one number of any operator, from the few rows it depends on, in integers alone.

The contract `Referee` follows the same rules; `tests/contracts/test_referee.py` compares the two word by word.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from fraction.verification import softfloat
from fraction.verification.dot import dot
from fraction.verification.program import Kind, Operator, Value

RowReader: TypeAlias = Callable[[int, int], Sequence[int]]
"""Gives row (input number, row) as words: float32 bits, or signed integers where an element has one byte."""

_UNARY: dict[Kind, Callable[[int], int]] = {
    Kind.SQUARE_ROOT: softfloat.square_root,
    Kind.EXPONENTIAL: softfloat.exponential,
}
_BINARY: dict[Kind, Callable[[int, int], int]] = {
    Kind.ADD: softfloat.add,
    Kind.SUBTRACT: softfloat.subtract,
    Kind.MULTIPLY: softfloat.multiply,
    Kind.DIVIDE: softfloat.divide,
    Kind.MAXIMUM: softfloat.maximum,
    Kind.MINIMUM: softfloat.minimum,
}


def rows_needed(operator: Operator, row: int, column: int, ids: Sequence[int] = ()) -> tuple[tuple[int, int], ...]:
    """Return which rows, as (input, row), the element depends on; a look-up needs `ids`, the words of its first row."""
    match operator.kind:
        case Kind.DOT:
            rows, columns = operator.parameters[:2]
            return (0, row), (1, row // rows * columns + column)
        case Kind.VIEW:
            return ((0, _place(operator, row, column) // operator.inputs[0].columns),)
        case Kind.LOOK_UP:
            return ((0, row), (1, ids[0])) if ids else ((0, row),)
        case _:
            return tuple((k, _clamped(value, row)) for k, value in enumerate(operator.inputs))


def decide(operator: Operator, row: int, column: int, read: RowReader) -> int:
    """Return the bits of the element at (row, column).

    Raises:
        NotFinite: it has no finite value.
    """
    match operator.kind:
        case Kind.DOT:
            (_, first), (_, second) = rows_needed(operator, row, column)
            return dot(read(0, first), read(1, second), *operator.parameters[2:])
        case Kind.VIEW:
            place = _place(operator, row, column)
            return read(0, place // operator.inputs[0].columns)[place % operator.inputs[0].columns]
        case Kind.LOOK_UP:
            return read(1, read(0, row)[0])[column]
        case Kind.ONE_HOT:
            return softfloat.ONE if read(0, row)[0] == column else softfloat.ZERO
        case Kind.ROW_SUM:
            return softfloat.tree_sum(read(0, row))
        case Kind.ROW_MAXIMUM:
            return _row_maximum(read(0, row))
        case _:
            return _element_wise(operator, row, column, read)


def _element_wise(operator: Operator, row: int, column: int, read: RowReader) -> int:
    words = [
        read(k, _clamped(value, row))[0 if value.columns == 1 else column] for k, value in enumerate(operator.inputs)
    ]
    if operator.kind is Kind.SELECT:
        return words[1] if words[0] else words[2]
    if operator.kind in _UNARY:
        return _UNARY[operator.kind](words[0])
    return _BINARY[operator.kind](words[0], words[1])


def _row_maximum(words: Sequence[int]) -> int:
    best = words[0]
    for word in words[1:]:
        best = word if softfloat.greater(word, best) else best
    return best


def _clamped(value: Value, row: int) -> int:
    """Return the row that serves `row`: an input of one row serves all."""
    return 0 if value.rows == 1 else row


def _place(operator: Operator, row: int, column: int) -> int:
    """Return the flat place in the input that a view shows at (row, column)."""
    offset, *numbers = operator.parameters
    dimensions = list(zip(numbers[::2], numbers[1::2], strict=True))
    flat = row * operator.columns + column
    place = offset
    for size, stride in reversed(dimensions):
        place += flat % size * stride
        flat //= size
    return place
