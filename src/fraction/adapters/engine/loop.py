"""How one job is carried through its steps, whatever they raise."""

from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import Event, Lock
from typing import TypeAlias

from fraction.adapters.engine.settings import EngineSettings
from fraction.app.ports import Progress
from fraction.base import FractionError, Unavailable

Job: TypeAlias = tuple[str, str]
"""A job's kind and name."""


class JobFailed(Exception):
    """A step has used up its tries; the text is the reason."""


class Stopping(BaseException):
    """The engine is closing: the job is left as it is. No `Exception`, so DBOS records no outcome."""


class Loop:
    """The steps of all kinds, the threads they run on, and the waits between them."""

    def __init__(self, settings: EngineSettings, on_trouble: Callable[[str], None]) -> None:
        """Prepare; no thread runs before `open`."""
        self.steps: dict[str, Callable[[str], Progress]] = {}
        self._settings = settings
        self._on_trouble = on_trouble
        self._alarms: dict[Job, Event] = {}
        self._lock = Lock()
        self._closing = True
        self._workers: ThreadPoolExecutor | None = None

    def open(self) -> None:
        """Let jobs run."""
        self._workers = ThreadPoolExecutor(self._settings.workers, thread_name_prefix="fraction-step")
        self._closing = False

    def close(self) -> None:
        """End every wait and let no further step begin; return once no step is under way."""
        with self._lock:
            self._closing = True
            for alarm in self._alarms.values():
                alarm.set()
        if self._workers is not None:
            self._workers.shutdown(cancel_futures=True)
            self._workers = None

    def running(self) -> set[Job]:
        """Return the jobs that are under way or wait."""
        with self._lock:
            return set(self._alarms)

    def wake(self, job: Job) -> None:
        """End the job's wait, if it waits."""
        with self._lock:
            if alarm := self._alarms.get(job):
                alarm.set()

    def job(self) -> Callable[[str, str], None]:
        """Return the function that runs one job, given its kind and name, until it is done.

        It raises JobFailed when a step has used up its tries, and Stopping when the engine closes.
        """

        def run(kind: str, name: str) -> None:
            job = (kind, name)
            with self._lock:
                self._alarms[job] = Event()
            try:
                self._run(job)
            finally:
                with self._lock:
                    del self._alarms[job]

        return run

    def _run(self, job: Job) -> None:
        errors = failures = 0
        while True:
            try:
                progress = self._advance(job)
            except Unavailable as error:
                errors += 1
                self._on_trouble(f"The {job[0]} {job[1]} waits and will go on by itself: {error}")
            except Exception as error:  # noqa: BLE001 -- a step may raise anything; its job must not vanish
                errors += 1
                failures += 1
                self._failed(job, failures, error)
            else:
                if progress.done:
                    return
                errors = failures = 0
                self._wait(job, progress.wait_seconds)
                continue
            self._wait(job, self._back_off(errors))

    def _advance(self, job: Job) -> Progress:
        kind, name = job
        workers = self._workers
        if workers is None:
            raise Stopping
        if kind not in self.steps:
            raise JobFailed(f"No job of kind {kind} can run here; this program does not know it.")
        try:
            return workers.submit(self.steps[kind], name).result()
        except (CancelledError, RuntimeError) as error:
            if self._closing:
                raise Stopping from error
            raise

    def _failed(self, job: Job, failures: int, error: Exception) -> None:
        reason = str(error) if isinstance(error, FractionError | JobFailed) else f"{type(error).__name__}: {error}"
        if failures < self._settings.tries and not isinstance(error, JobFailed):
            self._on_trouble(f"The {job[0]} {job[1]} met an error and tries again: {reason}")
            return
        self._on_trouble(f"The {job[0]} {job[1]} has failed and stands still until a restart: {reason}")
        raise JobFailed(reason) from error

    def _back_off(self, errors: int) -> float:
        doubled = self._settings.first_retry_seconds * 2 ** min(errors - 1, 30)
        return min(self._settings.longest_retry_seconds, doubled)

    def _wait(self, job: Job, seconds: float) -> None:
        alarm = self._alarms[job]
        if seconds > 0 and not self._closing:
            alarm.wait(seconds)
        alarm.clear()
        if self._closing:
            raise Stopping
