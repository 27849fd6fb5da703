"""Running a submission's hidden unit tests, wherever the sandbox is."""

from dataclasses import dataclass
from typing import Protocol

from fraction.base import JsonObject, Score


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """How a submission did."""

    passed: int
    total: int
    error: str
    """What went wrong first, in a sentence; empty if nothing did."""
    instructions: int | None = None
    """Bytecode instructions that the submission took for all tests; None if they could not be counted."""
    reference: int | None = None
    """What the task's reference program took; None if the task has none."""


FULL_PERCENT, NOTHING_PERCENT = 110, 300
"""Instructions, in percent of the reference's, up to which efficiency is full, and from which it is nothing."""


def efficiency_score(instructions: int, reference: int) -> Score:
    """Return the score of a program by its instructions, linear between the two limits.

    >>> efficiency_score(110, 100), efficiency_score(205, 100), efficiency_score(400, 100)
    (10000, 5000, 0)
    """
    percent = -(-100 * instructions // max(1, reference))
    span = NOTHING_PERCENT - FULL_PERCENT
    return Score(10_000 * min(span, max(0, NOTHING_PERCENT - percent)) // span)


class TestRunner(Protocol):
    """Runs untrusted code against tests, in a sandbox."""

    def run_tests(self, source: str, hidden: JsonObject) -> TestOutcome:
        """Return how many of the task's tests `source` passes.

        Args:
            source: the submission, Python code
            hidden: the task's secret part: `entry`, the function's name, and `tests`, a list of objects
                with `args` and `expect`, and perhaps `reference`, the text of a program to be compared with

        Raises:
            Unavailable: this machine has no sandbox.
        """
        ...
