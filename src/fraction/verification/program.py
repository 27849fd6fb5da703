"""A training step as a straight-line program: operators so small that a contract can recompute any number of them.

Every value is a matrix of 32-bit words in rows (float32, or whole numbers), hashed row by row. An operator reads
earlier values and makes one new one; each of its numbers depends on a few rows at most. Where an input has one row,
or one column, it serves all rows or columns.

    step        operator 0, 1, …, n-s-1 | n-s, …, n-1     the last s are the state after the step
    trace       Merkle tree over the roots of the first n-s values; made only in a dispute
    state       Merkle tree over the roots of the last s values; one leaf of the claim a step

The program depends on shapes only, never on values: one program serves all steps of a training.
"""

import struct
from dataclasses import dataclass, field
from enum import Enum

from fraction.base import Rejected
from fraction.verification.exact import FINE_BITS, SLICED_BITS, fine_bits

MAX_DIMENSIONS = 5
"""Of a `VIEW`."""


class Kind(Enum):
    """What an operator does to row r, column c; the numbers are those of the referee contract."""

    ADD = 0
    SUBTRACT = 1
    MULTIPLY = 2
    DIVIDE = 3
    SQUARE_ROOT = 4
    EXPONENTIAL = 5
    POWER = 6
    """2^a, of a whole number a."""
    WHOLE = 7
    """a · 2^(bits - e) to the nearest whole number. Inputs: a, whole numbers e. Parameter: bits."""
    EXPONENT = 8
    """The smallest e, -100 at least, with every number of the row below 2^e; one column."""
    ROW_SUM = 9
    """The sum of the row as whole numbers on a grid of 26 bits, rounded once; one column."""
    ROW_MAXIMUM = 10
    """The row's largest number; one column."""
    DOT = 11
    """Row r of a times a row of b, as whole numbers. Parameters: rows of a and of b in a batch, bits of a's grid and
    of b's (0: b holds whole numbers), exponent of b's unit then."""
    VIEW = 12
    """Element (r, c) is a's element at an affine place. Parameters: offset, then size and stride by dimension."""
    JOIN = 13
    """Row r of a, then row r of b."""
    LOOK_UP = 14
    """Row ids[r] of a table; zeros where ids[r] is -1. Inputs: ids (one column of whole numbers), table."""
    ONE_HOT = 15
    """1 where c = ids[r], else 0."""
    SELECT = 16
    """a where the mask's word is not 0, else b. Inputs: mask, a, b."""


class Source(Enum):
    """Where an input comes from."""

    OPERATOR = 0
    """An earlier operator of this step."""
    STATE = 1
    """The state before this step."""
    CONSTANT = 2
    """The frozen base and tables; the same in every step."""
    DATA = 3
    """What is particular to this step: tokens, learning rate."""


@dataclass(frozen=True, slots=True)
class Value:
    """A matrix that operators can read."""

    source: Source
    index: int
    """Among the values of its source."""
    rows: int
    columns: int
    width: int = 4
    """Bytes of an element: 4, or 1 for int8."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One application: what is done, to what, and the shape of what comes out."""

    kind: Kind
    inputs: tuple[Value, ...]
    rows: int
    columns: int
    parameters: tuple[int, ...] = ()

    def encode(self) -> bytes:
        """Return the operator as the referee contract reads it, numbers big-endian.

        kind (1 byte), rows, columns (4 each), inputs (1), parameters (1); for each input source (1), index, rows,
        columns (4 each), width (1); each parameter in 8 bytes with sign.
        """
        head = struct.pack(">BIIBB", self.kind.value, self.rows, self.columns, len(self.inputs), len(self.parameters))
        inputs = b"".join(
            struct.pack(">BIIIB", v.source.value, v.index, v.rows, v.columns, v.width) for v in self.inputs
        )
        return head + inputs + b"".join(struct.pack(">q", p) for p in self.parameters)


@dataclass(frozen=True, slots=True)
class Program:
    """One step."""

    operators: tuple[Operator, ...]
    states: int
    """How many of the last operators are the state after the step."""

    def encoded(self) -> list[bytes]:
        """Return every operator as the contract reads it; the root over them enters the specification."""
        return [operator.encode() for operator in self.operators]

    @property
    def inner(self) -> int:
        """How many operators come before those that are the state."""
        return len(self.operators) - self.states


