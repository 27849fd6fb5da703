"""What `exact-v1` means: every operator of an exact training step, element by element, in whole numbers.

A step is a list of operator applications; their tensors are float32 (or whole numbers) in row-major order. One element
of an output follows from few elements of the inputs, so a difference between two nodes shrinks to one number that
anybody can compute with nothing but integers. That computation is `element`; the fast implementations
(`fraction.adapters.exact`) are held to it by tests, and a referee contract follows the same lines.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from fraction.base import Rejected
from fraction.verification import float32

EXPONENT_FLOOR = -100
"""No row's grid is finer than that of numbers below 2**-100."""
SLICED_BITS = 14
"""Grid of what is multiplied with int8 weights: whole numbers up to 2**14."""
FINE_BITS = 20
"""Grid of both sides of any other product; up to 8192 terms stay below 2**53."""
FIXED_BITS = 20
"""Grid of the weights of the variant whose frozen products are as fine."""
SUM_BITS = 26
"""Grid of what is summed."""
SUM_LIMIT = 1 << 53
"""Whole numbers below are exact in a float64, and so is every partial sum of them."""

Read = Callable[[int, int], int]
"""`read(input, position)`: an element of an input by its place in row-major order; a float32 as its bits."""


@dataclass(frozen=True, slots=True)
class Application:
    """One operator used once: what shape its inputs and its output have."""

    operator: str
    inputs: tuple[tuple[int, ...], ...]
    """Shapes of the inputs."""
    output: tuple[int, ...]
    settings: tuple[int, ...] = ()
    """Whole numbers that say what inputs do not, such as the first and last column of `columns`."""


def fine_bits(terms: int, other_bits: int) -> int:
    """Return the bits of a product's grid: 20, or fewer where that many terms could leave the exact range.

    Raises:
        Rejected: the product has too many terms to be exact.
    """
    bits = FINE_BITS
    while terms << (bits + min(bits, other_bits)) > SUM_LIMIT:
        bits -= 1
    if bits < SLICED_BITS:
        raise Rejected(f"A product of {terms} terms is too long for exact arithmetic; use a smaller model or rows.")
    return bits


def element(application: Application, position: int, read: Read) -> int:
    """Return one element of an application's output, a float32 as its bits.

    Args:
        application: what was computed
        position: the element's place in row-major order
        read: gives the inputs' elements; what it is asked for is all that a proof has to hold

    Raises:
        Rejected: there is no such operator, or a number is not finite.
    """
    rule = _RULES.get(application.operator)
    if rule is None:
        raise Rejected(f"There is no operator {application.operator!r} in exact-v1.")
    return rule(application, position, read)


def exponential(x: int) -> int:
    """Return e**x of a float32: the polynomial that defines it, not the nearest number to the true value."""
    mul, add, sub = float32.multiply, float32.add, float32.subtract
    if float32.subtract(x, _EXP_LEAST) >> 31:
        return float32.ZERO
    clipped = x if float32.subtract(x, _EXP_MOST) >> 31 else _EXP_MOST
    n = float32.nearest_integer(mul(clipped, _EXP_SCALE))
    whole = float32.rounded(n, 0)
    r = sub(sub(clipped, mul(whole, _EXP_HIGH)), mul(whole, _EXP_LOW))
    p = _EXP_POLYNOMIAL[0]
    for coefficient in _EXP_POLYNOMIAL[1:]:
        p = add(mul(p, r), coefficient)
    p = add(add(mul(p, mul(r, r)), r), float32.ONE)
    return mul(p, float32.power_of_two(n))


_EXP_LEAST, _EXP_MOST = 0xC2AE0000, 0x42B00000  # -87 and 88
_EXP_SCALE, _EXP_HIGH, _EXP_LOW = 0x3FB8AA3B, 0x3F318000, 0xB95E8083  # 1 / ln 2; ln 2 in two parts
_EXP_POLYNOMIAL = (0x39506967, 0x3AB743CE, 0x3C088908, 0x3D2AA9C1, 0x3E2AAAAA, 0x3F000000)


def row_exponent(values: Sequence[int]) -> int:
    """Return the smallest e, not below -100, with abs(x) < 2**e for all float32 x."""
    return max(EXPONENT_FLOOR, max(float32.exponent_of(v) for v in values))


