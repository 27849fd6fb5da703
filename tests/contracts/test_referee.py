"""The referee contract gives the bits of `verification.referee` for every kind of operator, awkward numbers too."""

import random
import struct
from collections.abc import Sequence

import pytest

from fraction.base import Rejected
from fraction.verification.program import Kind, Operator, Source, Value
from fraction.verification.referee import decide, rows_needed
from tests.contracts.chain import gas_used
from tests.contracts.world import World, someone

pytestmark = pytest.mark.chain

ZEROS_AND_ENDS = [0, 1 << 31, 1, 0x80000001, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x3F800000, 0xBF800000]
AWKWARD = [
    *ZEROS_AND_ENDS,
    0x3F800001,
    0x34000000,
    0x33800000,
    0x4B800000,
    0x4B7FFFFF,
    0xC2AE0000,
    0x42B00000,
    0x42B00001,
]
UNARY = (Kind.SQUARE_ROOT, Kind.EXPONENTIAL)
BINARY = (Kind.ADD, Kind.SUBTRACT, Kind.MULTIPLY, Kind.DIVIDE)


def row(words: Sequence[int], width: int = 4) -> bytes:
    return b"".join((w & (256**width - 1)).to_bytes(width, "big") for w in words)


def matrix(rows: int, columns: int, width: int = 4) -> Value:
    return Value(Source.CONSTANT, 0, rows, columns, width)


def check(world: World, operator: Operator, place: tuple[int, int], rows: Sequence[Sequence[int]]) -> None:
    """Compare contract and Python on one element; both refuse, or both give the same bits."""
    packed = [row(words, value.width) for words, value in zip(rows, operator.inputs, strict=True)]
    arguments = (operator.encode(), *place, packed)
    try:
        expected = decide(operator, *place, rows)
    except Rejected:
        assert world.referee.refusal(someone(1), "ruling", *arguments).error == "NotFinite"
        return
    assert world.referee.call("ruling", *arguments) == expected


def numbers(dice: random.Random, count: int) -> list[int]:
    """Return ordinary numbers of many sizes, and some awkward ones."""
    return [dice.choice(AWKWARD) if dice.random() < 0.1 else ordinary(dice) for _ in range(count)]


def ordinary(dice: random.Random) -> int:
    return struct.unpack(">I", struct.pack(">f", dice.gauss(0, 1) * 2.0 ** dice.randint(-30, 30)))[0]


@pytest.mark.parametrize("kind", BINARY)
def test_two_numbers_give_the_same_bits(world: World, kind: Kind) -> None:
    dice = random.Random(kind.value)
    operator = Operator(kind, (matrix(1, 1), matrix(1, 1)), 1, 1)
    pairs = [(a, b) for a in AWKWARD[::4] for b in AWKWARD[1::3]]
    pairs += [(a, b) for a, b in zip(numbers(dice, 15), numbers(dice, 15), strict=True)]
    for a, b in pairs:
        check(world, operator, (0, 0), [[a], [b]])


@pytest.mark.parametrize("kind", UNARY)
def test_one_number_gives_the_same_bits(world: World, kind: Kind) -> None:
    dice = random.Random(kind.value)
    operator = Operator(kind, (matrix(1, 1),), 1, 1)
    for word in AWKWARD + numbers(dice, 15):
        check(world, operator, (0, 0), [[word]])


def test_powers_and_whole_numbers(world: World) -> None:
    dice = random.Random(1)
    for exponent in (-126, -3, 0, 127):
        check(world, Operator(Kind.POWER, (matrix(1, 1),), 1, 1), (0, 0), [[exponent & 0xFFFFFFFF]])
    operator = Operator(Kind.WHOLE, (matrix(4, 3), matrix(4, 1)), 4, 3, (20,))
    for words in (numbers(dice, 3) for _ in range(20)):
        exponent = max(-100, max(w >> 23 & 0xFF for w in words) - 126)
        check(world, operator, (2, 1), [words, [exponent & 0xFFFFFFFF]])


@pytest.mark.parametrize("kind", [Kind.EXPONENT, Kind.ROW_SUM, Kind.ROW_MAXIMUM])
@pytest.mark.parametrize("columns", [1, 7, 64])
def test_a_row_gives_the_same_bits(world: World, kind: Kind, columns: int) -> None:
    dice = random.Random(columns)
    operator = Operator(kind, (matrix(3, columns),), 3, 1)
    for _ in range(5):
        check(world, operator, (1, 0), [numbers(dice, columns)])
    check(world, operator, (0, 0), [[0x80000000] * columns])
    check(world, operator, (0, 0), [[1] * columns])


