"""What a judge's record is worth: its weight, its chance of being drawn, its pay.

    weight = skill x steadiness x presence      skill       max(0, 2 a - 1), a the lower end of gold's interval
                                                steadiness  10 / (10 + r), r points between repeats in the mean
                                                presence    (answered + 1) / (drawn + 1)

The lower end is taken, so that a weight is earned by many right answers and not by a few; who does no better than a
coin has none. A newcomer has `FLOOR` until gold shows that it is no better than 60 %. Agreement with the panel is not
in it: it would pay for following the others.

    chance of being drawn   stake x weight, as a share of all
    pay                     of those within the tolerance, in proportion to balanced weights

What of it is in force: weights are shown on report cards. The chain draws by stake and pays alike (ADR 3, 19).
"""

from collections.abc import Sequence

from fraction.judging.panel import balanced
from fraction.judging.record import Record, card_of

WHOLE = 1_000
"""The weight of a perfect judge."""

FLOOR = 100
"""The weight of a newcomer."""

COIN = 0.6
"""Who is surely below this share of gold has no weight at all."""

HALF_STEADY = 1_000
"""Hundredths of a point between repeats at which half of the weight is left."""


def weight_of(record: Record) -> int:
    """Return the judge's weight, 0 to 1000.

    >>> weight_of(Record())
    100
    """
    accuracy = card_of(record).accuracy
    if accuracy.high < COIN:
        return 0
    skill = max(0.0, 2 * accuracy.low - 1)
    distance = sum(record.repeats) / len(record.repeats) if record.repeats else 0.0
    steadiness = HALF_STEADY / (HALF_STEADY + distance)
    presence = (record.answered + 1) / (record.drawn + 1)
    return max(round(WHOLE * skill * steadiness * presence), round(FLOOR * presence))


def draw_chances(stakes: Sequence[int], weights: Sequence[int]) -> list[float]:
    """Return each judge's share of all stake times weight; nobody has a chance where that is nothing.

    >>> draw_chances([100, 100, 50], [1000, 500, 0])
    [0.6666666666666666, 0.3333333333333333, 0.0]
    """
    products = [stake * weight for stake, weight in zip(stakes, weights, strict=True)]
    total = sum(products)
    return [product / total if total else 0.0 for product in products]


def pay_shares(pool: int, weights: Sequence[int], within: Sequence[bool]) -> tuple[int, ...]:
    """Return what each judge of a panel gets of the pool, rounded down; the rest is the treasury's.

    Args:
        pool: what is to be paid, in smallest units
        weights: by judge
        within: whether the judge was within the tolerance

    >>> pay_shares(1000, [900, 100, 100, 500], [True, True, True, False])
    (498, 250, 250, 0)
    """
    places = [place for place, good in enumerate(within) if good]
    shares = balanced([weights[place] for place in places])
    total = sum(shares)
    paid = {place: pool * share // total for place, share in zip(places, shares, strict=True)}
    return tuple(paid.get(place, 0) for place in range(len(within)))
