"""The kernels in C: the bits of `twin.TorchKernels`, several times faster.

Products stay torch's (float64 or int8 matrix products of whole numbers); C puts numbers on their grids and back, and
does everything that is not a product in one pass over memory.
"""

import ctypes
import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from fraction.adapters.exact.compiler import compiled_kernels
from fraction.adapters.exact.frozen import Frozen, Sliced
from fraction.adapters.exact.kernels import AdamRates, single
from fraction.adapters.exact.operators import WholeProduct, int8_product, sliced_product
from fraction.adapters.exact.twin import TorchKernels
from fraction.verification.exact import FINE_BITS, fine_bits

_Argument = Tensor | int | float | None


class NativeKernels(TorchKernels):
    """The kernels in C, on a CPU."""

    def __init__(self, cache: Path, product: WholeProduct = sliced_product) -> None:
        """Load the kernels, compiling them into `cache` if need be.

        Raises:
            Unavailable: they cannot be compiled here.
        """
        super().__init__(product)
        self._library = compiled_kernels(cache)
        self._functions: dict[str, Callable[..., None]] = {}

    def linear(self, x: Tensor, weight: Frozen) -> Tensor:
        """Return (rows, outputs): x W^T."""
        if not isinstance(weight, Sliced) or self._product is not sliced_product:
            return super().linear(x, weight)
        return self._sliced(x, weight.weight.t(), None, weight.scale)

    def linear_back(self, d: Tensor, weight: Frozen) -> Tensor:
        """Return (rows, inputs): d W."""
        if not isinstance(weight, Sliced) or self._product is not sliced_product:
            return super().linear_back(d, weight)
        return self._sliced(d, weight.weight, weight.scale, None)

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """Return (..., m, n): a (..., m, k) times b (..., n, k) transposed."""
        bits = fine_bits(a.shape[-1], FINE_BITS)
        (p, e), (q, f) = self._on_grid(a, bits), self._on_grid(b, bits)
        return self._from_grid(torch.matmul(p, q.transpose(-1, -2)), e, f, bits)

    def mix(self, a: Tensor, b: Tensor) -> Tensor:
        """Return (..., m, n): a (..., m, k) times b (..., k, n)."""
        bits = fine_bits(a.shape[-1], FINE_BITS)
        q, fold = self._on_grid(b, bits)
        p, e = self._on_grid(a, bits, fold)
        return self._from_grid(torch.matmul(p, q), e, None, bits)

    def outer(self, a: Tensor, b: Tensor) -> Tensor:
        """Return (..., m, n): a (..., k, m) transposed times b (..., k, n)."""
        a = a.contiguous()
        *batch, terms, columns = a.shape
        bits = fine_bits(terms, FINE_BITS)
        q, fold = self._on_grid(b, bits)
        p = torch.empty(a.shape, dtype=torch.float64)
        e = torch.empty((*batch, columns), dtype=torch.int32)
        self._call("grid_columns", a, fold, p, e, torch.empty(columns), math.prod(batch), terms, columns, bits)
        if q.shape[-1] < columns:  # libraries are faster with the narrow side first; whole numbers do not mind
            sums = torch.matmul(q.transpose(-1, -2), p).transpose(-1, -2)
        else:
            sums = torch.matmul(p.transpose(-1, -2), q)
        return self._from_grid(sums, e, None, bits)

    def rms_norm(self, x: Tensor, weight: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
        """Return the normalised rows times `weight`; the normalised rows; (rows, 1) what they were multiplied by."""
        rows, columns = x.shape
        out, normal, factor = torch.empty(x.shape), torch.empty(x.shape), torch.empty(rows, 1)
        share, buffer = single(1 / columns), torch.empty(columns)
        self._call("rms_norm", x, weight, out, normal, factor, buffer, rows, columns, epsilon, share)
        return out, normal, factor

    def rms_norm_back(self, d: Tensor, weight: Tensor, normal: Tensor, factor: Tensor) -> Tensor:
        """Return the gradient by x."""
        rows, columns = d.shape
        out, share, buffer = torch.empty(d.shape), single(1 / columns), torch.empty(columns)
        self._call("rms_norm_back", d, weight, normal, factor, out, buffer, rows, columns, share)
        return out

    def attention_weights(self, scores: Tensor, factor: float) -> Tensor:
        """Return the softmax of each row of scores (..., tokens, tokens) times factor, later keys left out."""
        return self._softmax(scores, factor, scores.shape[-1])

    def softmax(self, x: Tensor) -> Tensor:
        """Return the softmax of each row."""
        return self._softmax(x, 1.0, 0)

    def attention_weights_back(self, d: Tensor, weights: Tensor, factor: float) -> Tensor:
        """Return the gradient by the scores."""
        columns = d.shape[-1]
        out, rows = torch.empty(d.shape), d.numel() // columns
        self._call("softmax_back", d, weights, out, torch.empty(columns), rows, columns, factor)
        return out

    def gate(self, g: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        """Return silu(g) * u, and the sigmoid of g."""
        out, sigmoid = torch.empty(g.shape), torch.empty(g.shape)
        self._call("gate", g, u, out, sigmoid, g.numel())
        return out, sigmoid

    def gate_back(self, g: Tensor, u: Tensor, sigmoid: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradients by g and by u."""
        by_g, by_u = torch.empty(g.shape), torch.empty(g.shape)
        self._call("gate_back", g, u, sigmoid, d, by_g, by_u, g.numel())
        return by_g, by_u

    def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Return (..., tokens, size) turned by the angles of the tables."""
        *groups, tokens, size = x.shape
        out = torch.empty(x.shape)
        self._call("rotate", x, cos, sin, out, math.prod(groups), tokens, size)
        return out

    def square_sums(self, x: Tensor) -> Tensor:
        """Return (rows, 1): the sum of squares of each row."""
        rows, columns = x.shape
        out = torch.empty(rows, 1)
        self._call("square_sums", x, out, torch.empty(columns), rows, columns)
        return out

    def adam(
        self, p: Tensor, g: Tensor, m: Tensor, v: Tensor, clip: Tensor, rates: AdamRates
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return (jobs, values) parameters and both moments after a step, gradients times clip (jobs, 1)."""
        new = [torch.empty(p.shape) for _ in range(3)]
        numbers = torch.tensor([
            rates.rate, rates.mean_kept, rates.mean_taken, rates.square_kept, rates.square_taken,
            rates.mean_unbiased, rates.square_unbiased, rates.epsilon,
        ])  # fmt: skip
        self._call("adam", p, g, m, v, clip, *new, *p.shape, numbers)
        return new[0], new[1], new[2]

    def _sliced(self, x: Tensor, weight: Tensor, before: Tensor | None, after: Tensor | None) -> Tensor:
        rows, terms = x.shape
        high, low = torch.empty(rows, terms, dtype=torch.int8), torch.empty(rows, terms, dtype=torch.int8)
        e = torch.empty(rows, dtype=torch.int32)
        self._call("slice_rows", x, before, high, low, e, torch.empty(terms), rows, terms)
        sums = int8_product(high, weight), int8_product(low, weight)
        out = torch.empty(rows, weight.shape[1])
        self._call("join_slices", *sums, e, after, out, *out.shape)
        return out

    def _on_grid(self, x: Tensor, bits: int, fold: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return float64 whole numbers like x, and int32 (...) exponents of its rows."""
        *_, m, columns = x.shape
        q, e = torch.empty(x.shape, dtype=torch.float64), torch.empty(x.shape[:-1], dtype=torch.int32)
        self._call("grid_rows", x, fold, q, e, torch.empty(columns), e.numel(), columns, m, bits)
        return q, e

    def _from_grid(self, sums: Tensor, e: Tensor, f: Tensor | None, bits: int) -> Tensor:
        *groups, m, n = sums.shape
        out = torch.empty(sums.shape)
        self._call("from_grid", sums, e, f, out, math.prod(groups), m, n, bits)
        return out

    def _softmax(self, x: Tensor, factor: float, tokens: int) -> Tensor:
        out, columns = torch.empty(x.shape), x.shape[-1]
        self._call("softmax", x, out, x.numel() // columns, columns, tokens, factor)
        return out

    def _call(self, name: str, *arguments: _Argument) -> None:
        """Call a kernel; tensors are made contiguous, and live until it returns."""
        if name not in self._functions:
            self._functions[name] = _typed(self._library, name, arguments)
        held = [a.contiguous() if isinstance(a, Tensor) else a for a in arguments]
        self._functions[name](*(a.data_ptr() if isinstance(a, Tensor) else a for a in held))


def _typed(library: ctypes.CDLL, name: str, arguments: tuple[_Argument, ...]) -> Callable[..., None]:
    """Return a kernel with its types: tensors are pointers, and a trailing bit count is an int."""
    function = library[name]
    kinds: list[type] = []
    for argument in arguments:
        is_pointer = argument is None or isinstance(argument, Tensor)
        kinds.append(
            ctypes.c_void_p if is_pointer else ctypes.c_float if isinstance(argument, float) else ctypes.c_long
        )
    if name in ("grid_rows", "grid_columns", "from_grid"):
        kinds[-1] = ctypes.c_int
    function.argtypes, function.restype = kinds, None
    return function
