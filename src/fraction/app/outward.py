"""Calling an address that a stranger named; the adapter sees to it that it leads nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    """The HTTP status; a redirect is an answer like any other."""
    body: bytes


class Outward(Protocol):
    """Calls addresses that strangers named."""

    def check(self, url: str) -> None:
        """Do nothing if `url` may be called; raise Rejected with what is wrong with it."""
        ...

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return what `url` answers to `body`.

        Raises:
            Rejected: it may not be called.
            Unavailable: nothing answers, or too slowly, or too much.
        """
        ...
