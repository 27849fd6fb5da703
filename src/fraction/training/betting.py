"""An anytime-valid test of a mean: a gambler who bets on "better" and cannot get rich if it is not so.

For paired differences d in -B..B and a supposed mean m, the wealth

    W_n(m) = average over stakes s of  prod over i <= n of  1 + s (d_i - m) / (B + m),     0 < s < 1

is never negative, and if the true mean is at most m it does not grow in expectation. So it ever reaches 1 / alpha with
probability at most alpha (Ville's inequality), however often one looks and whenever one stops. All m whose wealth
has not yet reached 1 / alpha are the confidence sequence. Everything here is exact integer arithmetic.

Source: Waudby-Smith & Ramdas 2024, Estimating means of bounded random variables by betting, J. R. Stat. Soc. B 86(1),
arXiv:2010.09686, sections 4 and B.6 (a portfolio of constant bets); Ville 1939.
"""

from collections.abc import Sequence
from math import prod

BOUND = 10_000
"""No difference is larger: scores are 0..10000."""
STAKES = (4, 8, 12, 15)
"""The gambler's stakes, in sixteenths of what could be lost, with a quarter of the wealth on each. Differences of a
tenth of the scale are far below its bound, so high stakes pay; the whole is never staked, so no single task ruins."""
_SIXTEEN = 16


def wealth(differences: Sequence[int], mean: int = 0) -> tuple[int, int]:
    """Return numerator and denominator of the wealth W_n(mean) after all differences.

    Args:
        differences: whole numbers in -10000..10000
        mean: the supposed mean, in -9999..9999
    """
    risk = BOUND + mean
    grown = sum(prod(_SIXTEEN * risk + stake * (d - mean) for d in differences) for stake in STAKES)
    return grown, len(STAKES) * (_SIXTEEN * risk) ** len(differences)


def reaches(differences: Sequence[int], mean: int, odds: int) -> bool:
    """Return whether the wealth is at least `odds`; if the mean is `mean` or less, that ever happens once in `odds`."""
    grown, stake = wealth(differences, mean)
    return grown >= odds * stake


def lower_bound(differences: Sequence[int], odds: int) -> int:
    """Return the largest whole mean that the differences refute at these odds; -10000 if they refute none.

    The wealth falls as the supposed mean rises, so bisection finds it.
    """
    low, high = -BOUND, BOUND - 1  # at `low` nothing is claimed; `high` is above every answer
    while high - low > 1:
        middle = (low + high) // 2
        if reaches(differences, middle, odds):
            low = middle
        else:
            high = middle
    return low