def _product(a: Sequence[int], b: Sequence[int], *grids: int) -> int:
    """Return round32(sum of a * b) * 2**grid * 2**grid."""
    result = float32.rounded(sum(x * y for x, y in zip(a, b, strict=True)), 0)
    for grid in grids:
        result = float32.multiply(result, float32.power_of_two(grid))
    return result


def _on_grid(values: Sequence[int], exponent: int, bits: int) -> list[int]:
    # the scaled number is a float32 too: only below 2**-126 does that round
    factor = float32.power_of_two(bits - exponent)
    return [float32.nearest_integer(float32.multiply(v, factor)) for v in values]


def _linear(a: Application, position: int, read: Read) -> int:
    row, column = divmod(position, a.output[-1])
    terms = a.inputs[0][-1]
    x = [read(0, row * terms + k) for k in range(terms)]
    weights = [read(1, column * terms + k) for k in range(terms)]
    e = row_exponent(x)
    y = _product(_on_grid(x, e, SLICED_BITS), weights, e - SLICED_BITS)
    return float32.multiply(y, read(2, column))


def _linear_back(a: Application, position: int, read: Read) -> int:
    row, column = divmod(position, a.output[-1])
    terms = a.inputs[0][-1]
    d = [float32.multiply(read(0, row * terms + k), read(2, k)) for k in range(terms)]
    weights = [read(1, k * a.output[-1] + column) for k in range(terms)]
    e = row_exponent(d)
    return _product(_on_grid(d, e, SLICED_BITS), weights, e - SLICED_BITS)


def _fixed(a: Application, position: int, read: Read) -> int:
    row, column = divmod(position, a.output[-1])
    terms = a.inputs[0][-1]
    forth = a.operator == "fixed"
    x = [read(0, row * terms + k) for k in range(terms)]
    weights = [read(1, column * terms + k if forth else k * a.output[-1] + column) for k in range(terms)]
    e, bits = row_exponent(x), fine_bits(terms, FIXED_BITS)
    return _product(_on_grid(x, e, bits), weights, e - bits, read(2, 0))


def _dot(a: Application, position: int, read: Read) -> int:
    *_, m, n = a.output
    terms = a.inputs[0][-1]
    batch, place = divmod(position, m * n)
    row, column = divmod(place, n)
    left = [read(0, (batch * m + row) * terms + k) for k in range(terms)]
    right = [read(1, (batch * n + column) * terms + k) for k in range(terms)]
    e, f, bits = row_exponent(left), row_exponent(right), fine_bits(terms, FINE_BITS)
    return _product(_on_grid(left, e, bits), _on_grid(right, f, bits), e - bits, f - bits)


def _fold(a: Application, position: int, read: Read) -> int:
    *_, m, n = a.output
    terms = a.inputs[0][-1]
    batch, place = divmod(position, m * n)
    row, column = divmod(place, n)
    exponents = [read(2, batch * terms + k) for k in range(terms)]
    left = [
        float32.multiply(read(0, (batch * m + row) * terms + k), float32.power_of_two(exponents[k]))
        for k in range(terms)
    ]
    e, bits = row_exponent(left), fine_bits(terms, FINE_BITS)
    right = [_on_grid([read(1, (batch * terms + k) * n + column)], exponents[k], bits)[0] for k in range(terms)]
    return _product(_on_grid(left, e, bits), right, e - bits, -bits)


def _row(a: Application, position: int, read: Read) -> list[int]:
    terms = a.inputs[0][-1]
    return [read(0, position * terms + k) for k in range(terms)]


def _exponents(a: Application, position: int, read: Read) -> int:
    return row_exponent(_row(a, position, read))


def _row_sum(a: Application, position: int, read: Read) -> int:
    values = _row(a, position, read)
    e = row_exponent(values)
    return _product(_on_grid(values, e, SUM_BITS), [1] * len(values), e - SUM_BITS)


def _row_max(a: Application, position: int, read: Read) -> int:
    largest, *others = _row(a, position, read)
    for value in others:
        largest = float32.greater(largest, value)
    return float32.add(largest, float32.ZERO)


