"""What the entrants of a Session are asked, derived by everybody alike from the Session's seed."""

from collections.abc import Callable

from fraction.base import Dice, NotFound
from fraction.spaces.games import bid_tac_toe
from fraction.spaces.sources import code, tweets
from fraction.spaces.space import Space
from fraction.spaces.task import Split, Task

GAMES = ("bid-tac-toe",)
"""The sources that are games: their rounds are duels, not single replies."""

_SOURCES: dict[str, Callable[[Dice, Split], Task]] = {"tweets": tweets.draw, "code": code.draw}


def is_game(space: Space) -> bool:
    """Return whether the Space's rounds are duels."""
    return space.source in GAMES


def tasks_of(space: Space, seed: str) -> tuple[Task, ...]:
    """Return the task of each round; no two are equal.

    Raises:
        NotFound: the Space names a source that this version does not have.
    """
    if is_game(space):
        return tuple(
            Task(bid_tac_toe.render(bid_tac_toe.State(), "X"), {"round": number}) for number in range(space.rounds)
        )
    return draw_tasks(space.source, seed, Split.SESSION, space.rounds)


def draw_tasks(source: str, seed: str, split: Split, count: int) -> tuple[Task, ...]:
    """Return `count` different tasks of a source, the same for everybody who has the seed.

    Raises:
        NotFound: there is no such source.
    """
    draw = _SOURCES.get(source)
    if draw is None:
        raise NotFound(f"There is no task source {source!r}; known are {', '.join(_SOURCES)}.")
    dice = Dice(seed, "tasks", source, split.value)
    tasks: dict[str, Task] = {}
    while len(tasks) < count:
        task = draw(dice, split)
        tasks.setdefault(task.digest, task)
    return tuple(tasks.values())
