"""What a node attends to by number, Sessions or tasks: one that is refused waits, and keeps it from no other."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from fraction.app.ports import Clock
from fraction.base import Instant, Rejected

RETRY_SECONDS = 3
"""How long a number that was refused is left alone."""


class Attendant(Protocol):
    """A node that knows the time and what it leaves alone until when."""

    @property
    def clock(self) -> Clock:
        """The node's clock."""
        ...

    @property
    def not_before(self) -> dict[int, Instant]:
        """Until when a number is left alone."""
        ...


NodeT = TypeVar("NodeT", bound=Attendant)


def attend_safely(node: NodeT, number: int, name: str, attend: Callable[[NodeT, int], str]) -> str:
    """Return what `attend` did for `number`, or why it was refused; nothing while the number is left alone.

    Raises:
        Unavailable: as `attend` does; look again later.
    """
    if node.clock.now() < node.not_before.get(number, 0):
        return ""
    try:
        return attend(node, number)
    except Rejected as refusal:
        node.not_before[number] = Instant(node.clock.now() + RETRY_SECONDS)
        return f"{name} {number}: {refusal}"