@dataclass(slots=True)
class ProgramBuilder:
    """Writes a program down, operator by operator; the methods return the new values."""

    operators: list[Operator] = field(default_factory=list[Operator])

    def apply(self, kind: Kind, inputs: tuple[Value, ...], rows: int, columns: int, *parameters: int) -> Value:
        """Append an operator."""
        self.operators.append(Operator(kind, inputs, rows, columns, parameters))
        return Value(Source.OPERATOR, len(self.operators) - 1, rows, columns)

    def element_wise(self, kind: Kind, *inputs: Value) -> Value:
        """Append an operator on equal places; inputs of one row or column are repeated.

        Raises:
            Rejected: the shapes do not fit.
        """
        rows, columns = max(v.rows for v in inputs), max(v.columns for v in inputs)
        if any(v.rows not in (1, rows) or v.columns not in (1, columns) for v in inputs):
            raise Rejected(f"{kind.name} cannot combine {[(v.rows, v.columns) for v in inputs]}.")
        return self.apply(kind, inputs, rows, columns)

    def add(self, a: Value, b: Value) -> Value:
        """Return a + b."""
        return self.element_wise(Kind.ADD, a, b)

    def subtract(self, a: Value, b: Value) -> Value:
        """Return a - b."""
        return self.element_wise(Kind.SUBTRACT, a, b)

    def multiply(self, a: Value, b: Value) -> Value:
        """Return a · b, element by element."""
        return self.element_wise(Kind.MULTIPLY, a, b)

    def divide(self, a: Value, b: Value) -> Value:
        """Return a / b."""
        return self.element_wise(Kind.DIVIDE, a, b)

    def row_sum(self, a: Value) -> Value:
        """Return each row's sum."""
        return self.apply(Kind.ROW_SUM, (a,), a.rows, 1)

    def dot(self, a: Value, b: Value, batches: int = 1) -> Value:
        """Return a · bᵀ, for each of `batches` equal parts of the rows.

        Raises:
            Rejected: the shapes do not fit.
        """
        if a.columns != b.columns or a.rows % batches or b.rows % batches:
            raise Rejected(f"There is no product of {a.rows}x{a.columns} and {b.rows}x{b.columns} by {batches}.")
        rows, columns = a.rows // batches, b.rows // batches
        bits = (SLICED_BITS, 0) if b.width == 1 else (fine_bits(a.columns, FINE_BITS),) * 2
        return self.apply(Kind.DOT, (a, b), a.rows, columns, rows, columns, *bits, 0)

    def join(self, a: Value, b: Value) -> Value:
        """Return the rows of a with those of b behind them."""
        return self.apply(Kind.JOIN, (a, b), a.rows, a.columns + b.columns)

    def view(self, a: Value, rows: int, columns: int, offset: int, *dimensions: tuple[int, int]) -> Value:
        """Return the matrix whose element n is a's at offset + Σ place·stride; `dimensions` are (size, stride).

        Raises:
            Rejected: there are too many dimensions, or they do not give that many elements.
        """
        count = 1
        for size, _ in dimensions:
            count *= size
        if len(dimensions) > MAX_DIMENSIONS or count != rows * columns:
            raise Rejected(f"{dimensions} is no view of {rows}x{columns} elements.")
        flat = [number for dimension in dimensions for number in dimension]
        return self.apply(Kind.VIEW, (a,), rows, columns, offset, *flat)

    def transpose(self, a: Value, batches: int = 1) -> Value:
        """Return each of `batches` equal parts of the rows transposed, one beneath the other."""
        height = a.rows // batches
        part = (batches, height * a.columns)
        return self.view(a, batches * a.columns, height, 0, part, (a.columns, 1), (height, a.columns))

    def finish(self, state: tuple[Value, ...]) -> Program:
        """Return the program whose state after the step is `state`, copied to the end in this order."""
        for value in state:
            self.view(value, value.rows, value.columns, 0, (value.rows * value.columns, 1))
        return Program(tuple(self.operators), len(state))
