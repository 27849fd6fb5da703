"""Float32 as whole numbers: IEEE 754 sums, products, quotients and roots, rounded to nearest, ties to even.

A float32 is its 32 bits in an int. Nothing here touches the machine's own floats, so this is what a referee
anywhere computes, and what every faster implementation is held to.

Source: IEEE 754-2019, sections 3.4 (formats), 4.3.1 (rounding to nearest) and 5.4.1 (operations).
"""

from math import isqrt

from fraction.base import Rejected

ZERO = 0
ONE = 0x3F800000
LOWEST = 0xFF7FFFFF
"""The most negative finite number; stands where an attention score is masked."""
_FRACTION_BITS = 23
_SMALLEST = -149
"""Exponent of the smallest positive number."""


def add(a: int, b: int) -> int:
    """Return a + b.

    >>> hex(add(ONE, ONE))
    '0x40000000'
    """
    (m, e), (n, f) = _signed(a), _signed(b)
    low = min(e, f)
    total = (m << (e - low)) + (n << (f - low))
    if total == 0:
        return 1 << 31 if a >> 31 and b >> 31 else ZERO
    return rounded(total, low)


def subtract(a: int, b: int) -> int:
    """Return a - b."""
    return add(a, negative(b))


def negative(a: int) -> int:
    """Return a with the other sign."""
    return a ^ (1 << 31)


def multiply(a: int, b: int) -> int:
    """Return a * b."""
    (m, e), (n, f) = _signed(a), _signed(b)
    return rounded(m * n, e + f) if m and n else (a ^ b) & (1 << 31)


def divide(a: int, b: int) -> int:
    """Return a / b.

    Raises:
        Rejected: b is zero.
    """
    (m, e), (n, f) = _signed(a), _signed(b)
    if n == 0:
        raise Rejected("A float32 is divided by zero; an exact training ends where a number is not finite.")
    sign = (a ^ b) & (1 << 31)
    quotient, rest = divmod(abs(m) << 60, abs(n))
    # the last bit says that something was cut off, which is all that rounding has to know
    return sign | rounded(quotient << 1 | (rest != 0), e - f - 61) if m else sign


def square_root(a: int) -> int:
    """Return the root of a, which is not negative.

    Raises:
        Rejected: a is negative.
    """
    m, e = _signed(a)
    if m < 0:
        raise Rejected("The root of a negative float32 is wanted; an exact training ends where it is not finite.")
    if m == 0:
        return a
    shift = 80 + (e % 2)
    root = isqrt(m << shift)
    return rounded(root << 1 | (root * root != m << shift), (e - shift) // 2 - 1)


def greater(a: int, b: int) -> int:
    """Return the larger of a and b; of two zeros, +0."""
    (m, e), (n, f) = _signed(a), _signed(b)
    low = min(e, f)
    if m == n == 0:
        return ZERO
    return a if m << (e - low) > n << (f - low) else b


def power_of_two(exponent: int) -> int:
    """Return 2 to a whole exponent of -126 to 127."""
    return (exponent + 127) << _FRACTION_BITS


def nearest_integer(a: int, shift: int = 0) -> int:
    """Return a * 2**shift rounded to the nearest whole number, ties to even."""
    m, e = _signed(a)
    m, e = abs(m), e + shift
    whole = m << e if e >= 0 else _halved(m, -e)
    return -whole if a >> 31 else whole


def rounded(mantissa: int, exponent: int) -> int:
    """Return the float32 nearest to mantissa * 2**exponent; a zero is +0, and what is too large infinity."""
    sign, m = (1 << 31 if mantissa < 0 else 0), abs(mantissa)
    if m == 0:
        return ZERO
    shift = max(m.bit_length() - 1 - _FRACTION_BITS, _SMALLEST - exponent)
    m = _halved(m, shift) if shift > 0 else m << -shift
    exponent += shift
    if m >> (_FRACTION_BITS + 1):
        m, exponent = m >> 1, exponent + 1
    if m < 1 << _FRACTION_BITS:
        return sign | m  # subnormal
    field = exponent - _SMALLEST + 1
    return sign | (0xFF << _FRACTION_BITS) if field >= 0xFF else sign | (field << _FRACTION_BITS) + m - (1 << 23)


def exponent_of(bits: int) -> int:
    """Return the smallest e with abs(value) < 2**e, for normal numbers; -126 for all that are smaller.

    >>> exponent_of(ONE)
    1
    """
    return (bits >> _FRACTION_BITS & 0xFF) - 126


def _signed(bits: int) -> tuple[int, int]:
    """Return mantissa (with sign) and exponent: the value is mantissa * 2**exponent."""
    field, fraction = bits >> _FRACTION_BITS & 0xFF, bits & ((1 << _FRACTION_BITS) - 1)
    if field == 0xFF:
        raise Rejected("A float32 is not finite; an exact training ends there.")
    m, e = (fraction, _SMALLEST) if field == 0 else (fraction | 1 << _FRACTION_BITS, field + _SMALLEST - 1)
    return (-m if bits >> 31 else m), e


def _halved(m: int, times: int) -> int:
    """Return m / 2**times, rounded to nearest, ties to even."""
    whole, rest = m >> times, m & ((1 << times) - 1)
    half = 1 << (times - 1)
    return whole + (rest > half or (rest == half and whole & 1 == 1))
