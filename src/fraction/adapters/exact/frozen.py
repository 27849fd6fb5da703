"""Frozen matrices as whole numbers: what `exact-v1` takes a base's weights to be.

    exact-v1         int8 for each weight, a float32 scale for each output: largest / 127; two int8 products
    exact-fixed-v1   20 bits for each weight on one grid for the matrix: as near to the weights as float32
                     products are, at the price of float64 products

Both follow from the float32 weights by single IEEE operations, whatever those came from; an NF4 base enters as the
float32 numbers that its codes stand for (level times block scale, one rounding), so an adapter fits the NF4 model
that serves it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fraction.adapters.exact.operators import divide, power_of_two
from fraction.base import Rejected
from fraction.verification.exact import EXPONENT_FLOOR, FIXED_BITS

_A_127TH = 0x3C010204
"""float32 bits of 1 / 127."""


@dataclass(frozen=True, slots=True)
class Sliced:
    """A matrix in int8 with a scale for each output."""

    weight: Tensor
    """int8 (outputs, inputs), -127 to 127"""
    scale: Tensor
    """float32 (outputs,)"""

    def matrix(self) -> Tensor:
        """Return the float32 matrix that it stands for."""
        return self.weight.float() * self.scale.unsqueeze(-1)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A matrix of whole numbers on one grid."""

    weight: Tensor
    """float64 (outputs, inputs), whole numbers up to 2**20"""
    grid: Tensor
    """int32 (): a weight is its whole number times 2**grid"""

    def matrix(self) -> Tensor:
        """Return the float32 matrix that it stands for."""
        return self.weight.float() * power_of_two(self.grid)


Frozen = Sliced | Fixed


def sliced(weight: Tensor) -> Sliced:
    """Return a float32 matrix (outputs, inputs) in int8.

    Raises:
        Rejected: a weight is not finite.
    """
    largest = _finite(weight).abs().amax(1)
    factor = torch.tensor(_A_127TH, dtype=torch.int32).view(torch.float32).to(weight.device)
    scale = torch.where(largest > 0, largest, torch.ones_like(largest)) * factor
    whole = divide(weight, scale.unsqueeze(-1)).round_().clamp_(-127, 127)
    return Sliced(whole.to(torch.int8), scale)


def fixed_point(weight: Tensor) -> Fixed:
    """Return a float32 matrix (outputs, inputs) on one grid of 20 bits.

    Raises:
        Rejected: a weight is not finite.
    """
    largest = _finite(weight).abs().amax().view(torch.int32)
    grid = ((largest >> 23) - 126).clamp_(min=EXPONENT_FLOOR) - FIXED_BITS
    return Fixed((weight * power_of_two(-grid)).round_().double(), grid)


def _finite(weight: Tensor) -> Tensor:
    if not bool(torch.isfinite(weight).all()):
        raise Rejected("The base has weights that are not finite; exact arithmetic takes finite numbers only.")
    return weight.float()
