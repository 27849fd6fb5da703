"""The tolerance class: honest rounding passes on CPU bfloat16, other weights, data and precision do not."""

import pytest
import torch
from torch import Tensor

from fraction.base import Rejected
from fraction.verification.fingerprint import CLASS, LABEL, Tolerance, distance, fingerprint

pytestmark = pytest.mark.model

ROWS, WIDTH, LAYERS = 32, 256, 4


def words(tensor: Tensor) -> list[int]:
    bits = tensor.to(torch.bfloat16).flatten().view(torch.int16)
    return [int(word) & 0xFFFF for word in bits]


def weights(seed: int) -> list[Tensor]:
    dice = torch.Generator().manual_seed(seed)
    return [torch.randn(WIDTH, WIDTH, generator=dice) / WIDTH**0.5 for _ in range(LAYERS)]


def activations(layers: list[Tensor], x: Tensor, order: int = 1) -> Tensor:
    """Return the last hidden state in bfloat16; `order` is in how many parts each sum is added up."""
    for layer in layers:
        parts = zip(x.chunk(order, 1), layer.chunk(order, 1), strict=True)
        total = torch.zeros(ROWS, WIDTH, dtype=torch.bfloat16)
        for a, b in parts:
            total = total + a @ b.to(torch.bfloat16).T
        x = torch.nn.functional.silu(total) * 2
    return x


def inputs(seed: int) -> Tensor:
    return torch.randn(ROWS, WIDTH, generator=torch.Generator().manual_seed(seed)).to(torch.bfloat16)


def accepted(claimed: Tensor, recomputed: Tensor) -> bool:
    return Tolerance().allows(distance(fingerprint(words(claimed)), words(recomputed)))


@pytest.mark.parametrize("order", [1, 2, 4, 8])
def test_another_order_of_addition_is_allowed(order: int) -> None:
    layers, x = weights(1), inputs(2)
    ours, theirs = activations(layers, x), activations(layers, x, order)
    assert (order == 1) == torch.equal(ours, theirs)
    assert accepted(theirs, ours)


def test_other_weights_and_other_data_are_not() -> None:
    honest = activations(weights(1), inputs(2))
    assert not accepted(activations(weights(3), inputs(2)), honest)
    assert not accepted(activations(weights(1), inputs(4)), honest)


def test_a_base_in_fewer_bits_is_not() -> None:
    coarse = [torch.round(layer * 28) / 28 for layer in weights(1)]
    assert not accepted(activations(coarse, inputs(2)), activations(weights(1), inputs(2)))


def test_a_layer_that_was_left_out_is_not() -> None:
    assert not accepted(activations(weights(1)[:-1], inputs(2)), activations(weights(1), inputs(2)))


def test_the_class_says_what_it_is() -> None:
    assert not CLASS.startswith("exact")
    assert "not exact" in LABEL


def test_what_is_no_tensor_is_refused() -> None:
    with pytest.raises(Rejected, match="finite"):
        fingerprint([0x7F80])
    with pytest.raises(Rejected, match="another tensor"):
        distance(fingerprint([1] * 10), [1] * 5)
