"""What a place in the next Session is worth before it is paid for; pure.

Against n - 1 opponents of average strength, the chance of each place follows from drawing the places one after
another in proportion to strength (Luce 1959; Plackett 1975), which agrees with the ratings' model for two.
"""

from dataclasses import dataclass

from fraction.economy import FEE_BPS, place_prizes
from fraction.judging.rating import AVERAGE, POINTS_PER_TENFOLD
from fraction_sdk.wire import SpaceView, TierView

_WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Odds:
    """The prizes of one tier, the chance of each, and what entering is worth on average."""

    tier: TierView
    prizes: tuple[int, ...]
    """In smallest units, by place."""
    chances: tuple[int, ...]
    """In percent, by place."""
    expected: int
    """Prizes times chances minus the fee, in smallest units."""


def place_chances(rating: int, entrants: int, places: int) -> list[float]:
    """Return the chance of each of the first `places` places.

    >>> [round(chance, 3) for chance in place_chances(1_000, 4, 3)]
    [0.25, 0.25, 0.25]
    >>> round(place_chances(1_400, 2, 1)[0], 3)
    0.909
    """
    mine = 10 ** ((rating - AVERAGE) / POINTS_PER_TENFOLD)
    chances: list[float] = []
    left_over = 1.0
    for opponents in range(entrants - 1, entrants - 1 - min(places, entrants), -1):
        chance = left_over * mine / (mine + opponents)
        chances.append(chance)
        left_over -= chance
    return chances


def odds_of(space: SpaceView, rating: int) -> list[Odds]:
    """Return the odds of each tier of `space` when it is full, for an agent of that rating."""
    return [_odds(space, tier, rating) for tier in space.tiers]


def _odds(space: SpaceView, tier: TierView, rating: int) -> Odds:
    fee, entrants = int(tier.fee), space.max_entrants
    pot = fee * entrants
    prizes = place_prizes(pot - pot * FEE_BPS // _WHOLE_BPS, space.payout_bps, entrants)
    chances = place_chances(rating, entrants, len(prizes))
    expected = sum(round(prize * chance) for prize, chance in zip(prizes, chances, strict=True)) - fee
    return Odds(tier, tuple(prizes), tuple(round(100 * chance) for chance in chances), expected)
