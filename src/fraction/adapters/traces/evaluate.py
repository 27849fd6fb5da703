"""Run a step's program in numpy, keep every value, and hash values by rows.

The bits are those of `fraction.verification.referee`: numpy rounds +, -, ·, / and square roots as IEEE 754 says, and
products are exact in doubles, in whatever order the library adds. Nothing here is fast; only disputed steps run here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fraction.base import Rejected
from fraction.verification.exact import EXPONENT_FLOOR, SUM_BITS
from fraction.verification.merkle import MerkleTree
from fraction.verification.program import Kind, Operator, Program, Source
from fraction.verification.tensors import rows_root

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


def matrix_root(matrix: Matrix) -> bytes:
    """Return the root of a value, without its tree."""
    return rows_root(row_bytes(matrix))


def run(
    program: Program, known: Known, alter: Callable[[int, NDArray[np.float32]], None] | None = None
) -> list[NDArray[np.float32]]:
    """Return the value of every operator.

    Args:
        program: a step
        known: what it reads
        alter: may change an operator's value in place, for showing that it is found

    Raises:
        Rejected: a number is not finite; such a training is void.
    """
    values: list[NDArray[np.float32]] = []
    sources = {**known, Source.OPERATOR: values}
    for number, operator in enumerate(program.operators):
        value = apply_finite(number, operator, [sources[v.source][v.index] for v in operator.inputs])
        if alter is not None:
            alter(number, value)
        values.append(value)
    return values


def apply_finite(number: int, operator: Operator, inputs: Sequence[Matrix]) -> NDArray[np.float32]:
    """Return what a step's operator of that number gives.

    Raises:
        Rejected: a number of it is not finite; such a training is void.
    """
    with np.errstate(all="ignore"):
        value = apply(operator, inputs)
    if not np.isfinite(value).all():
        raise Rejected(f"Operator {number} ({operator.kind.name}) has a result that is not finite.")
    return value


def apply(operator: Operator, inputs: Sequence[Matrix]) -> NDArray[np.float32]:
    """Return what one operator gives."""
    rule = _RULES.get(operator.kind)
    if rule is not None:
        return rule(operator, inputs)
    result = _ELEMENT_WISE[operator.kind](*inputs)
    return np.array(np.broadcast_to(result, (operator.rows, operator.columns)))


def _float(word: int) -> np.float32:
    return np.float32(np.array([word], np.uint32).view(np.float32)[0])


_LEAST, _MOST, _LOG2_E = _float(0xC2AE0000), _float(0x42B00000), _float(0x3FB8AA3B)
_LN2_HIGH, _LN2_LOW = _float(0x3F318000), _float(0xB95E8083)
_POLYNOMIAL = tuple(map(_float, (0x39506967, 0x3AB743CE, 0x3C088908, 0x3D2AA9C1, 0x3E2AAAAA, 0x3F000000)))


def _exponential(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what `verification.exact.exponential` gives, for all elements at once."""
    cut = np.minimum(np.maximum(x, _LEAST), _MOST)
    n = np.rint(cut * _LOG2_E)
    r = cut - n * _LN2_HIGH
    r = r - n * _LN2_LOW
    p = np.full_like(r, _POLYNOMIAL[0])
    for coefficient in _POLYNOMIAL[1:]:
        p = p * r + coefficient
    p = (p * (r * r) + r) + np.float32(1)
    return np.where(x < _LEAST, np.float32(0), p * _power(n.astype(np.int32)))


_ELEMENT_WISE: dict[Kind, Callable[..., NDArray[np.float32]]] = {
    Kind.ADD: np.add,
    Kind.SUBTRACT: np.subtract,
    Kind.MULTIPLY: np.multiply,
    Kind.DIVIDE: np.divide,
    Kind.SQUARE_ROOT: np.sqrt,
    Kind.EXPONENTIAL: _exponential,
    Kind.POWER: lambda a: _power(a.view(np.int32)),
    Kind.SELECT: lambda mask, a, b: np.where(mask.view(np.int32) != 0, a, b),
}


def _power(exponents: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return 2^exponent, made from bits."""
    return ((exponents + 127) << 23).astype(np.int32).view(np.float32)


def _exponents(rows: Matrix) -> NDArray[np.int32]:
    """Return each row's exponent, (rows, 1)."""
    words = np.ascontiguousarray(rows, np.float32).view(np.uint32) & np.uint32(0x7FFFFFFF)
    return np.maximum((words.max(1, keepdims=True) >> 23).astype(np.int32) - 126, EXPONENT_FLOOR)


def _quantise(rows: Matrix, bits: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return the rows as whole numbers, and the exponent of each row's unit."""
    exponents = _exponents(rows)
    return np.rint(rows * _power(bits - exponents)).astype(np.float64), exponents - np.int32(bits)


def _dot(operator: Operator, inputs: Sequence[Matrix]) -> NDArray[np.float32]:
    a, b = inputs
    rows, columns, bits_a, bits_b, unit = operator.parameters
    batches = operator.rows // rows
    left, unit_a = _quantise(a, bits_a)
    if bits_b:
        right, unit_b = _quantise(b, bits_b)
    else:
        right, unit_b = b.astype(np.float64), np.full((b.shape[0], 1), unit, np.int32)
    sums = left.reshape(batches, rows, -1) @ right.reshape(batches, columns, -1).transpose(0, 2, 1)
    scaled = (sums.astype(np.float32) + np.float32(0)) * _power(unit_a).reshape(batches, rows, 1)
    scaled = scaled * _power(unit_b).reshape(batches, 1, columns)
    return scaled.reshape(operator.rows, columns)


def _view(operator: Operator, inputs: Sequence[Matrix]) -> NDArray[Any]:
    offset, *numbers = operator.parameters
    places = np.array([offset])
    for size, stride in zip(numbers[::2], numbers[1::2], strict=True):
        places = (places[:, None] + np.arange(size) * stride).reshape(-1)
    return inputs[0].reshape(-1)[places].reshape(operator.rows, operator.columns)


def _look_up(_: Operator, inputs: Sequence[Matrix]) -> NDArray[np.float32]:
    ids = inputs[0][:, 0].view(np.int32)
    return np.where(ids[:, None] >= 0, inputs[1][np.maximum(ids, 0)], np.float32(0))


def _row_sum(_: Operator, inputs: Sequence[Matrix]) -> NDArray[np.float32]:
    whole, unit = _quantise(inputs[0], SUM_BITS)
    return (whole.sum(1, keepdims=True).astype(np.float32) + np.float32(0)) * _power(unit)


def _whole(operator: Operator, inputs: Sequence[Matrix]) -> NDArray[np.int32]:
    return np.rint(inputs[0] * _power(operator.parameters[0] - inputs[1].view(np.int32))).astype(np.int32)


_RULES: dict[Kind, Callable[[Operator, Sequence[Matrix]], NDArray[Any]]] = {
    Kind.DOT: _dot,
    Kind.VIEW: _view,
    Kind.JOIN: lambda _, inputs: np.concatenate(inputs, axis=1),
    Kind.LOOK_UP: _look_up,
    Kind.ONE_HOT: lambda o, inputs: (inputs[0].view(np.int32) == np.arange(o.columns)).astype(np.float32),
    Kind.EXPONENT: lambda _, inputs: _exponents(inputs[0]),
    Kind.WHOLE: _whole,
    Kind.ROW_SUM: _row_sum,
    Kind.ROW_MAXIMUM: lambda _, inputs: inputs[0].max(1, keepdims=True) + np.float32(0),
}
"""What is not element by element; some give whole numbers."""
