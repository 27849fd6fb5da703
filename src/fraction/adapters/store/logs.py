"""The logs of Sessions, append-only and chained.

    digest of entry n = SHA-256( digest of entry n-1, as hex ‖ canonical JSON of entry n )

The chain begins with the SHA-256 of the Session's id. A log that was changed behind our back does not fold:
reading it says so instead of answering.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection, exc, insert, select, update

from fraction.adapters.store.database import Database
from fraction.adapters.store.schema import events, sessions
from fraction.adapters.store.text import stored_text
from fraction.base import (
    Conflict,
    Digest,
    NotFound,
    SessionId,
    Unavailable,
    sha256_of,
)
from fraction.sessions import Event, event_from_json, event_to_json

_CACHED_LOGS = 256
"""How many logs are kept read, so that a step of a Session reads only what is new."""


@dataclass(frozen=True, slots=True)
class _Log:
    head: Digest
    entries: tuple[Event, ...]


class StoredLogs:
    """Keeps the logs of Sessions; a `SessionLogs`."""

    def __init__(self, database: Database) -> None:
        """Keep them in `database`."""
        self._database = database
        self._known: dict[SessionId, _Log] = {}
        self._lock = Lock()

    def read(self, session: SessionId) -> tuple[Event, ...]:
        """Return the log.

        Raises:
            NotFound: there is no such Session.
            Unavailable: the database cannot be read, or the log was tampered with.
        """
        known = self._known.get(session) or _Log(_genesis(session), ())
        with self._database.reading() as connection:
            row = connection.execute(select(sessions).where(sessions.c.name == session)).one_or_none()
            if row is None:
                raise NotFound(f"There is no Session {session}; check its number.")
            tail = _tail(connection, session, len(known.entries), row.length)
        log = _extended(session, known, tail)
        if log.head != row.head or len(log.entries) != row.length:
            raise _tampered(session)
        self._remember(session, log)
        return log.entries

    def append(self, session: SessionId, length: int, events: Sequence[Event]) -> None:
        """Append `events` to a log that has `length` entries; a new log has none.

        Raises:
            Conflict: the log has another length; somebody else appended first.
            Unavailable: the database cannot be written; nothing was appended.
        """
        bodies = [stored_text(event_to_json(event)) for event in events]
        try:
            with self._database.writing() as connection:
                _append(connection, session, length, bodies)
        except exc.IntegrityError as error:
            # PostgreSQL: another process made the log's first entry at the same time
            raise _moved_on(session, length) from error

    def sessions(self) -> tuple[SessionId, ...]:
        """Return all Sessions that have a log, oldest first."""
        with self._database.reading() as connection:
            names = connection.execute(select(sessions.c.name).order_by(sessions.c.number)).scalars()
            return tuple(map(SessionId, names))

    def head(self, session: SessionId) -> Digest:
        """Return the digest of the log's last entry, which binds all entries before it.

        Raises:
            NotFound: there is no such Session.
        """
        with self._database.reading() as connection:
            head = connection.execute(select(sessions.c.head).where(sessions.c.name == session)).scalar()
        if head is None:
            raise NotFound(f"There is no Session {session}; check its number.")
        return Digest(head)

    def _remember(self, session: SessionId, log: _Log) -> None:
        with self._lock:
            self._known.pop(session, None)
            self._known[session] = log
            if len(self._known) > _CACHED_LOGS:
                del self._known[next(iter(self._known))]


def _append(connection: Connection, session: SessionId, length: int, bodies: list[str]) -> None:
    row = connection.execute(select(sessions).where(sessions.c.name == session).with_for_update()).one_or_none()
    if (row.length if row else 0) != length:
        raise _moved_on(session, length)
    if not bodies:
        return
    head = Digest(row.head) if row else _genesis(session)
    rows: list[dict[str, str | int]] = []
    for seq, body in enumerate(bodies, start=length):
        head = _chained(head, body)
        rows.append({"session": session, "seq": seq, "body": body, "digest": head})
    connection.execute(insert(events), rows)
    state = {"length": length + len(bodies), "head": head}
    if row:
        connection.execute(update(sessions).where(sessions.c.name == session).values(state))
    else:
        connection.execute(insert(sessions).values(name=session, **state))


def _tail(connection: Connection, session: SessionId, start: int, length: int) -> list[tuple[str, Digest]]:
    if start == length:
        return []
    query = select(events.c.body, events.c.digest).where(
        events.c.session == session, events.c.seq >= start, events.c.seq < length
    )
    return [(row.body, Digest(row.digest)) for row in connection.execute(query.order_by(events.c.seq))]


def _extended(session: SessionId, known: _Log, tail: list[tuple[str, Digest]]) -> _Log:
    head, entries = known.head, list(known.entries)
    for body, digest in tail:
        head = _chained(head, body)
        if head != digest:
            raise _tampered(session)
        entries.append(event_from_json(json.loads(body)))
    return _Log(head, tuple(entries))


def _genesis(session: SessionId) -> Digest:
    return sha256_of(session.encode())


def _chained(head: Digest, body: str) -> Digest:
    return sha256_of(head.encode() + body.encode())


def _moved_on(session: SessionId, length: int) -> Conflict:
    return Conflict(
        f"The log of Session {session} does not have {length} entries any more; read it again and decide anew."
    )


def _tampered(session: SessionId) -> Unavailable:
    return Unavailable(
        f"The log of Session {session} does not agree with its own digests: somebody changed the database."
        " Restore it from a backup."
    )
