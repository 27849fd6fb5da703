"""Where tasks come from: each source draws one task from a stream of dice and a split of its world."""

from fraction.spaces.sources import code, tweets

__all__ = ["code", "tweets"]
