"""Jobs on one thread of this process; nothing survives it. For tests and short scripts."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from threading import Condition, Thread
from time import monotonic

from fraction.app.ports import Progress
from fraction.base import FractionError, Rejected, Unavailable

Job = tuple[str, str]
"""A job's kind and name."""


@dataclass(order=True, slots=True)
class _Due:
    at: float
    order: int
    job: Job
    tries: int = 0


class ThreadEngine:
    """Runs the steps of all jobs one after another, in the order in which they fall due; an `Engine`.

    A step that raises `Unavailable` is repeated after `retry_seconds`, for ever; any other error is
    retried `tries` times in all, and then the job has failed.
    """

    def __init__(self, retry_seconds: float = 0.05, tries: int = 3) -> None:
        """Begin with no jobs; nothing runs before `launch`."""
        self._retry_seconds = retry_seconds
        self._tries = tries
        self._steps: dict[str, Callable[[str], Progress]] = {}
        self._jobs: dict[Job, str] = {}
        self._due: list[_Due] = []
        self._woken = Condition()
        self._closed = False
        self._thread = Thread(target=self._work, name="fraction-engine", daemon=True)

    def register(self, kind: str, step: Callable[[str], Progress]) -> None:
        """Say how jobs of a kind advance; `step` is given the job's name."""
        self._steps[kind] = step

    def launch(self) -> None:
        """Begin to work."""
        self._thread.start()

    def start(self, kind: str, name: str) -> None:
        """Start the job; a job of that kind and name that exists already goes on unchanged.

        A job that has failed is tried anew.

        Raises:
            Rejected: nobody registered the kind.
        """
        if kind not in self._steps:
            raise Rejected(f"No job of kind {kind} can run here; register the kind first.")
        with self._woken:
            if self._jobs.get((kind, name), "failed").startswith("failed"):
                self._jobs[kind, name] = "pending"
                heappush(self._due, _Due(monotonic(), len(self._jobs), (kind, name)))
                self._woken.notify()

    def pending(self) -> tuple[Job, ...]:
        """Return kind and name of every job that is neither done nor failed."""
        with self._woken:
            return tuple(job for job, state in self._jobs.items() if state == "pending")

    def failures(self) -> tuple[tuple[str, str, str], ...]:
        """Return kind, name and reason of every job that has failed."""
        with self._woken:
            return tuple(
                (*job, state.removeprefix("failed: "))
                for job, state in self._jobs.items()
                if state.startswith("failed")
            )

    def wake(self, kind: str, name: str) -> None:
        """Let the job take its next step now, whatever wait it asked for."""
        with self._woken:
            for due in self._due:
                if due.job == (kind, name):
                    due.at = monotonic()
            heapify(self._due)
            self._woken.notify()

    def close(self) -> None:
        """Stop working after the step that is under way; what is unfinished stays so."""
        with self._woken:
            self._closed = True
            self._woken.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while due := self._next():
            self._advance(due)

    def _next(self) -> _Due | None:
        with self._woken:
            while not self._closed:
                if self._due and self._due[0].at <= monotonic():
                    return heappop(self._due)
                self._woken.wait(self._due[0].at - monotonic() if self._due else None)
        return None

    def _advance(self, due: _Due) -> None:
        kind, name = due.job
        try:
            progress = self._steps[kind](name)
        except Unavailable:
            self._again(due, self._retry_seconds, due.tries)
        except Exception as error:  # noqa: BLE001 -- a job's error must not end the other jobs
            self._failed(due, error)
        else:
            if progress.done:
                with self._woken:
                    self._jobs[due.job] = "done"
            else:
                self._again(due, progress.wait_seconds, 0)

    def _again(self, due: _Due, wait_seconds: float, tries: int) -> None:
        with self._woken:
            heappush(self._due, _Due(monotonic() + wait_seconds, due.order, due.job, tries))

    def _failed(self, due: _Due, error: Exception) -> None:
        if due.tries + 1 < self._tries:
            self._again(due, self._retry_seconds, due.tries + 1)
            return
        name = "" if isinstance(error, FractionError) else f"{type(error).__name__}: "
        with self._woken:
            self._jobs[due.job] = f"failed: {name}{error}"
