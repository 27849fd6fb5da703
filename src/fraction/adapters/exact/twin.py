"""A step's kernels composed of the operators, in plain torch: the definition that faster kernels must equal.

With a listener it tells each operator application with its tensors, which is the trace that a dispute is about.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from fraction.adapters.exact.frozen import Frozen, Sliced
from fraction.adapters.exact.kernels import AdamRates, single
from fraction.adapters.exact.operators import OPERATORS, WholeProduct, whole_product
from fraction.verification.exact import Application

Listen = Callable[[Application, tuple[Tensor, ...], Tensor], None]
"""Called with each application, its inputs and its output."""


class TorchKernels:
    """The kernels in plain torch; runs wherever torch does, on GPUs too."""

    def __init__(self, product: WholeProduct = whole_product, listen: Listen | None = None) -> None:
        """Use `product` for int8 weights (see `selftest`); tell `listen` every application."""
        self._product = product
        self._listen = listen

    def linear(self, x: Tensor, weight: Frozen) -> Tensor:
        """Return (rows, outputs): x W^T."""
        return self._frozen("linear", "fixed", x, weight)

    def linear_back(self, d: Tensor, weight: Frozen) -> Tensor:
        """Return (rows, inputs): d W."""
        return self._frozen("linear_back", "fixed_back", d, weight)

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """Return (..., m, n): a (..., m, k) times b (..., n, k) transposed."""
        return self.do("dot", a, b)

    def mix(self, a: Tensor, b: Tensor) -> Tensor:
        """Return (..., m, n): a (..., m, k) times b (..., k, n)."""
        return self.do("fold", a, b, self.do("exponents", b))

    def outer(self, a: Tensor, b: Tensor) -> Tensor:
        """Return (..., m, n): a (..., k, m) transposed times b (..., k, n)."""
        *batch, _, _ = range(a.dim())
        return self.mix(self.do("permute", a, settings=(*batch, a.dim() - 1, a.dim() - 2)), b)

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        """Return a + b."""
        return self.do("add", a, b)

    def scale(self, a: Tensor, factor: float) -> Tensor:
        """Return a * factor."""
        return self.do("multiply", a, self._number(factor, a))

    def rms_norm(self, x: Tensor, weight: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
        """Return the normalised rows times `weight`; the normalised rows; (rows, 1) what they were multiplied by.

        Source: Zhang & Sennrich 2019, arXiv:1910.07467.
        """
        mean = self._mean(self.do("multiply", x, x))
        root = self.do("sqrt", self.do("add", mean, self._number(epsilon, x)))
        factor = self.do("divide", self._number(1.0, x), root)
        normal = self.do("multiply", x, factor)
        return self.do("multiply", normal, weight), normal, factor

    def rms_norm_back(self, d: Tensor, weight: Tensor, normal: Tensor, factor: Tensor) -> Tensor:
        """Return the gradient by x."""
        own = self.do("multiply", d, weight)
        mean = self._mean(self.do("multiply", own, normal))
        return self.do("multiply", self.do("subtract", own, self.do("multiply", normal, mean)), factor)

    def attention_weights(self, scores: Tensor, factor: float) -> Tensor:
        """Return the softmax of each row of scores (..., tokens, tokens) times factor, later keys left out."""
        return self.softmax(self.do("mask", self.scale(scores, factor)))

    def softmax(self, x: Tensor) -> Tensor:
        """Return the softmax of each row."""
        weights = self.do("exp", self.do("subtract", x, self.do("row_max", x)))
        return self.do("divide", weights, self.do("row_sum", weights))

    def attention_weights_back(self, d: Tensor, weights: Tensor, factor: float) -> Tensor:
        """Return the gradient by the scores."""
        mean = self.do("row_sum", self.do("multiply", d, weights))
        return self.scale(self.do("multiply", self.do("subtract", d, mean), weights), factor)

    def gate(self, g: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        """Return silu(g) * u, and the sigmoid of g."""
        one = self._number(1.0, g)
        grown = self.do("exp", self.do("subtract", self._number(0.0, g), g))
        sigmoid = self.do("divide", one, self.do("add", grown, one))
        return self.do("multiply", self.do("multiply", g, sigmoid), u), sigmoid

    def gate_back(self, g: Tensor, u: Tensor, sigmoid: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradients by g and by u."""
        one = self._number(1.0, g)
        by_u = self.do("multiply", d, self.do("multiply", g, sigmoid))
        rest = self.do("multiply", g, self.do("subtract", one, sigmoid))
        slope = self.do("multiply", sigmoid, self.do("add", rest, one))
        return self.do("multiply", self.do("multiply", d, u), slope), by_u

    def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Return (..., tokens, size) turned by the angles of the tables."""
        return self.do("rotate", x, cos, sin)

    def square_sums(self, x: Tensor) -> Tensor:
        """Return (rows, 1): the sum of squares of each row."""
        return self.do("row_sum", self.do("multiply", x, x))

    def adam(
        self, p: Tensor, g: Tensor, m: Tensor, v: Tensor, clip: Tensor, rates: AdamRates
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return (jobs, values) parameters and both moments after a step, gradients times clip (jobs, 1).

        Source: Kingma & Ba 2014, arXiv:1412.6980, algorithm 1.
        """
        x = self.do("multiply", g, clip)
        m = self.add(self.scale(m, rates.mean_kept), self.scale(x, rates.mean_taken))
        v = self.add(self.scale(v, rates.square_kept), self.scale(self.do("multiply", x, x), rates.square_taken))
        root = self.do("sqrt", self.scale(v, rates.square_unbiased))
        way = self.scale(self.scale(m, rates.mean_unbiased), rates.rate)
        move = self.do("divide", way, self.do("add", root, self._number(rates.epsilon, p)))
        return self.do("subtract", p, move), m, v

    def do(self, operator: str, *inputs: Tensor, settings: tuple[int, ...] = ()) -> Tensor:
        """Apply one operator, and tell the listener."""
        extra = (self._product,) if operator in ("linear", "linear_back") else ()
        output = OPERATORS[operator](*inputs, *settings, *extra)
        if self._listen is not None:
            shapes = tuple(tuple(x.shape) for x in inputs)
            self._listen(Application(operator, shapes, tuple(output.shape), settings), inputs, output)
        return output

    def _frozen(self, in_slices: str, on_grid: str, x: Tensor, weight: Frozen) -> Tensor:
        if isinstance(weight, Sliced):
            return self.do(in_slices, x, weight.weight, weight.scale)
        return self.do(on_grid, x, weight.weight, weight.grid)

    def _mean(self, x: Tensor) -> Tensor:
        return self.scale(self.do("row_sum", x), single(1 / x.shape[-1]))

    @staticmethod
    def _number(value: float, like: Tensor) -> Tensor:
        return torch.tensor(value, dtype=torch.float32, device=like.device)