@pytest.mark.parametrize(("width", "bits"), [(4, (20, 20, 0)), (4, (20, 0, -20)), (1, (14, 0, 0))])
def test_a_product_gives_the_same_bits(world: World, width: int, bits: tuple[int, int, int]) -> None:
    dice = random.Random(width)
    for columns in (1, 33, 96):
        operator = Operator(Kind.DOT, (matrix(4, columns), matrix(6, columns, width)), 4, 3, (2, 3, *bits))
        for _ in range(4):
            small = [dice.randint(-127, 127) for _ in range(columns)]
            whole = [dice.randint(-(1 << 20), 1 << 20) & 0xFFFFFFFF for _ in range(columns)]
            right = small if width == 1 else numbers(dice, columns) if bits[1] else whole
            check(world, operator, (3, 2), [numbers(dice, columns), right])


def test_what_only_moves_numbers(world: World) -> None:
    dice = random.Random(2)
    words, other = numbers(dice, 6), numbers(dice, 6)
    view = Operator(Kind.VIEW, (matrix(4, 6),), 6, 4, (5, 2, 12, 3, -2, 4, 0))
    for place in ((0, 0), (3, 2), (5, 3)):
        check(world, view, place, [words])
    join = Operator(Kind.JOIN, (matrix(2, 6), matrix(2, 6)), 2, 12)
    check(world, join, (1, 5), [words, other])
    check(world, join, (1, 6), [words, other])
    for row_id in (2, -1):
        look_up = Operator(Kind.LOOK_UP, (matrix(2, 1), matrix(5, 6)), 2, 6)
        check(world, look_up, (1, 4), [[row_id & 0xFFFFFFFF], words])
        one_hot = Operator(Kind.ONE_HOT, (matrix(2, 1),), 2, 6)
        check(world, one_hot, (0, 2), [[row_id & 0xFFFFFFFF]])
    select = Operator(Kind.SELECT, (matrix(2, 6), matrix(2, 6), matrix(1, 1)), 2, 6)
    check(world, select, (1, 3), [[0, 1] * 3, words, [7]])
    check(world, select, (1, 2), [[0, 1] * 3, words, [7]])


def test_both_name_the_same_rows(world: World) -> None:
    dot = Operator(Kind.DOT, (matrix(4, 8), matrix(6, 8)), 4, 3, (2, 3, 20, 20, 0))
    view = Operator(Kind.VIEW, (matrix(4, 6),), 6, 4, (5, 2, 12, 3, -2, 4, 0))
    spread = Operator(Kind.ADD, (matrix(1, 3), matrix(5, 1)), 5, 3)
    look_up = Operator(Kind.LOOK_UP, (matrix(2, 1), matrix(5, 6)), 2, 6)
    for operator, place in ((dot, (3, 2)), (view, (4, 1)), (spread, (4, 2)), (look_up, (1, 0))):
        ids = [3] if operator is look_up else ()
        for number, expected in enumerate(rows_needed(operator, *place, ids)):
            assert world.referee.call("rowOf", operator.encode(), number, *place, row([3])) == expected


def test_an_operator_survives_its_encoding(world: World) -> None:
    operator = Operator(Kind.DOT, (matrix(4, 8), Value(Source.DATA, 7, 6, 8, 1)), 4, 3, (2, 3, 14, 0, -5))
    told = world.referee.call("decode", operator.encode())
    assert (told.kind, told.rows, told.columns) == (Kind.DOT.value, 4, 3)
    assert tuple(told.parameters) == operator.parameters
    assert tuple(told.inputs[1]) == (Source.DATA.value, 7, 6, 8, 1)


@pytest.mark.parametrize("text", [b"", b"\xff" + bytes(10), bytes(12)])
def test_what_is_no_operator_is_refused(world: World, text: bytes) -> None:
    assert world.referee.refusal(someone(1), "decode", text).error == "MalformedOperator"


def test_rows_and_places_must_fit_the_operator(world: World) -> None:
    operator = Operator(Kind.ADD, (matrix(2, 3), matrix(2, 3)), 2, 3).encode()
    good, short = row([1, 2, 3]), row([1, 2])
    met = world.referee.refusal(someone(1), "ruling", operator, 0, 0, [good, short])
    assert (met.error, met.values) == ("WrongRow", (1, 8))
    met = world.referee.refusal(someone(1), "ruling", operator, 2, 0, [good, good])
    assert (met.error, met.values) == ("OutOfShape", (2, 0))


@pytest.mark.parametrize(("terms", "most"), [(256, 600_000), (2048, 4_500_000)])
def test_a_long_product_fits_a_transaction(world: World, terms: int, most: int) -> None:
    dice = random.Random(terms)
    operator = Operator(Kind.DOT, (matrix(1, terms), matrix(1, terms, 1)), 1, 1, (1, 1, 14, 0, 0))
    rows = [row([ordinary(dice) for _ in range(terms)]), row([dice.randint(-127, 127) for _ in range(terms)], 1)]
    receipt = world.referee.send(world.opener, "ruling", operator.encode(), 0, 0, rows)
    assert gas_used(receipt) < most
