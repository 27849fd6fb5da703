"""Run a step's program in numpy, keep every value, and hash values by rows.

The bits are those of `fraction.verification.referee`: numpy rounds +, -, ·, / and square roots as IEEE 754 says, and
products are exact in doubles, in whatever order the library adds. Nothing here is fast; only disputed steps run here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fraction.base import Rejected
from fraction.verification import softfloat
from fraction.verification.dot import LEAST_EXPONENT
from fraction.verification.merkle import MerkleTree
from fraction.verification.program import Kind, Operator, Program, Source

Matrix: TypeAlias = NDArray[np.float32] | NDArray[np.int8] | NDArray[np.int32]
Known: TypeAlias = Mapping[Source, Sequence[Matrix]]
"""The values that a step reads, by source."""


def row_bytes(matrix: Matrix) -> list[bytes]:
    """Return the rows as they are hashed: big-endian."""
    swapped = matrix.astype(matrix.dtype.newbyteorder(">"))
    return [row.tobytes() for row in swapped]


def matrix_tree(matrix: Matrix) -> MerkleTree:
    """Return the tree over a value's rows."""
    return MerkleTree(row_bytes(matrix))


def run(program: Program, known: Known) -> list[NDArray[np.float32]]:
    """Return the value of every operator.

    Raises:
        Rejected: a number is not finite; such a training is void.
    """
    values: list[NDArray[np.float32]] = []
    sources = {**known, Source.OPERATOR: values}
    with np.errstate(all="ignore"):
        for number, operator in enumerate(program.operators):
            value = apply(operator, [sources[v.source][v.index] for v in operator.inputs])
            if not np.isfinite(value).all():
                raise Rejected(f"Operator {number} ({operator.kind.name}) has a result that is not finite.")
            values.append(value)
    return values


def apply(operator: Operator, inputs: Sequence[Matrix]) -> NDArray[np.float32]:
    """Return what one operator gives."""
    a = inputs[0]
    shape = operator.rows, operator.columns
    match operator.kind:
        case Kind.DOT:
            return _dot(operator, a, inputs[1])
        case Kind.VIEW:
            return _view(operator, a)
        case Kind.LOOK_UP:
            return inputs[1][a[:, 0].view(np.int32)].astype(np.float32)
        case Kind.ONE_HOT:
            return (a.view(np.int32) == np.arange(operator.columns)).astype(np.float32)
        case Kind.ROW_SUM:
            return _row_sum(a)
        case Kind.ROW_MAXIMUM:
            return np.take_along_axis(a, a.argmax(1, keepdims=True), 1)
        case Kind.SELECT:
            return np.broadcast_to(np.where(a.view(np.int32) != 0, inputs[1], inputs[2]), shape).astype(np.float32)
        case _:
            result = _ELEMENT_WISE[operator.kind](*inputs)
            return np.ascontiguousarray(np.broadcast_to(result, shape))


def _exponential(x: NDArray[np.float32]) -> NDArray[np.float32]:
    cut = np.minimum(np.maximum(x, _float(softfloat.EXP_LOW)), _float(softfloat.EXP_HIGH))
    n = np.rint(cut * _float(softfloat.LOG2_E))
    r = cut - n * _float(softfloat.LN2_HIGH)
    r = r - n * _float(softfloat.LN2_LOW)
    p = np.full_like(r, _float(softfloat.EXP_COEFFICIENTS[0]))
    for coefficient in softfloat.EXP_COEFFICIENTS[1:]:
        p = p * r + _float(coefficient)
    p = (p * (r * r) + r) + np.float32(1)
    return np.where(x < _float(softfloat.EXP_LOW), np.float32(0), p * _power(n.astype(np.int32)))


_ELEMENT_WISE: dict[Kind, Callable[..., NDArray[np.float32]]] = {
    Kind.ADD: np.add,
    Kind.SUBTRACT: np.subtract,
    Kind.MULTIPLY: np.multiply,
    Kind.DIVIDE: np.divide,
    Kind.MAXIMUM: lambda a, b: np.where(a > b, a, b),
    Kind.MINIMUM: lambda a, b: np.where(a < b, a, b),
    Kind.SQUARE_ROOT: np.sqrt,
    Kind.EXPONENTIAL: _exponential,
}


def _float(word: int) -> np.float32:
    return np.array(word, np.uint32).view(np.float32)[()]


def _power(exponents: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return 2^exponent, made from bits."""
    return ((exponents + 127) << 23).astype(np.int32).view(np.float32)


def _row_sum(a: Matrix) -> NDArray[np.float32]:
    width = 1 << (a.shape[1] - 1).bit_length()
    row = np.zeros((a.shape[0], width), np.float32)
    row[:, : a.shape[1]] = a
    while width > 1:
        width //= 2
        row = row[:, :width] + row[:, width : 2 * width]
    return row


def _quantise(rows: Matrix, bits: int, limit: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return the rows as integers, and the exponent of each row's unit."""
    words = np.ascontiguousarray(rows, np.float32).view(np.uint32) & np.uint32(0x7FFFFFFF)
    exponents = np.maximum((words.max(1, keepdims=True) >> 23).astype(np.int32) - 126, LEAST_EXPONENT)
    integers = np.rint(rows * _power(bits - exponents)).astype(np.float64)
    return np.clip(integers, -limit, limit), (exponents - bits).astype(np.int32)


def _dot(operator: Operator, a: Matrix, b: Matrix) -> NDArray[np.float32]:
    rows, columns, bits_a, limit_a, bits_b = operator.parameters
    batches = operator.rows // rows
    left, unit_a = _quantise(a, bits_a, limit_a)
    if bits_b:
        right, unit_b = _quantise(b, bits_b, 1 << bits_b)
    else:
        right, unit_b = b.astype(np.float64), None
    sums = left.reshape(batches, rows, -1) @ right.reshape(batches, columns, -1).transpose(0, 2, 1)
    scaled = sums.astype(np.float32) * _power(unit_a).reshape(batches, rows, 1)
    if unit_b is not None:
        scaled = scaled * _power(unit_b).reshape(batches, 1, columns)
    return scaled.reshape(operator.rows, columns)


def _view(operator: Operator, a: Matrix) -> NDArray[np.float32]:
    offset, *numbers = operator.parameters
    places = np.array([offset])
    for size, stride in zip(numbers[::2], numbers[1::2], strict=True):
        places = (places[:, None] + np.arange(size) * stride).reshape(-1)
    return a.reshape(-1)[places].reshape(operator.rows, operator.columns)
