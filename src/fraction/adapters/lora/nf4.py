"""NF4: a frozen matrix in four bits a weight, with the very codes that bitsandbytes writes.

A block of 64 weights is divided by its largest magnitude and each quotient becomes the nearest of sixteen
levels, the quantiles of a normal distribution. Pure torch, so it runs wherever torch does.

Source: Dettmers et al. 2023, arXiv:2305.14314 (QLoRA), section 3 and appendix E.
"""

from typing import Any

import torch
from torch import Tensor, nn

BLOCK = 64
"""Weights that share one scale."""

LEVELS = torch.tensor(
    [
        -1.0,
        -0.6961928009986877,
        -0.5250730514526367,
        -0.39491748809814453,
        -0.28444138169288635,
        -0.18477343022823334,
        -0.09105003625154495,
        0.0,
        0.07958029955625534,
        0.16093020141124725,
        0.24611230194568634,
        0.33791524171829224,
        0.44070982933044434,
        0.5626170039176941,
        0.7229568362236023,
        1.0,
    ]
)
"""float32 (16,): what the codes 0..15 stand for (appendix E)."""

_BOUNDS = (LEVELS[1:] + LEVELS[:-1]) / 2
_PAIRS = torch.stack([LEVELS[torch.arange(256) >> 4], LEVELS[torch.arange(256) & 15]], dim=1)
"""float32 (256, 2): both levels of each byte, the high four bits first."""


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return a matrix in NF4: its codes and the scales of its blocks.

    Args:
        weight: any float shape; blocks run along the flattened weights, the last one may be short

    Returns: uint8 (ceil(weights / 2),), two codes a byte, the first in the high bits;
        float32 (ceil(weights / 64),), each block's largest magnitude
    """
    flat = weight.detach().float().flatten()
    padding = -flat.numel() % BLOCK
    blocks = nn.functional.pad(flat, (0, padding)).view(-1, BLOCK)
    scales = blocks.abs().amax(dim=1)
    quotients = blocks / scales.clamp_min(torch.finfo(torch.float32).tiny)[:, None]
    codes = torch.bucketize(quotients, _BOUNDS.to(flat.device)).to(torch.uint8).flatten()
    packed = (codes[::2] << 4) | codes[1::2]
    return packed[: (flat.numel() + 1) // 2].contiguous(), scales


def dequantise(codes: Tensor, scales: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the matrix that NF4 codes stand for.

    Args:
        codes: uint8 (ceil(weights / 2),)
        scales: float32 (ceil(weights / 64),)
        shape: the matrix's shape

    Returns: float32 of `shape`
    """
    count = 1
    for side in shape:
        count *= side
    values = nn.functional.embedding(codes.int(), _PAIRS.to(codes.device)).flatten()  # (weights,) or one more
    values = nn.functional.pad(values, (0, scales.numel() * BLOCK - values.numel()))
    return (values.view(-1, BLOCK) * scales[:, None]).flatten()[:count].view(shape)


class _FrozenProduct(torch.autograd.Function):
    """x @ weight.T, where the weight is unpacked for the product and dropped again, forth and back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, codes: Tensor, scales: Tensor, shape: tuple[int, int]) -> Tensor:  # noqa: ANN401 - torch's own context type
        ctx.save_for_backward(codes, scales)
        ctx.shape = shape
        return nn.functional.linear(x, dequantise(codes, scales, shape).to(x.dtype))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:  # noqa: ANN401 - torch's own context type
        codes, scales = ctx.saved_tensors
        (gradient,) = gradients
        return gradient @ dequantise(codes, scales, ctx.shape).to(gradient.dtype), None, None, None


class NF4(nn.Module):
    """A frozen linear layer in NF4: 4.5 bits a weight; it passes gradients on and takes none itself."""

    codes: Tensor
    scales: Tensor

    def __init__(self, layer: nn.Linear) -> None:
        """Quantise `layer`'s weight; the bias stays as it is."""
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        codes, scales = quantise(layer.weight)
        self.register_buffer("codes", codes)
        self.register_buffer("scales", scales)
        self.dtype = layer.weight.dtype
        self.bias = layer.bias

    @property
    def weight(self) -> Tensor:
        """The matrix as it is computed with: float (outputs, inputs)."""
        return dequantise(self.codes, self.scales, (self.out_features, self.in_features)).to(self.dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Return float (..., outputs) for float (..., inputs)."""
        y = _FrozenProduct.apply(x, self.codes, self.scales, (self.out_features, self.in_features))
        return y if self.bias is None else y + self.bias

    def unpacked(self) -> nn.Linear:
        """Return the same layer as a plain one: the same numbers, faster, seven times the memory."""
        layer = nn.Linear(self.in_features, self.out_features, bias=self.bias is not None)
        layer.weight = nn.Parameter(self.weight, requires_grad=False)
        if self.bias is not None:
            layer.bias = self.bias
        return layer
