"""The referee's rules: any one number of any operator, from the few rows it depends on, in integers alone.

The contract `Referee` follows the same rules; `tests/contracts/test_referee.py` compares the two word by word.
"""

from collections.abc import Callable, Sequence
from functools import reduce

from fraction.base import Rejected
from fraction.verification import float32
from fraction.verification.exact import SUM_BITS, exponential, row_exponent
from fraction.verification.program import Kind, Operator


def _power(word: int) -> int:
    return float32.power_of_two(_signed(word))


def _select(mask: int, a: int, b: int) -> int:
    return a if mask else b


_ELEMENT_WISE: dict[Kind, Callable[..., int]] = {
    Kind.ADD: float32.add,
    Kind.SUBTRACT: float32.subtract,
    Kind.MULTIPLY: float32.multiply,
    Kind.DIVIDE: float32.divide,
    Kind.SQUARE_ROOT: float32.square_root,
    Kind.EXPONENTIAL: exponential,
    Kind.POWER: _power,
    Kind.SELECT: _select,
}


def rows_needed(operator: Operator, row: int, column: int, ids: Sequence[int] = ()) -> tuple[int, ...]:
    """Return which row of each input the element depends on; a look-up needs `ids`, the words of input 0's row."""
    match operator.kind:
        case Kind.DOT:
            rows, columns = operator.parameters[:2]
            return row, row // rows * columns + column
        case Kind.VIEW:
            return (_place(operator, row, column) // operator.inputs[0].columns,)
        case Kind.LOOK_UP:
            return (row, max(0, _signed(ids[0]))) if ids else (row,)
        case _:
            return tuple(0 if value.rows == 1 else row for value in operator.inputs)


def decide(operator: Operator, row: int, column: int, rows: Sequence[Sequence[int]]) -> int:
    """Return the bits of the element at (row, column).

    Args:
        operator: what was applied
        row: of the element
        column: of the element
        rows: for each input the row that `rows_needed` names: words, or signed numbers where an element has one byte

    Raises:
        Rejected: it has no finite value.
    """
    word = _element(operator, row, column, rows)
    if operator.kind in _ROUNDING and word >> 23 & 0xFF == 0xFF:
        raise Rejected("A number is too large for 32 bits; a training in which that happens is void.")
    return word


_ROUNDING = (Kind.ADD, Kind.SUBTRACT, Kind.MULTIPLY, Kind.DIVIDE, Kind.ROW_SUM, Kind.DOT)


def _element(operator: Operator, row: int, column: int, rows: Sequence[Sequence[int]]) -> int:
    first = rows[0]
    match operator.kind:
        case Kind.DOT:
            return _dot(operator.parameters[2:], first, rows[1])
        case Kind.VIEW:
            return first[_place(operator, row, column) % operator.inputs[0].columns]
        case Kind.JOIN:
            return [*first, *rows[1]][column]
        case Kind.LOOK_UP:
            return rows[1][column] if _signed(first[0]) >= 0 else float32.ZERO
        case Kind.ONE_HOT:
            return float32.ONE if first[0] == column else float32.ZERO
        case Kind.EXPONENT:
            return row_exponent(first) & 0xFFFFFFFF
        case Kind.ROW_SUM:
            e = row_exponent(first)
            return _scaled(sum(_whole(word, SUM_BITS - e) for word in first), e - SUM_BITS)
        case Kind.ROW_MAXIMUM:
            return float32.add(reduce(float32.greater, first), float32.ZERO)
        case _:
            return _element_wise(operator, column, rows)


def _element_wise(operator: Operator, column: int, rows: Sequence[Sequence[int]]) -> int:
    words = [rows[k][0 if value.columns == 1 else column] for k, value in enumerate(operator.inputs)]
    if operator.kind is Kind.WHOLE:
        return _whole(words[0], operator.parameters[0] - _signed(words[1])) & 0xFFFFFFFF
    return _ELEMENT_WISE[operator.kind](*words)


def _dot(parameters: Sequence[int], a: Sequence[int], b: Sequence[int]) -> int:
    bits_a, bits_b, unit_b = parameters
    unit_a = row_exponent(a) - bits_a
    if bits_b:
        unit_b = row_exponent(b) - bits_b
        right = [_whole(word, -unit_b) for word in b]
    else:
        right = [_signed(word) for word in b]
    return _scaled(sum(_whole(p, -unit_a) * q for p, q in zip(a, right, strict=True)), unit_a, unit_b)


def _whole(word: int, shift: int) -> int:
    """Return the number times 2^shift, to the nearest whole number, ties to even."""
    return float32.nearest_integer(word, shift)


def _scaled(whole: int, *exponents: int) -> int:
    """Return a whole number as float32, then times each power of two, each product rounded."""
    word = float32.rounded(whole, 0)
    for exponent in exponents:
        word = float32.multiply(word, float32.power_of_two(exponent))
    return word


def _signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 and word > 0 else word


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
