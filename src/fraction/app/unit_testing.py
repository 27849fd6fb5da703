"""Running a submission's hidden unit tests, wherever the sandbox is."""

from dataclasses import dataclass
from typing import Protocol

from fraction.base import JsonObject


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """How a submission did."""

    passed: int
    total: int
    error: str
    """What went wrong first, in a sentence; empty if nothing did."""


class TestRunner(Protocol):
    """Runs untrusted code against tests, in a sandbox."""

    def run_tests(self, source: str, hidden: JsonObject) -> TestOutcome:
        """Return how many of the task's tests `source` passes.

        Args:
            source: the submission, Python code
            hidden: the task's secret part: `entry`, the function's name, and `tests`, a list of objects
                with `args` and `expect`

        Raises:
            Unavailable: this machine has no sandbox.
        """
        ...
