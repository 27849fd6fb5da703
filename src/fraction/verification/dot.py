"""A dot product that is exact: rows become integers on a power-of-two grid, integers are summed, one rounding follows.

    e = the smallest exponent, -100 at least, with max|x| < 2^e
    q = x · 2^(bits - e), to the nearest integer, ties to even
    a · b = round(Σ qa·qb) · 2^(ea - bits) · 2^(eb - bits)

No sum of products reaches 2^53, so a double, too, holds every partial sum exactly in any order: every matrix
library, thread count and instruction set gives these bits. With a frozen base of int8, b is integers as it stands.

Source: the error-free splitting of Ozaki, Ogita, Oishi and Rump 2012, Numerical Algorithms 59:95-118, with one slice.
"""

from collections.abc import Sequence

from fraction.verification.softfloat import decode, encode, multiply, to_integer

LEAST_EXPONENT = -100


def exponent_of(words: Sequence[int]) -> int:
    """Return the smallest exponent e, -100 at least, with every |x| < 2^e."""
    return max(LEAST_EXPONENT, max(word >> 23 & 0xFF for word in words) - 126)


def quantise(words: Sequence[int], bits: int, limit: int) -> tuple[list[int], int]:
    """Return the row as integers of at most `limit`, and the exponent of their unit."""
    unit = exponent_of(words) - bits
    integers: list[int] = []
    for word in words:
        m, e = decode(word)
        whole = _nearest(m, e - unit)
        integers.append(max(-limit, min(limit, whole)))
    return integers, unit


def dot(a: Sequence[int], b: Sequence[int], bits_a: int, limit_a: int, bits_b: int) -> int:
    """Return the product of two rows as a float32; with `bits_b` 0, b is integers and not float32."""
    left, unit_a = quantise(a, bits_a, limit_a)
    right, unit_b = quantise(b, bits_b, 1 << bits_b) if bits_b else (list(b), 0)
    total = encode(sum(p * q for p, q in zip(left, right, strict=True)), 0)
    scaled = multiply(total, encode(1, unit_a))
    return multiply(scaled, encode(1, unit_b)) if bits_b else scaled


def _nearest(m: int, e: int) -> int:
    return m << e if e >= 0 else to_integer(encode(m, e))
