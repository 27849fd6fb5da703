"""The operators of `exact-v1` in plain torch: each is one line of the specification, and all that a step is made of.

A product is a sum of whole numbers that a float64 holds exactly, so no order of summing, fused multiply-add, vector
width or thread can change it. Everything else is a single IEEE operation on each element. What each operator means,
element by element and in whole numbers, stands in `fraction.verification.exact`; the tests hold the two together.

    exponent of a row   the smallest e, not below -100, with abs(x) < 2**e for all its x
    row on a grid       q = round(x * 2**(bits - e)), ties to even: whole numbers up to 2**bits
    product             round32(sum of q * q') * 2**(e - bits) * 2**(e' - bits')

All tensors are contiguous float32 unless said. A trailing `+ 0` turns -0 into +0, which some libraries give for a
sum of zeros and others do not.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from fraction.verification.exact import EXPONENT_FLOOR, FINE_BITS, FIXED_BITS, SLICED_BITS, SUM_BITS, fine_bits
from fraction.verification.float32 import LOWEST

_LOWEST = float(torch.tensor(LOWEST - (1 << 32), dtype=torch.int32).view(torch.float32))
_SLICE = 129
"""A 15-bit number is 129 * high + low with both in int8."""


def power_of_two(exponent: Tensor) -> Tensor:
    """Return float32 2**exponent for int32 exponents of -126 to 127, made from bits: no library's pow."""
    return ((exponent + 127) << 23).view(torch.float32)


def exponents(x: Tensor) -> Tensor:
    """Return int32 (...): the exponent of each row of (..., columns)."""
    largest = x.abs().amax(-1).contiguous().view(torch.int32)
    return ((largest >> 23) - 126).clamp_(min=EXPONENT_FLOOR)


def on_grid(x: Tensor, exponent: Tensor, bits: int) -> Tensor:
    """Return float32 (..., columns) whole numbers: each row of x on its grid."""
    return (x * power_of_two(bits - exponent).unsqueeze(-1)).round_()


int8_product = torch._int_mm  # pyright: ignore[reportPrivateImportUsage] - the only one that torch has


def whole_product(x: Tensor, weight: Tensor) -> Tensor:
    """Return float64 (rows, outputs): the exact product of whole numbers, float32 (rows, inputs), and int8 weights."""
    return torch.mm(x.double(), weight.double())


def sliced_product(x: Tensor, weight: Tensor) -> Tensor:
    """Return the same as `whole_product` by two int8 products, where `torch._int_mm` can be trusted."""
    high = (x / _SLICE).round_()  # never a tie, as 129 is odd
    low = x - high * _SLICE
    sums = int8_product(high.to(torch.int8), weight).double() * _SLICE
    return sums + int8_product(low.to(torch.int8), weight)


WholeProduct = Callable[[Tensor, Tensor], Tensor]
"""How int8 weights are multiplied; every way gives the same whole numbers."""


def linear(x: Tensor, weight: Tensor, scale: Tensor, product: WholeProduct = whole_product) -> Tensor:
    """Return (rows, outputs): x W^T for int8 weights (outputs, inputs) with a scale for each output."""
    return _sliced(x, weight.t(), product) * scale


def linear_back(d: Tensor, weight: Tensor, scale: Tensor, product: WholeProduct = whole_product) -> Tensor:
    """Return (rows, inputs): the gradient of `linear` by x, from d (rows, outputs)."""
    return _sliced(d * scale, weight, product)


def _sliced(x: Tensor, weight: Tensor, product: WholeProduct) -> Tensor:
    exponent = exponents(x)
    sums = product(on_grid(x, exponent, SLICED_BITS), weight)
    return (sums.float() + 0.0) * power_of_two(exponent - SLICED_BITS).unsqueeze(-1)


def fixed(x: Tensor, weight: Tensor, grid: Tensor) -> Tensor:
    """Return (rows, outputs): x W^T for whole weights, float64 (outputs, inputs), times 2**grid, int32 ()."""
    return _fixed(x, weight.t(), grid)


def fixed_back(d: Tensor, weight: Tensor, grid: Tensor) -> Tensor:
    """Return (rows, inputs): the gradient of `fixed` by x."""
    return _fixed(d, weight, grid)


def _fixed(x: Tensor, weight: Tensor, grid: Tensor) -> Tensor:
    exponent, bits = exponents(x), fine_bits(x.shape[-1], FIXED_BITS)
    sums = torch.mm(on_grid(x, exponent, bits).double(), weight)
    return (sums.float() + 0.0) * power_of_two(exponent - bits).unsqueeze(-1) * power_of_two(grid)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Return (..., m, n): the products of the rows of a (..., m, k) and of b (..., n, k)."""
    bits = fine_bits(a.shape[-1], FINE_BITS)
    e, f = exponents(a), exponents(b)
    sums = torch.matmul(on_grid(a, e, bits).double(), on_grid(b, f, bits).double().transpose(-1, -2))
    return (sums.float() + 0.0) * power_of_two(e - bits).unsqueeze(-1) * power_of_two(f - bits).unsqueeze(-2)


def fold(a: Tensor, b: Tensor, exponent: Tensor) -> Tensor:
    """Return (..., m, n): a (..., m, k) times b (..., k, n), where `exponent` is that of the rows of b.

    Each row of b has its own grid, and its exponent moves into a; so a row of b that meets only zeros of a,
    such as padding or a key still to come, changes no bit.
    """
    bits = fine_bits(a.shape[-1], FINE_BITS)
    shifted = a * power_of_two(exponent).unsqueeze(-2)
    e = exponents(shifted)
    sums = torch.matmul(on_grid(shifted, e, bits).double(), on_grid(b, exponent, bits).double())
    return (sums.float() + 0.0) * power_of_two(e - bits).unsqueeze(-1) * 2.0**-bits


def row_sum(x: Tensor) -> Tensor:
    """Return (..., 1): the sum of each row, as whole numbers on the row's grid."""
    exponent = exponents(x)
    sums = on_grid(x, exponent, SUM_BITS).double().sum(-1)
    return ((sums.float() + 0.0) * power_of_two(exponent - SUM_BITS)).unsqueeze(-1)


