# pyright: basic
# torch and bitsandbytes have no complete types.
import bitsandbytes.functional as oracle
import pytest
import torch
from torch import nn

from fraction.adapters.lora.nf4 import BLOCK, NF4, dequantise, quantise


@pytest.mark.parametrize("shape", [(64, 64), (40, 128), (5, 24), (3, 70), (1, 64), (320, 48)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_codes_scales_and_values_equal_those_of_bitsandbytes(shape: tuple[int, int], dtype: torch.dtype) -> None:
    weight = (torch.randn(shape, generator=torch.Generator().manual_seed(1)) * 0.05).to(dtype)
    codes, scales = quantise(weight)
    theirs, state = oracle.quantize_4bit(weight, quant_type="nf4", compress_statistics=False)
    assert torch.equal(codes, theirs.flatten())
    assert torch.equal(scales, state.absmax)
    if shape[1] % BLOCK:
        return  # the oracle's processor kernel takes rows for blocks when it unpacks, and errs
    state.dtype = torch.float32
    assert torch.equal(dequantise(codes, scales, shape), oracle.dequantize_4bit(theirs, state).float())


def test_zeros_stay_zero_and_extremes_are_exact() -> None:
    weight = torch.zeros(2, 64)
    weight[1, 3] = -7.25
    codes, scales = quantise(weight)
    assert torch.equal(dequantise(codes, scales, (2, 64)), weight)


def test_every_value_moves_by_at_most_half_the_widest_gap() -> None:
    weight = torch.randn(16, 64, generator=torch.Generator().manual_seed(2))
    codes, scales = quantise(weight)
    error = (dequantise(codes, scales, (16, 64)) - weight).abs().amax(dim=1)
    assert bool((error <= scales * 0.1521).all())  # levels -1 and -0.696 are farthest apart


def test_a_quantised_layer_passes_the_gradient_of_its_rounded_matrix() -> None:
    torch.manual_seed(3)
    layer = NF4(nn.Linear(70, 9))
    x = torch.randn(4, 70, requires_grad=True)
    layer(x).square().sum().backward()
    assert x.grad is not None
    gradient = x.grad.clone()
    x.grad.zero_()
    layer.unpacked()(x).square().sum().backward()
    assert torch.equal(gradient, x.grad)
    assert torch.equal(layer(x), layer.unpacked()(x))
