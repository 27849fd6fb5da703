"""Each operator of the exact class, written in the small operators that the referee contract decides.

`Recorder` stands where a step's kernels stand, computes nothing, and writes a program down: shapes go in, the program
comes out. A tensor is known by its bytes' place in memory, so views and reshapes cost nothing until an operator needs
other rows; then a `VIEW` is written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from fraction.adapters.exact.twin import TorchKernels
from fraction.base import Rejected
from fraction.verification.exact import FINE_BITS, FIXED_BITS, fine_bits
from fraction.verification.float32 import LOWEST
from fraction.verification.program import Kind, ProgramBuilder, Source, Value
from fraction.verification.tensors import flat_shape

_Place = tuple[int, int, int]


class Named(float):
    """A number that each step has its own of: it is read from the step's data under `name`."""

    def __new__(cls, name: str) -> "Named":
        """Return the number of that name; its value says nothing."""
        number = super().__new__(cls, 0.5)
        number.name = name
        return number

    name: str


@dataclass(frozen=True, slots=True)
class Matrices:
    """The two ways in which a frozen matrix is read."""

    forth: Value
    back: Value
    """The transposed one."""


class Recorder(TorchKernels):
    """Kernels that write a program down instead of computing."""

    def __init__(self) -> None:
        """Begin with an empty program."""
        super().__init__()
        self.builder = ProgramBuilder()
        self.numbers: dict[int, Value] = {}
        """Constants of one number, by bits, in the order in which they were first used."""
        self.named: dict[str, Value] = {}
        """What a step's data hold, by name; whoever records fills it."""
        self.weights: dict[_Place, Matrices] = {}
        self.mask: Value | None = None
        """Square, 0 where the key comes after the query."""
        self.first_number = 0
        """Where the numbers stand among the constants: behind the others."""
        self._values: dict[_Place, Value] = {}
        self._shaped: dict[tuple[Source, int, int], Value] = {}
        self._turned: dict[tuple[int, int], Value] = {}
        self._alive: list[Tensor] = []

    def know(self, tensor: Tensor, value: Value) -> None:
        """Let `tensor` stand for `value` from now on."""
        self._alive.append(tensor)  # its place in memory is its name
        self._values[_place(tensor)] = value

    def know_weight(self, weight: Tensor, matrices: Matrices) -> None:
        """Let a frozen matrix stand for two constants."""
        self._alive.append(weight)
        self.weights[_place(weight)] = matrices

    def number(self, bits: int) -> Value:
        """Return the constant of one number."""
        if bits not in self.numbers:
            self.numbers[bits] = Value(Source.CONSTANT, self.first_number + len(self.numbers), 1, 1)
        return self.numbers[bits]

    def value(self, tensor: Tensor) -> Value:
        """Return what `tensor` stands for, in whatever rows.

        Raises:
            Rejected: nobody said, and it is no single number.
        """
        found = self._values.get(_place(tensor))
        if found is not None:
            return found
        if tensor.numel() != 1:
            raise Rejected("A step reads a tensor that is neither computed nor given; it cannot be specified.")
        return self.number(int(tensor.float().reshape(()).view(torch.int32)) & 0xFFFFFFFF)

    def matrix(self, tensor: Tensor, columns: int = 0) -> Value:
        """Return what `tensor` stands for in rows of `columns`; 0: of its last side."""
        return self.in_rows(self.value(tensor), columns or tensor.shape[-1])

    def in_rows(self, value: Value, columns: int) -> Value:
        """Return the same numbers in rows of `columns`."""
        if value.columns == columns:
            return value
        key = (value.source, value.index, columns)
        if key not in self._shaped:
            count = value.rows * value.columns
            self._shaped[key] = self.builder.view(value, count // columns, columns, 0, (count, 1))
        return self._shaped[key]

    def state(self, tensor: Tensor) -> Value:
        """Write the rows in which a state's tensor is hashed; return them."""
        value = self.value(tensor)
        count = value.rows * value.columns
        return self.builder.view(value, *flat_shape(count), 0, (count, 1))

    def turned(self, sine: Value, copies: int) -> Value:
        """Return a rotary table, (tokens, size), once for each of `copies` heads."""
        key = (sine.index, copies)
        if key not in self._turned:
            steps = ((copies, 0), (sine.rows, sine.columns), (sine.columns, 1))
            self._turned[key] = self.builder.view(sine, copies * sine.rows, sine.columns, 0, *steps)
        return self._turned[key]

    def do(self, operator: str, *inputs: Tensor, settings: tuple[int, ...] = ()) -> Tensor:
        """Write one operator down; return a tensor of the shape of what it would give."""
        value, shape = _RULES[operator](self, inputs, settings)
        output = torch.empty(shape)
        self.know(output, value)
        return output

    def _number(self, value: float, like: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        if not isinstance(value, Named):
            return super()._number(value, like)
        number = torch.empty(())
        self.know(number, self.named[value.name])
        return number


_Rule = Callable[[Recorder, tuple[Tensor, ...], tuple[int, ...]], tuple[Value, Sequence[int]]]


def _place(tensor: Tensor) -> _Place:
    return tensor.untyped_storage().data_ptr(), int(tensor.storage_offset()), tensor.numel()


def _element_wise(kind: Kind) -> _Rule:
    def rule(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
        shape = torch.broadcast_shapes(*(x.shape for x in inputs))
        count = prod(shape)
        if all(x.numel() in (1, count) for x in inputs):  # any rows do: those of the first
            columns = next(r.value(x) for x in inputs if x.numel() == count).columns
            values = [r.matrix(x, columns) if x.numel() == count else r.value(x) for x in inputs]
        else:
            values = [_beside(r, x, shape) for x in inputs]
        return r.builder.element_wise(kind, *values), shape

    return rule


def _beside(r: Recorder, tensor: Tensor, shape: Sequence[int]) -> Value:
    """Return an input of an operator on equal places, where it is not as large as the output."""
    if tensor.numel() == 1:
        return r.value(tensor)
    own = (1,) * (len(shape) - tensor.dim()) + tuple(tensor.shape)
    if own[:-1] == tuple(shape[:-1]) or prod(own[:-1]) == 1:
        return r.matrix(tensor)
    strides = [prod(own[place + 1 :]) if side > 1 else 0 for place, side in enumerate(own)]
    return r.builder.view(r.value(tensor), prod(shape[:-1]), shape[-1], 0, *zip(shape, strides, strict=True))


def _linear(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    x, weight, scale = inputs
    product = r.builder.dot(r.matrix(x), r.weights[_place(weight)].forth)
    return r.builder.multiply(product, r.matrix(scale)), (*x.shape[:-1], weight.shape[0])


def _linear_back(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    d, weight, scale = inputs
    scaled = r.builder.multiply(r.matrix(d), r.matrix(scale))
    return r.builder.dot(scaled, r.weights[_place(weight)].back), (*d.shape[:-1], weight.shape[1])


def _fixed(forth: bool) -> _Rule:
    def rule(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
        x, weight, grid = inputs
        matrices = r.weights[_place(weight)]
        a, b = r.matrix(x), matrices.forth if forth else matrices.back
        bits = fine_bits(a.columns, FIXED_BITS)
        product = r.builder.apply(Kind.DOT, (a, b), a.rows, b.rows, a.rows, b.rows, bits, 0, int(grid))
        return product, (*x.shape[:-1], b.rows)

    return rule


def _dot(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    a, b = inputs
    shape = (*a.shape[:-1], b.shape[-2])
    return r.builder.dot(r.matrix(a), r.matrix(b), prod(a.shape[:-2])), shape


def _fold(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    """The exponents of b's rows move into a; what is left of b are whole numbers."""
    a, b, exponent = inputs
    *batch, m, k = a.shape
    n, batches, bits = b.shape[-1], prod(batch), fine_bits(k, FINE_BITS)
    exponents = r.matrix(exponent, 1)
    powers = r.builder.view(r.builder.element_wise(Kind.POWER, exponents), batches, k, 0, (batches * k, 1))
    if batches > 1:
        powers = r.builder.view(powers, batches * m, k, 0, (batches, k), (m, 0), (k, 1))
    shifted = r.builder.multiply(r.matrix(a), powers)
    right = r.matrix(b)
    whole = r.builder.apply(Kind.WHOLE, (right, exponents), right.rows, right.columns, bits)
    turned = r.builder.transpose(whole, batches)
    product = r.builder.apply(Kind.DOT, (shifted, turned), batches * m, n, m, n, bits, 0, -bits)
    return product, (*batch, m, n)


def _of_a_row(kind: Kind, keeps_side: bool) -> _Rule:
    def rule(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
        a = r.matrix(inputs[0])
        leading = inputs[0].shape[:-1]
        return r.builder.apply(kind, (a,), a.rows, 1), (*leading, 1) if keeps_side else leading

    return rule


def _mask(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    x, tokens = inputs[0], inputs[0].shape[-1]
    if r.mask is None or r.mask.rows != tokens:
        raise Rejected("The step's mask has another length than its scores.")
    seen = r.turned(r.mask, x.numel() // tokens**2)
    return r.builder.element_wise(Kind.SELECT, seen, r.matrix(x), r.number(LOWEST)), x.shape


def _rotate(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    """Halves (a, b) become (a cos + b (-sin), b cos + a sin): the tables hold both halves, signs included."""
    x, cos, sin = inputs
    value, size = r.matrix(x), x.shape[-1]
    copies, half = value.rows // x.shape[-2], size // 2
    swapped = r.builder.view(value, value.rows, size, half, (value.rows, size), (2, -half), (half, 1))
    own = r.builder.multiply(value, r.turned(r.value(cos), copies))
    return r.builder.add(own, r.builder.multiply(swapped, r.turned(r.value(sin), copies))), x.shape


def _less_one(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    x, labels = r.matrix(inputs[0]), r.value(inputs[1])
    return r.builder.subtract(x, r.builder.apply(Kind.ONE_HOT, (labels,), x.rows, x.columns)), inputs[0].shape


def _permute(r: Recorder, inputs: tuple[Tensor, ...], settings: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    sides = inputs[0].shape
    shape = [sides[side] for side in settings]
    steps = [(sides[side], prod(sides[side + 1 :])) for side in settings]
    return r.builder.view(r.value(inputs[0]), prod(shape[:-1]), shape[-1], 0, *steps), shape


def _columns(r: Recorder, inputs: tuple[Tensor, ...], settings: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    a, (start, stop) = r.matrix(inputs[0]), settings
    part = r.builder.view(a, a.rows, stop - start, start, (a.rows, a.columns), (stop - start, 1))
    return part, (*inputs[0].shape[:-1], stop - start)


def _join(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    joined = r.matrix(inputs[0])
    for part in inputs[1:]:
        joined = r.builder.join(joined, r.matrix(part))
    return joined, (*inputs[0].shape[:-1], joined.columns)


def _item(r: Recorder, inputs: tuple[Tensor, ...], settings: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    groups, stacked, *rest = inputs[0].shape
    size, columns = prod(rest), rest[-1]
    steps = ((groups, stacked * size), (size, 1))
    found = r.builder.view(r.value(inputs[0]), groups * size // columns, columns, settings[0] * size, *steps)
    return found, (groups, *rest)


def _rows(r: Recorder, inputs: tuple[Tensor, ...], _: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    table, numbers = r.matrix(inputs[0]), r.value(inputs[1])
    found = r.builder.apply(Kind.LOOK_UP, (numbers, table), numbers.rows, table.columns)
    return found, (numbers.rows, table.columns)


def _put(r: Recorder, inputs: tuple[Tensor, ...], settings: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    """Each row looks up which of x's it is; the step's data say it."""
    x = r.matrix(inputs[0])
    found = r.builder.apply(Kind.LOOK_UP, (r.named["places"], x), settings[0], x.columns)
    return found, (settings[0], x.columns)


def _repeat(r: Recorder, inputs: tuple[Tensor, ...], settings: tuple[int, ...]) -> tuple[Value, Sequence[int]]:
    batch, heads, tokens, size = inputs[0].shape
    head, times = tokens * size, settings[0]
    steps = ((batch, heads * head), (heads, head), (times, 0), (head, 1))
    rows = batch * heads * times * tokens
    return r.builder.view(r.value(inputs[0]), rows, size, 0, *steps), (batch, heads * times, tokens, size)


_RULES: Mapping[str, _Rule] = {
    "linear": _linear,
    "linear_back": _linear_back,
    "fixed": _fixed(forth=True),
    "fixed_back": _fixed(forth=False),
    "dot": _dot,
    "fold": _fold,
    "exponents": _of_a_row(Kind.EXPONENT, keeps_side=False),
    "row_sum": _of_a_row(Kind.ROW_SUM, keeps_side=True),
    "row_max": _of_a_row(Kind.ROW_MAXIMUM, keeps_side=True),
    "add": _element_wise(Kind.ADD),
    "subtract": _element_wise(Kind.SUBTRACT),
    "multiply": _element_wise(Kind.MULTIPLY),
    "divide": _element_wise(Kind.DIVIDE),
    "sqrt": _element_wise(Kind.SQUARE_ROOT),
    "exp": _element_wise(Kind.EXPONENTIAL),
    "mask": _mask,
    "rotate": _rotate,
    "less_one": _less_one,
    "permute": _permute,
    "columns": _columns,
    "join": _join,
    "item": _item,
    "rows": _rows,
    "place": _put,
    "repeat": _repeat,
}
