"""Division of money without loss: what does not divide goes on one wei each, in a fixed order."""

from collections.abc import Sequence

from fraction.base import Rejected, Wei


def divide(amount: int, weights: Sequence[int]) -> tuple[Wei, ...]:
    """Return `amount` in parts that are as the weights are, and sum to it exactly.

    Each part is rounded down; the wei that are left, fewer than there are parts, go one each to the parts from
    the first.

    Raises:
        Rejected: a weight or the amount is negative, or no weight is positive.

    >>> divide(100, [5, 3, 2])
    (50, 30, 20)
    >>> divide(10, [1, 1, 1])
    (4, 3, 3)
    """
    total = sum(weights)
    if amount < 0 or total <= 0 or min(weights) < 0:
        raise Rejected("Only a positive amount can be divided, by weights that are not negative and not all 0.")
    floors = [amount * weight // total for weight in weights]
    rest = amount - sum(floors)
    return tuple(Wei(part + (place < rest)) for place, part in enumerate(floors))