def row_max(x: Tensor) -> Tensor:
    """Return (..., 1): the largest of each row."""
    return x.amax(-1, keepdim=True) + 0.0


def add(a: Tensor, b: Tensor) -> Tensor:
    """Return a + b, shapes as torch broadcasts them; so for the next three."""
    return a + b


def subtract(a: Tensor, b: Tensor) -> Tensor:
    """Return a - b."""
    return a - b


def multiply(a: Tensor, b: Tensor) -> Tensor:
    """Return a * b."""
    return a * b


def divide(a: Tensor, b: Tensor) -> Tensor:
    """Return a / b; both are expanded first, as a division by one number may become a product elsewhere."""
    a, b = torch.broadcast_tensors(a, b)
    return a.contiguous() / b.contiguous()


def sqrt(x: Tensor) -> Tensor:
    """Return the correctly rounded root: torch's own float32 root is off by one in a sixth of all cases on some CPUs.

    Source: Figueroa 1995, "When is double rounding innocuous?" - a float64 root rounds to the float32 one, and
    keeps doing so with errors of a few units in its last place, as no root lies that near to a rounding border.
    """
    return x.double().sqrt().float()


def exp(x: Tensor) -> Tensor:
    """Return e**x by Cody and Waite's reduction and a polynomial of degree 6; 0 below -87; off by at most 1.4 units.

    Source: Cody & Waite 1980, chapter 6; coefficients of Moshier's Cephes library, expf.
    """
    clipped = x.clamp(-87.0, 88.0)
    n = (clipped * EXP_SCALE).round_()
    r = clipped - n * EXP_HIGH
    r = r - n * EXP_LOW
    p = r * EXP_POLYNOMIAL[0] + EXP_POLYNOMIAL[1]
    for coefficient in EXP_POLYNOMIAL[2:]:
        p = p * r + coefficient
    p = (p * (r * r) + r) + 1.0
    p = p * power_of_two(n.to(torch.int32))
    return torch.where(x < -87.0, torch.zeros_like(p), p)


def _float(bits: int) -> float:
    return float(torch.tensor(bits - (1 << 32) if bits >> 31 else bits, dtype=torch.int32).view(torch.float32))


EXP_SCALE, EXP_HIGH, EXP_LOW = (_float(b) for b in (0x3FB8AA3B, 0x3F318000, 0xB95E8083))
EXP_POLYNOMIAL = tuple(_float(b) for b in (0x39506967, 0x3AB743CE, 0x3C088908, 0x3D2AA9C1, 0x3E2AAAAA, 0x3F000000))


def mask(x: Tensor) -> Tensor:
    """Return scores (..., queries, keys) with the lowest number where the key comes after the query."""
    after = torch.ones(x.shape[-2:], dtype=torch.bool, device=x.device).triu_(1)
    return x.masked_fill(after, _LOWEST)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Return (..., tokens, size): pairs (j, j + size / 2) turned by the angles of tables (tokens, size / 2).

    Source: Su et al. 2021, arXiv:2104.09864, in the half-split layout of Llama.
    """
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def less_one(x: Tensor, labels: Tensor) -> Tensor:
    """Return (rows, classes) less 1 at each row's label, int64 (rows,)."""
    return x - torch.nn.functional.one_hot(labels, x.shape[-1]).to(x.dtype)


def permute(x: Tensor, *order: int) -> Tensor:
    """Return x with its sides in another order."""
    return x.permute(order).contiguous()


def columns(x: Tensor, start: int, stop: int) -> Tensor:
    """Return some columns of (..., columns)."""
    return x[..., start:stop].contiguous()


def join(*parts: Tensor) -> Tensor:
    """Return the columns of all parts."""
    return torch.cat(parts, -1)


def item(x: Tensor, number: int) -> Tensor:
    """Return one of the things that are stacked along the second side of (groups, stacked, ...)."""
    return x[:, number].contiguous()


def rows(table: Tensor, numbers: Tensor) -> Tensor:
    """Return the rows of (rows, columns) with those int64 numbers."""
    return table[numbers]


def place(x: Tensor, numbers: Tensor, count: int) -> Tensor:
    """Return (count, columns): zero but for the rows with those numbers, which are x's."""
    return torch.zeros(count, x.shape[1], device=x.device).index_copy_(0, numbers, x)


def repeat(x: Tensor, times: int) -> Tensor:
    """Return (batch, heads * times, tokens, size): each head several times in a row."""
    return x.repeat_interleave(times, 1)


OPERATORS: Mapping[str, Callable[..., Tensor]] = {
    function.__name__: function
    for function in (
        linear, linear_back, fixed, fixed_back, dot, exponents, fold, row_sum, row_max, add, subtract, multiply,
        divide, sqrt, exp, mask, rotate, less_one, permute, columns, join, item, rows, place, repeat,
    )
}  # fmt: skip
"""Every operator by its name: the whole instruction set of the exact class."""
