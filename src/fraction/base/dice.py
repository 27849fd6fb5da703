"""Chance as an argument: a stream of numbers that every node derives alike from one seed.

The stream is SHA-256 in counter mode, so it needs no library, has the same values in any language,
and two different purposes never share numbers.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Dice:
    """A deterministic stream of choices; the same seed and purpose give the same stream anywhere.

    >>> Dice("s", "tasks").below(100) == Dice("s", "tasks").below(100)
    True
    >>> Dice("s").shuffled([1, 2, 3]) != [9]
    True
    """

    def __init__(self, seed: str, *purpose: str | int) -> None:
        """Begin the stream named by `seed` and `purpose`."""
        self._key = hashlib.sha256("/".join([seed, *map(str, purpose)]).encode()).digest()
        self._count = 0

    def _word(self) -> int:
        block = hashlib.sha256(self._key + self._count.to_bytes(8, "big")).digest()
        self._count += 1
        return int.from_bytes(block[:8], "big")

    def below(self, bound: int) -> int:
        """Return a whole number in 0..bound-1, each as likely as the others (bound <= 2**32)."""
        limit = 2**64 - 2**64 % bound
        while (word := self._word()) >= limit:
            pass
        return word % bound

    def between(self, low: int, high: int) -> int:
        """Return a whole number in low..high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """Return True in `percent` of 100 cases."""
        return self.below(100) < percent

    def choice(self, items: Sequence[Item]) -> Item:
        """Return one of `items`."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return `items` in a random order (Fisher-Yates)."""
        order = list(items)
        for i in range(len(order) - 1, 0, -1):
            j = self.below(i + 1)
            order[i], order[j] = order[j], order[i]
        return order

    def sample(self, items: Sequence[Item], count: int) -> list[Item]:
        """Return `count` different positions' items, in random order."""
        return self.shuffled(items)[:count]
