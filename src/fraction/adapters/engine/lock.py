"""One process at a time runs the jobs of one engine; and SQLite's write-ahead log is turned on.

The lock belongs to the operating system (a file) or to the server (a session), so it is let go when the
process ends, however it ends.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing

from sqlalchemy import URL, create_engine, func, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from fraction.adapters.engine.trouble import first_line
from fraction.base import Rejected, Unavailable

_PATIENCE_SECONDS = 3


def take_lock(url: str, executor: str) -> Callable[[], None]:
    """Take the lock of the engine at `url`; return what lets it go.

    Args:
        url: `sqlite:///FILE` or `postgresql://…`
        executor: on PostgreSQL several processes may share a database, each under a name of its own

    Raises:
        Rejected: the address is not valid.
        Unavailable: another process has the lock, or the database cannot be used.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise Rejected("The engine's address is not valid; give sqlite:///FILE or postgresql://…") from error
    if address.get_backend_name() == "postgresql":
        return _take_on_server(address, executor)
    path = str(address.database)
    let_go = _take_on_file(f"{path}.lock")
    try:
        _turn_wal_on(path)
    except BaseException:
        let_go()
        raise
    return let_go


def _take_on_server(address: URL, executor: str) -> Callable[[], None]:
    # the server needs a moment to see that a killed process is gone
    patience = f"{address.query.get('options', '')} -c lock_timeout={_PATIENCE_SECONDS * 1000}"
    engine = create_engine(
        address.set(drivername="postgresql+psycopg").update_query_dict({"options": patience}),
        isolation_level="AUTOCOMMIT",
    )
    try:
        connection = engine.connect()
        name = func.hashtextextended(f"fraction engine {executor}", 0)
        connection.execute(select(func.pg_advisory_lock(name)))
    except SQLAlchemyError as error:
        engine.dispose()
        if "lock timeout" in str(error):
            raise Unavailable(
                f"Another process is running the jobs of executor {executor}; stop it, or choose another name."
            ) from error
        raise Unavailable(f"The engine's database cannot be used ({first_line(error)}); check the server.") from error

    def let_go() -> None:
        connection.close()
        engine.dispose()

    return let_go


def _take_on_file(path: str) -> Callable[[], None]:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"The engine's file {path} cannot be made ({error.strerror}).") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise Unavailable(
            f"Another process is running the jobs that {path} guards; stop it, or use another folder."
        ) from error
    return lambda: os.close(handle)


def _turn_wal_on(path: str) -> None:
    """Set the file's journal mode, which stays; DBOS leaves the default, up to four times slower."""
    try:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.execute("PRAGMA journal_mode=WAL").close()
    except sqlite3.Error as error:
        raise Unavailable(
            f"The engine's file {path} cannot be used ({error}); restore it from a backup, or remove it:"
            " the unfinished Sessions are in the store, and are started again from there."
        ) from error
