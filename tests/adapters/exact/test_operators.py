# pyright: basic
# torch has no complete types.
"""Torch's operators against the specification in whole numbers, and the specification against numpy."""

import numpy as np
import pytest
import torch
from torch import Tensor

from fraction.adapters.exact.operators import OPERATORS, exp, sliced_product, whole_product
from fraction.verification import float32
from fraction.verification.exact import OPERATORS as NAMES
from fraction.verification.exact import Application, element


def random(*shape: int, seed: int = 0, spread: float = 6.0) -> Tensor:
    """Return float32 numbers of many magnitudes, with zeros of both signs among them."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(shape, generator=generator) * 2.0 ** (torch.randn(shape, generator=generator) * spread).round()
    x[torch.rand(shape, generator=generator) < 0.05] = 0.0
    x[torch.rand(shape, generator=generator) < 0.05] = -0.0
    return x


def bits(x: Tensor) -> list[int]:
    """Return a tensor's elements as the specification has them."""
    flat = x.contiguous().flatten()
    whole = flat.view(torch.int32).tolist() if flat.dtype == torch.float32 else [int(v) for v in flat.tolist()]
    return [v & 0xFFFFFFFF for v in whole] if flat.dtype == torch.float32 else whole


WEIGHT = torch.randint(-127, 128, (5, 9), dtype=torch.int8, generator=torch.Generator().manual_seed(3))
FINE = torch.randint(-(1 << 20), 1 << 20, (5, 9), generator=torch.Generator().manual_seed(3)).double()
EXPONENTS = OPERATORS["exponents"](random(2, 6, 4, seed=2))
CASES: dict[str, tuple[tuple[Tensor, ...], tuple[int, ...]]] = {
    "linear": ((random(4, 9), WEIGHT, random(5, seed=1).abs()), ()),
    "linear_back": ((random(4, 5), WEIGHT, random(5, seed=1).abs()), ()),
    "fixed": ((random(4, 9), FINE, torch.tensor(-23, dtype=torch.int32)), ()),
    "fixed_back": ((random(4, 5), FINE, torch.tensor(-23, dtype=torch.int32)), ()),
    "dot": ((random(2, 3, 7), random(2, 5, 7, seed=1)), ()),
    "exponents": ((random(3, 4, 5),), ()),
    "fold": ((random(2, 3, 6), random(2, 6, 4, seed=2), EXPONENTS), ()),
    "row_sum": ((random(3, 4, 33),), ()),
    "row_max": ((random(3, 4, 3),), ()),
    "add": ((random(3, 4), random(4, seed=1)), ()),
    "subtract": ((random(3, 4), random(3, 1, seed=1)), ()),
    "multiply": ((random(3, 4), random(3, 4, seed=1)), ()),
    "divide": ((random(3, 4), random(3, 1, seed=1) + 1.5), ()),
    "sqrt": ((random(300).abs(),), ()),
    "exp": ((random(300, spread=3.0),), ()),
    "mask": ((random(2, 4, 4),), ()),
    "rotate": ((random(2, 3, 5, 8), random(5, 4, seed=1), random(5, 4, seed=2)), ()),
    "less_one": ((random(4, 6), torch.tensor([0, 5, 2, 2])), ()),
    "permute": ((random(2, 3, 4, 5),), (0, 2, 1, 3)),
    "columns": ((random(2, 3, 8),), (2, 6)),
    "join": ((random(2, 3, 2), random(2, 3, 4, seed=1), random(2, 3, 1, seed=2)), ()),
    "item": ((random(3, 4, 2, 5),), (2,)),
    "rows": ((random(6, 3), torch.tensor([4, 0, 4, 5])), ()),
    "place": ((random(3, 4), torch.tensor([4, 0, 2])), (6,)),
    "repeat": ((random(2, 3, 4, 2),), (2,)),
}


@pytest.mark.parametrize("operator", NAMES)
def test_an_operator_gives_what_the_specification_says(operator: str) -> None:
    inputs, settings = CASES[operator]
    output = OPERATORS[operator](*inputs, *settings)
    application = Application(operator, tuple(tuple(x.shape) for x in inputs), tuple(output.shape), settings)
    read = [bits(x) for x in inputs]
    found = [element(application, position, lambda i, p: read[i][p]) for position in range(output.numel())]
    assert found == bits(output)


def test_the_instruction_set_is_the_specification() -> None:
    assert sorted(OPERATORS) == list(NAMES) == sorted(CASES)


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide"])
def test_whole_number_arithmetic_is_ieee(name: str) -> None:
    generator = np.random.default_rng(5)
    a, b = (generator.integers(0, 1 << 32, 20_000, dtype=np.uint32).view(np.float32) for _ in range(2))
    with np.errstate(all="ignore"):
        a[:4000] = b[:4000] * np.float32(1.0000001)  # near each other: cancellation
        a[4000:8000] *= np.float32(2.0**-120)  # subnormal results
    fine = np.isfinite(a) & np.isfinite(b) & (b != 0)
    a, b = a[fine], b[fine]
    with np.errstate(all="ignore"):
        expected = {"add": a + b, "subtract": a - b, "multiply": a * b, "divide": a / b}[name]
    compute = getattr(float32, name)
    found = [compute(int(x), int(y)) for x, y in zip(a.view(np.uint32), b.view(np.uint32), strict=True)]
    assert found == expected.view(np.uint32).tolist()


def test_whole_number_roots_are_ieee() -> None:
    a = np.abs(np.random.default_rng(6).integers(0, 0x7F800000, 20_000, dtype=np.uint32).view(np.float32))
    assert [float32.square_root(int(x)) for x in a.view(np.uint32)] == np.sqrt(a).view(np.uint32).tolist()


def test_our_exponential_is_near_the_true_one() -> None:
    x = torch.linspace(-86, 87, 100_001)
    true = x.double().exp()
    assert float(((exp(x).double() - true).abs() / true).max()) < 1.4 * 2**-24
    assert exp(torch.tensor([0.0, -87.01, -1e38])).tolist() == [1.0, 0.0, 0.0]


def test_slices_give_the_whole_product() -> None:
    x = torch.randint(-(1 << 14), (1 << 14) + 1, (33, 300), generator=torch.Generator().manual_seed(1)).float()
    x[0] = 1 << 14
    weight = torch.randint(-127, 128, (300, 40), dtype=torch.int8, generator=torch.Generator().manual_seed(2))
    assert torch.equal(sliced_product(x, weight), whole_product(x, weight))
