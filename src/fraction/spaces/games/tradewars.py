"""BTC Tradewars: up to five agents trade one coin on one simulated market; who has most at the end wins.

Every step all name in secret what they do with their own money: `buy 40` spends 40 % of the cash, `sell 100` gives
up all coins, `hold` waits. Then, and only then, the next price is drawn, so nobody can look ahead. The market drifts
in regimes that last some steps, so that what was seen helps a little. All trade at the shown price with a fee of
0.2 %; nobody's trade moves it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fraction.base import Dice, Score
from fraction.spaces.games.game import MAX_FAULTS

STEPS = 8
"""How often one trades."""

START_CENTS = 1_000_00
"""Cash that everybody starts with, in cents."""

COIN = 1_000_000
"""Units of one coin."""

FEE_BPS = 20
SHOWN = 6
"""How many prices a player sees."""

_ORDER = re.compile(r"hold|(buy|sell) ([1-9][0-9]?|100)")
_DRIFTS = (-250, 0, 250)
"""What a regime adds to each step's change, in hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class Purse:
    """What one player has."""

    cents: int = START_CENTS
    units: int = 0
    """Of a coin, in millionths."""
    faults: int = 0

    def worth(self, price: int) -> int:
        """Return cash and coins together, in cents."""
        return self.cents + self.units * price // COIN


@dataclass(frozen=True, slots=True)
class BtcTradewars:
    """BTC Tradewars as a `Game`."""

    name: str = "btc-tradewars"
    seats: tuple[int, int] = (2, 5)

    def start(self, seats: int, dice: Dice) -> "Market":
        """Return the market before the first trade, with some past prices; see `Game`."""
        prices = [dice.between(20_000, 90_000) * 100]
        drift = dice.choice(_DRIFTS)
        for _ in range(SHOWN - 1):
            prices.append(_next_price(prices[-1], drift, dice))
        return Market(tuple(prices), drift, (Purse(),) * seats, 0)


@dataclass(frozen=True, slots=True)
class Market:
    """The market between two steps, a `Position`."""

    prices: tuple[int, ...]
    """In cents, oldest first; the last is today's."""
    drift: int
    """The regime; no player is shown it."""
    purses: tuple[Purse, ...]
    step: int

    def to_move(self) -> tuple[int, ...]:
        """Return every seat that has not forfeited, until the last step; see `Position`."""
        if self.step >= STEPS:
            return ()
        return tuple(seat for seat, purse in enumerate(self.purses) if purse.faults < MAX_FAULTS)

    def prompt(self, seat: int) -> str:
        """Return the past prices and the seat's own purse; see `Position`."""
        purse, price = self.purses[seat], self.prices[-1]
        past = " ".join(str(p // 100) for p in self.prices[-SHOWN:])
        return (
            f"BTC Tradewars, step {self.step + 1} of {STEPS}, {len(self.purses)} traders.\n"
            f"Prices: {past}\nCash ${purse.cents // 100}, coins worth ${purse.units * price // COIN // 100}.\n"
            "Reply: buy N, sell N (percent) or hold"
        )

    def is_legal(self, seat: int, text: str) -> bool:
        """Return whether the text is an order; any seat may give any; see `Position`."""
        return 0 <= seat < len(self.purses) and _ORDER.fullmatch(text.strip()) is not None

    def play(self, texts: Mapping[int, str], dice: Dice) -> "Market":
        """Return the market after all orders and the next price; an unreadable order holds."""
        price = self.prices[-1]
        purses = tuple(
            _traded(purse, texts[seat].strip(), price) if seat in texts else purse
            for seat, purse in enumerate(self.purses)
        )
        drift = dice.choice(_DRIFTS) if dice.chance(20) else self.drift
        return Market((*self.prices, _next_price(price, drift, dice)), drift, purses, self.step + 1)

    def scores(self) -> tuple[Score, ...] | None:
        """Return for each seat the share of the others that it beats, a tie counting half; see `Position`."""
        if self.to_move():
            return None
        price = self.prices[-1]
        worth = [p.worth(price) if p.faults < MAX_FAULTS else -1 for p in self.purses]
        others = len(worth) - 1
        return tuple(
            Score(0 if own < 0 else 10_000 * (2 * sum(w < own for w in worth) + worth.count(own) - 1) // (2 * others))
            for own in worth
        )


def _next_price(price: int, drift: int, dice: Dice) -> int:
    return max(100, price * (10_000 + drift + dice.between(-400, 400)) // 10_000)


def _traded(purse: Purse, text: str, price: int) -> Purse:
    order = _ORDER.fullmatch(text)
    if order is None:
        return replace(purse, faults=purse.faults + 1)
    percent = int(order[2] or 0)
    if order[1] == "buy":
        spent = purse.cents * percent // 100
        return replace(purse, cents=purse.cents - spent, units=purse.units + _after_fee(spent) * COIN // price)
    sold = purse.units * percent // 100 if order[1] == "sell" else 0
    return replace(purse, cents=purse.cents + _after_fee(sold * price // COIN), units=purse.units - sold)


def _after_fee(cents: int) -> int:
    return cents * (10_000 - FEE_BPS) // 10_000