def _each(compute: Callable[..., int]) -> Callable[[Application, int, Read], int]:
    """Return the rule of an operator on the elements at one place, shapes broadcast as usual."""

    def rule(a: Application, position: int, read: Read) -> int:
        places = _places(position, a.output)
        return compute(*(read(number, _broadcast(places, shape)) for number, shape in enumerate(a.inputs)))

    return rule


def _mask(a: Application, position: int, read: Read) -> int:
    *_, query, key = _places(position, a.output)
    return float32.LOWEST if key > query else read(0, position)


def _rotate(a: Application, position: int, read: Read) -> int:
    *_, token, place = _places(position, a.output)
    half = a.output[-1] // 2
    angle = token * half + place % half
    cos, sin = read(1, angle), read(2, angle)
    own = float32.multiply(read(0, position), cos)
    if place < half:
        return float32.subtract(own, float32.multiply(read(0, position + half), sin))
    return float32.add(own, float32.multiply(read(0, position - half), sin))


def _less_one(a: Application, position: int, read: Read) -> int:
    row, column = divmod(position, a.output[-1])
    return float32.subtract(read(0, position), float32.ONE if read(1, row) == column else float32.ZERO)


def _permute(a: Application, position: int, read: Read) -> int:
    places = _places(position, a.output)
    source = [0] * len(places)
    for place, side in zip(places, a.settings, strict=True):
        source[side] = place
    return read(0, _position(source, a.inputs[0]))


def _columns(a: Application, position: int, read: Read) -> int:
    row, column = divmod(position, a.output[-1])
    return read(0, row * a.inputs[0][-1] + a.settings[0] + column)


def _join(a: Application, position: int, read: Read) -> int:
    row, column = divmod(position, a.output[-1])
    part = 0
    while column >= a.inputs[part][-1]:
        column -= a.inputs[part][-1]
        part += 1
    return read(part, row * a.inputs[part][-1] + column)


def _item(a: Application, position: int, read: Read) -> int:
    size = prod(a.output[1:])
    group, rest = divmod(position, size)
    return read(0, (group * a.inputs[0][1] + a.settings[0]) * size + rest)


def _rows(a: Application, position: int, read: Read) -> int:
    row, column = divmod(position, a.output[-1])
    return read(0, read(1, row) * a.output[-1] + column)


def _place(a: Application, position: int, read: Read) -> int:
    row, column = divmod(position, a.output[-1])
    for number in range(a.inputs[1][0]):
        if read(1, number) == row:
            return read(0, number * a.output[-1] + column)
    return float32.ZERO


def _repeat(a: Application, position: int, read: Read) -> int:
    batch, head, *rest = _places(position, a.output)
    return read(0, _position([batch, head // a.settings[0], *rest], a.inputs[0]))


def _places(position: int, shape: Sequence[int]) -> list[int]:
    places: list[int] = []
    for side in reversed(shape):
        position, place = divmod(position, side)
        places.append(place)
    return places[::-1]


def _position(places: Sequence[int], shape: Sequence[int]) -> int:
    position = 0
    for place, side in zip(places, shape, strict=True):
        position = position * side + place
    return position


def _broadcast(places: Sequence[int], shape: Sequence[int]) -> int:
    own = places[len(places) - len(shape) :]
    return _position([0 if side == 1 else place for place, side in zip(own, shape, strict=True)], shape)


_RULES: Mapping[str, Callable[[Application, int, Read], int]] = {
    "linear": _linear,
    "linear_back": _linear_back,
    "fixed": _fixed,
    "fixed_back": _fixed,
    "dot": _dot,
    "exponents": _exponents,
    "fold": _fold,
    "row_sum": _row_sum,
    "row_max": _row_max,
    "add": _each(float32.add),
    "subtract": _each(float32.subtract),
    "multiply": _each(float32.multiply),
    "divide": _each(float32.divide),
    "sqrt": _each(float32.square_root),
    "exp": _each(exponential),
    "mask": _mask,
    "rotate": _rotate,
    "less_one": _less_one,
    "permute": _permute,
    "columns": _columns,
    "join": _join,
    "item": _item,
    "rows": _rows,
    "place": _place,
    "repeat": _repeat,
}
OPERATORS = tuple(sorted(_RULES))
"""Names of all operators of the class."""
