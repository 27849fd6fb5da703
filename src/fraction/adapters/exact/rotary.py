"""Tables of cosines and sines for rotary positions, each the float32 nearest to the true value (but for ties of luck).

Computed in whole numbers with 160 binary places, so no mathematical library has a say:
the angle of pair j at token t is t * base**(-2 j / size); one turn by Taylor's series, the rest by repeated turning.
"""

from decimal import Decimal, localcontext
from functools import lru_cache

import torch
from torch import Tensor

from fraction.verification.float32 import rounded

_PLACES = 160


@lru_cache(maxsize=8)
def rotary_tables(tokens: int, size: int, base: float) -> tuple[Tensor, Tensor]:
    """Return cosines and sines, float32 (tokens, size / 2)."""
    cosines: list[list[int]] = []
    sines: list[list[int]] = []
    for pair in range(size // 2):
        turn = _turn(_angle(pair, size, base))
        place = (1 << _PLACES, 0)
        column: list[tuple[int, int]] = []
        for _ in range(tokens):
            column.append(place)
            place = _turned(place, turn)
        cosines.append([rounded(x, -_PLACES) for x, _ in column])
        sines.append([rounded(y, -_PLACES) for _, y in column])
    return _floats(cosines), _floats(sines)


def _angle(pair: int, size: int, base: float) -> int:
    """Return base**(-2 pair / size) with 160 binary places."""
    with localcontext() as context:
        context.prec = 70
        angle = (-Decimal(base).ln() * 2 * pair / size).exp()
        return int(angle * (1 << _PLACES))


def _turn(angle: int) -> tuple[int, int]:
    """Return cosine and sine of an angle up to 1, all with 160 binary places."""
    sums = [0, 0]
    term, power = 1 << _PLACES, 0
    while term:
        sign = -1 if power % 4 >= 2 else 1
        sums[power % 2] += sign * term
        power += 1
        term = (term * angle >> _PLACES) // power
    return sums[0], sums[1]


def _turned(place: tuple[int, int], turn: tuple[int, int]) -> tuple[int, int]:
    (x, y), (cos, sin) = place, turn
    return (x * cos - y * sin) >> _PLACES, (x * sin + y * cos) >> _PLACES


def _floats(columns: list[list[int]]) -> Tensor:
    bits = torch.tensor([[b - (1 << 32) if b >> 31 else b for b in column] for column in columns], dtype=torch.int64)
    return bits.to(torch.int32).view(torch.float32).t().contiguous()
