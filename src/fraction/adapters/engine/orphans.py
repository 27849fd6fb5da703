"""Jobs that nobody carries on, although nobody was killed: found, and taken up again.

A database that is full or away for a moment may leave one behind: DBOS could not take it over at the start,
or could not note how it ended.
"""

from collections.abc import Callable, Collection
from threading import Event, Thread

from dbos import DBOS

from fraction.adapters.engine.loop import Job
from fraction.adapters.engine.trouble import first_line


class OrphanWatch:
    """Looks now and then for jobs that are said to run and do not."""

    def __init__(
        self, seconds: float, orphans: Callable[[], Collection[Job]], on_trouble: Callable[[str], None]
    ) -> None:
        """Look every `seconds`, on a thread of its own.

        Args:
            seconds: between two looks; a job is an orphan if two looks in a row find it so, since one that
                is just beginning looks the same
            orphans: returns the jobs that are said to run here and do not
            on_trouble: is told of looks that failed
        """
        self._seconds = seconds
        self._orphans = orphans
        self._on_trouble = on_trouble
        self._closing = Event()
        self._thread = Thread(target=self._watch, name="fraction-orphans", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._closing.set()
        self._thread.join()

    def _watch(self) -> None:
        before: set[Job] = set()
        while not self._closing.wait(self._seconds):
            try:
                found = set(self._orphans())
                for kind, name in found & before:
                    DBOS.resume_workflow(f"{kind}/{name}")
                    self._on_trouble(f"The {kind} {name} stood still and goes on.")
                before = found - before
            except Exception as error:  # noqa: BLE001 -- whatever the database says, the next look may succeed
                self._on_trouble(f"The engine could not look after its jobs: {first_line(error)}")
