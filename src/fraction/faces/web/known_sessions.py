"""Sessions as last read: those that cannot change any more are folded once and remembered."""

from dataclasses import dataclass
from threading import Lock

from fraction.app.ports import Engine, SessionLogs
from fraction.base import SessionId
from fraction.sessions import Event, Session, replay


@dataclass(frozen=True, slots=True)
class Known:
    """A Session with its log."""

    log: tuple[Event, ...]
    session: Session
    complete: bool
    """Whether nothing will be added."""


class KnownSessions:
    """Reads Sessions from their logs; safe to use from many threads."""

    def __init__(self, logs: SessionLogs, engine: Engine) -> None:
        """Remember nothing yet."""
        self._logs = logs
        self._engine = engine
        self._complete: dict[SessionId, Known] = {}
        self._lock = Lock()

    def all(self) -> list[Known]:
        """Return every Session, oldest first."""
        return [self.get(id) for id in self._logs.sessions()]

    def get(self, name: str) -> Known:
        """Return the Session of that id.

        Raises:
            NotFound: there is none.
        """
        id = SessionId(name)
        with self._lock:
            known = self._complete.get(id)
        return known or self._read(id)

    def _read(self, id: SessionId) -> Known:
        pending = ("session", id) in self._engine.pending()  # asked before the log, so "no" means no more
        log = self._logs.read(id)
        session = replay(log)
        missing = {r.judge for r in session.reveals} - {s.judge for s in session.sheets}
        known = Known(log, session, session.over and (not missing or not pending))
        if known.complete:
            with self._lock:
                self._complete[id] = known
        return known
