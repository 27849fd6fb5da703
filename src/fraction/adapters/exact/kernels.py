"""What a model needs computed: the seam between the model and its two back ends, which give the same bits."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from fraction.adapters.exact.frozen import Frozen


@dataclass(frozen=True, slots=True)
class AdamRates:
    """What moves one step's parameters, each a float32 number."""

    rate: float
    mean_kept: float
    mean_taken: float
    square_kept: float
    square_taken: float
    mean_unbiased: float
    """1 / (1 - beta_1**step)"""
    square_unbiased: float
    epsilon: float


class Kernels(Protocol):
    """One way to compute; `twin.TorchKernels` says what each kernel gives."""

    def linear(self, x: Tensor, weight: Frozen) -> Tensor:
        """Return (rows, outputs): x W^T."""
        ...

    def linear_back(self, d: Tensor, weight: Frozen) -> Tensor:
        """Return (rows, inputs): d W."""
        ...

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """Return (..., m, n): a (..., m, k) times b (..., n, k) transposed."""
        ...

    def mix(self, a: Tensor, b: Tensor) -> Tensor:
        """Return (..., m, n): a (..., m, k) times b (..., k, n)."""
        ...

    def outer(self, a: Tensor, b: Tensor) -> Tensor:
        """Return (..., m, n): a (..., k, m) transposed times b (..., k, n)."""
        ...

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        """Return a + b."""
        ...

    def scale(self, a: Tensor, factor: float) -> Tensor:
        """Return a * factor."""
        ...

    def rms_norm(self, x: Tensor, weight: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
        """Return the normalised rows times `weight`; the normalised rows; (rows, 1) what they were multiplied by."""
        ...

    def rms_norm_back(self, d: Tensor, weight: Tensor, normal: Tensor, factor: Tensor) -> Tensor:
        """Return the gradient by x."""
        ...

    def attention_weights(self, scores: Tensor, factor: float) -> Tensor:
        """Return the softmax of each row of scores (..., tokens, tokens) times factor, later keys left out."""
        ...

    def attention_weights_back(self, d: Tensor, weights: Tensor, factor: float) -> Tensor:
        """Return the gradient by the scores."""
        ...

    def softmax(self, x: Tensor) -> Tensor:
        """Return the softmax of each row."""
        ...

    def gate(self, g: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        """Return silu(g) * u, and the sigmoid of g."""
        ...

    def gate_back(self, g: Tensor, u: Tensor, sigmoid: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradients by g and by u."""
        ...

    def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Return (..., tokens, size) turned by the angles of the tables."""
        ...

    def square_sums(self, x: Tensor) -> Tensor:
        """Return (rows, 1): the sum of squares of each row."""
        ...

    def adam(
        self, p: Tensor, g: Tensor, m: Tensor, v: Tensor, clip: Tensor, rates: AdamRates
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return (jobs, values) parameters and both moments after a step, gradients times clip (jobs, 1)."""
        ...

    def do(self, operator: str, *inputs: Tensor, settings: tuple[int, ...] = ()) -> Tensor:
        """Return the output of one operator: index maps, and whatever is too small to be worth a kernel."""
        ...


def single(value: float) -> float:
    """Return the float32 nearest to a float64."""
    return float(torch.tensor(value, dtype=torch.float32))
