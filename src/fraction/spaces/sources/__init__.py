"""Where tasks come from: each source draws a task of a level from a stream of dice and a split of its world."""

from collections.abc import Callable

from fraction.base import Dice
from fraction.spaces.sources import code, everyday, exercise, finance, prose, tweets
from fraction.spaces.task import Split, Task

Source = Callable[[Dice, Split, int], Task]
"""Draws a task of a level from 1 (easy) to 3 (hard)."""


def _unlevelled(draw: Callable[[Dice, Split], Task]) -> Source:
    return lambda dice, split, level: draw(dice, split)


SOURCES: dict[str, Source] = {
    "tweets": _unlevelled(tweets.draw),
    "code": _unlevelled(code.draw),
    "listings": prose.source(prose.LISTING),
    "emails": prose.source(prose.EMAIL),
    "copywriting": prose.source(prose.COPY),
    "everyday": exercise.source(everyday.FAMILIES),
    "finance": exercise.source(finance.FAMILIES),
}
"""Every source that a Space's file may name, `everyday` for all levels and `everyday-2` for one."""

__all__ = ["SOURCES", "Source", "code", "tweets"]
