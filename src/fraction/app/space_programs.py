"""The program of a Space, wherever the sandbox is: a stranger's tasks, evaluation and environments.

Three forms are known, told apart by what the program defines:

    tasks(seed) and evaluate(task, reply)   our own form
    load_environment()                      the form of the library `verifiers`: a data set and a rubric
    make()                                  an environment of Gymnasium's or PettingZoo's form: a game
"""

from dataclasses import dataclass
from typing import Protocol

from fraction.base import Score
from fraction.spaces import Task
from fraction.spaces.games import Game

MAX_SOURCE_CHARACTERS = 40_000
"""A longer program is refused."""


@dataclass(frozen=True, slots=True)
class Table:
    """A game of a program after some actions."""

    seats: int
    to_move: int | None
    """Whose turn it is; None when the game is over."""
    prompt: str
    moves: tuple[str, ...]
    rewards: tuple[int, ...]
    """Each seat's reward so far, in thousandths."""


class SpacePrograms(Protocol):
    """Runs Spaces' programs in a sandbox, never in the platform's process."""

    def tasks(self, source: str, seed: str, count: int) -> tuple[Task, ...]:
        """Return tasks that the program makes of a seed.

        Raises:
            Rejected: the program fails, or gives no list of tasks; the text names its line.
            Unavailable: this machine has no sandbox.
        """
        ...

    def evaluate(self, source: str, task: Task, reply: str) -> Score:
        """Return what the program thinks of a reply; raises as `tasks` does."""
        ...

    def table(self, source: str, seed: str, actions: tuple[str, ...]) -> Table:
        """Return the program's game after these actions; raises as `tasks` does."""
        ...

    def game(self, source: str) -> Game:
        """Return the program's environment as a game that matches can be played in; raises as `tasks` does."""
        ...
