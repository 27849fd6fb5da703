"""What the entrants of a Session are asked, derived by everybody alike from the Session's seed.

A Space's source is a task source (`everyday`, or `everyday-2` for one level of it), a game (`bid-tac-toe`), or
`games`, which plays another game every two rounds.
"""

from fraction.base import Dice, NotFound
from fraction.spaces.games import GAMES, MIXED, Game
from fraction.spaces.sources import SOURCES
from fraction.spaces.space import Space
from fraction.spaces.task import Split, Task

LEVELS = (1, 2, 3)
"""Levels of difficulty, from easy to hard."""

MIXED_SOURCE = "games"

PROGRAM = "program"
"""The source of a Space whose tasks come from its own program."""


def is_game(space: Space) -> bool:
    """Return whether the Space's rounds are matches, not single replies."""
    return space.source == MIXED_SOURCE or space.source in GAMES


def is_source(name: str) -> bool:
    """Return whether a Space's file may name that source."""
    return name in (MIXED_SOURCE, PROGRAM) or name in GAMES or name in SOURCES or _levelled(name) is not None


def source_names() -> tuple[str, ...]:
    """Return the sources that a Space may name, without their levels."""
    return (*SOURCES, MIXED_SOURCE, *GAMES, PROGRAM)


def game_of(source: str, seed: str, round: int) -> Game:
    """Return the game of a round; of the mixed source, the order follows from the seed.

    Raises:
        NotFound: the source is no game.
    """
    if source == MIXED_SOURCE:
        order = Dice(seed, "games").shuffled(MIXED)
        return GAMES[order[round // 2 % len(order)]]
    if source not in GAMES:
        raise NotFound(f"There is no game {source!r}; known are {', '.join(GAMES)}.")
    return GAMES[source]


def tasks_of(space: Space, seed: str) -> tuple[Task, ...]:
    """Return the task of each round; no two are equal.

    Raises:
        NotFound: the Space names a source that this version does not have.
    """
    if is_game(space):
        return tuple(_game_task(space, seed, number) for number in range(space.rounds))
    return draw_tasks(space.source, seed, Split.SESSION, space.rounds)


def _game_task(space: Space, seed: str, round: int) -> Task:
    """Return the start of a round's matches as the first player sees it."""
    game = game_of(space.source, seed, round)
    start = game.start(min(game.seats[1], space.max_entrants), Dice(seed, "chance", round // 2, "start"))
    return Task(start.prompt(start.to_move()[0]), {"round": round, "game": game.name})


def draw_tasks(source: str, seed: str, split: Split, count: int) -> tuple[Task, ...]:
    """Return `count` different tasks of a source, the same for everybody who has the seed.

    Levels rise from round to round, over and over; a source with a level at its end keeps to that.

    Raises:
        NotFound: there is no such source.
    """
    name, levels = _levelled(source) or (source, LEVELS)
    draw = SOURCES.get(name)
    if draw is None:
        raise NotFound(f"There is no task source {source!r}; known are {', '.join(SOURCES)}.")
    dice = Dice(seed, "tasks", source, split.value)
    tasks: dict[str, Task] = {}
    while len(tasks) < count:
        task = draw(dice, split, levels[len(tasks) % len(levels)])
        tasks.setdefault(task.digest, task)
    return tuple(tasks.values())


def _levelled(source: str) -> tuple[str, tuple[int, ...]] | None:
    """Return name and level of a source such as `finance-3`, None if it has no level."""
    name, dash, level = source.rpartition("-")
    if not dash or name not in SOURCES or level not in map(str, LEVELS):
        return None
    return name, (int(level),)
