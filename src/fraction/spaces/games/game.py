"""What a game is to Fraction: a start from dice, and positions that ask, take replies and know who won.

Everything about a game is a function of its dice and its players' texts, so that every node that has the replies
finds the same result.
"""

from collections.abc import Mapping
from typing import Protocol

from fraction.base import Dice, Score

MAX_FAULTS = 2
"""Illegal moves of one seat that forfeit the game."""


class Position(Protocol):
    """A game between two steps; never changed, only followed by another."""

    def to_move(self) -> tuple[int, ...]:
        """Return the seats that owe a move now, 0 for the first; none when the game is over."""
        ...

    def prompt(self, seat: int) -> str:
        """Return the message that asks `seat` for its move; it shows what that seat may see and nothing else."""
        ...

    def is_legal(self, seat: int, text: str) -> bool:
        """Return whether `text` is a legal move of `seat` here."""
        ...

    def play(self, texts: Mapping[int, str], dice: Dice) -> "Position":
        """Return the position after the replies of all seats that owe one; `dice` decides what chance decides."""
        ...

    def scores(self) -> tuple[Score, ...] | None:
        """Return each seat's share, 10000 for a win and 0 for a loss; None while the game goes on."""
        ...


class Game(Protocol):
    """The rules of one game."""

    @property
    def name(self) -> str:
        """How a Space's file names it."""
        ...

    @property
    def seats(self) -> tuple[int, int]:
        """Fewest and most players of one match."""
        ...

    def start(self, seats: int, dice: Dice) -> Position:
        """Return the first position of a match of so many players; `dice` deals."""
        ...
