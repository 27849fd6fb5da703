"""IEEE 754 binary32 in integers alone: what the referee contract computes, bit for bit.

A number is its 32 bits as an int. Every operation rounds once, to the nearest, ties to even; subnormal numbers are kept.
Infinities and NaN do not occur: a result that would be one raises `NotFinite`, and a training in which that happens
is void.

Source: IEEE 754-2019, clauses 4.3.1 and 5.4.1; `exp` after Cephes' expf (Moshier), with separate multiply and add.
"""

from collections.abc import Sequence
from math import isqrt

from fraction.base import Rejected

ZERO, ONE = 0x00000000, 0x3F800000
_SIGN = 0x80000000
_QUOTIENT_BITS, _ROOT_BITS = 64, 80


class NotFinite(Rejected):
    """An operation has no finite result; a training that needs it is void."""


def decode(word: int) -> tuple[int, int]:
    """Return integers m and e with the number = m · 2^e, m with the sign.

    Raises:
        NotFinite: the bits are an infinity or NaN.
    """
    exponent, fraction = word >> 23 & 0xFF, word & 0x7FFFFF
    if exponent == 0xFF:
        raise NotFinite(f"The bits {word:08x} are no finite number.")
    m, e = (fraction, -149) if exponent == 0 else (fraction | 0x800000, exponent - 150)
    return (-m if word & _SIGN else m), e


def encode(m: int, e: int, sign: int = 0) -> int:
    """Return the number nearest to m · 2^e, ties to even; `sign` (0 or 1 << 31) is that of a zero.

    Raises:
        NotFinite: it is too large.
    """
    if m == 0:
        return sign
    sign = _SIGN if m < 0 else 0
    m = abs(m)
    shift = max(m.bit_length() - 24, -149 - e)
    m = _shift_to_even(m, shift) if shift > 0 else m << -shift
    e += shift
    if m == 1 << 24:
        m, e = m >> 1, e + 1
    if m.bit_length() == 24 and e + 150 >= 0xFF:
        raise NotFinite("A result is too large for 32 bits.")
    return sign | (m + ((e + 149) << 23) if m >> 23 else m)


def add(a: int, b: int) -> int:
    """Return a + b."""
    ma, ea = decode(a)
    mb, eb = decode(b)
    if ma == mb == 0:
        return a & b & _SIGN
    e = min(ea, eb)
    return encode((ma << (ea - e)) + (mb << (eb - e)), e)


def subtract(a: int, b: int) -> int:
    """Return a - b."""
    return add(a, b ^ _SIGN)


def multiply(a: int, b: int) -> int:
    """Return a · b."""
    ma, ea = decode(a)
    mb, eb = decode(b)
    return encode(ma * mb, ea + eb, (a ^ b) & _SIGN)


def divide(a: int, b: int) -> int:
    """Return a / b."""
    ma, ea = decode(a)
    mb, eb = decode(b)
    if mb == 0:
        raise NotFinite("A number is divided by zero.")
    quotient, rest = divmod(abs(ma) << _QUOTIENT_BITS, abs(mb))
    m = quotient << 1 | (rest != 0)
    return encode(-m if (ma < 0) != (mb < 0) else m, ea - eb - _QUOTIENT_BITS - 1, (a ^ b) & _SIGN)


def square_root(a: int) -> int:
    """Return the square root of a."""
    m, e = decode(a)
    if m < 0:
        raise NotFinite("A negative number has no square root.")
    if m == 0:
        return a
    m, e = (m << 1, e - 1) if e % 2 else (m, e)
    m <<= _ROOT_BITS
    root = isqrt(m)
    return encode(root << 1 | (root * root != m), (e - _ROOT_BITS) // 2 - 1)


def greater(a: int, b: int) -> bool:
    """Return whether a > b."""
    (ma, ea), (mb, eb) = decode(a), decode(b)
    e = min(ea, eb)
    return ma << (ea - e) > mb << (eb - e)


def maximum(a: int, b: int) -> int:
    """Return a if a > b, else b."""
    return a if greater(a, b) else b


def minimum(a: int, b: int) -> int:
    """Return a if a < b, else b."""
    return a if greater(b, a) else b


def to_integer(a: int) -> int:
    """Return the integer nearest to a, ties to even."""
    m, e = decode(a)
    if e >= 0:
        return m << e
    magnitude = _shift_to_even(abs(m), -e)
    return -magnitude if m < 0 else magnitude


def tree_sum(words: Sequence[int]) -> int:
    """Return the sum, zeros added up to a power of two, then halves added element by element until one is left."""
    width = 1 << (len(words) - 1).bit_length()
    row = [*words, *[ZERO] * (width - len(words))]
    while width > 1:
        width //= 2
        row = [add(row[i], row[i + width]) for i in range(width)]
    return row[0]


EXP_LOW, EXP_HIGH = 0xC2AE0000, 0x42B00000
"""-87 and 88: arguments above are cut off; beneath, the result is 0."""
LOG2_E, LN2_HIGH, LN2_LOW = 0x3FB8AA3B, 0x3F318000, 0xB95E8083
"""1/ln 2, and ln 2 in two parts of which the first has few bits."""
EXP_COEFFICIENTS = (0x39506967, 0x3AB743CE, 0x3C088908, 0x3D2AA9C1, 0x3E2AAAAA, 0x3F000000)
"""Of the polynomial for (e^r - 1 - r) / r², highest power first."""


def exponential(x: int) -> int:
    """Return e^x by Cody-Waite reduction and a polynomial; each multiplication and addition rounds by itself."""
    if greater(EXP_LOW, x):
        return ZERO
    x = minimum(x, EXP_HIGH)
    n = to_integer(multiply(x, LOG2_E))
    whole = encode(n, 0)
    r = subtract(x, multiply(whole, LN2_HIGH))
    r = subtract(r, multiply(whole, LN2_LOW))
    p = EXP_COEFFICIENTS[0]
    for coefficient in EXP_COEFFICIENTS[1:]:
        p = add(multiply(p, r), coefficient)
    p = add(add(multiply(p, multiply(r, r)), r), ONE)
    return multiply(p, encode(1, n))


def _shift_to_even(m: int, shift: int) -> int:
    """Return m · 2^-shift rounded to the nearest integer, ties to even; m is not negative."""
    floor, rest = m >> shift, m & ((1 << shift) - 1)
    half = 1 << (shift - 1)
    return floor + (rest > half or (rest == half and floor & 1))
