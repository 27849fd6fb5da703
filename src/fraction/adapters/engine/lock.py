"""SQLite's part of the engine: the write-ahead log, and one process at a time."""

import fcntl
import os
import sqlite3
from contextlib import closing

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from fraction.base import Rejected, Unavailable


class FileLock:
    """A lock on a file that the operating system lets go when the process ends, however it ends."""

    def __init__(self, path: str) -> None:
        """Take the lock.

        Raises:
            Unavailable: another process has it.
            OSError: the file cannot be made.
        """
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._handle)
            raise Unavailable(
                f"Another process is running the jobs that {path} guards; stop it, or use another folder."
            ) from error

    def release(self) -> None:
        """Let the lock go."""
        os.close(self._handle)


def prepare_sqlite(url: str) -> FileLock | None:
    """Take the lock of an SQLite database and turn its write-ahead log on; return None for PostgreSQL.

    DBOS leaves SQLite's default journal, with which it is up to four times slower. The setting stays in
    the file. On PostgreSQL each process has a name of its own instead of the lock (`EngineSettings.executor`).

    Raises:
        Rejected: the address is not valid.
        Unavailable: another process has the lock, or the file cannot be used.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise Rejected("The engine's address is not valid; give sqlite:///FILE or postgresql://…") from error
    if address.get_backend_name() != "sqlite":
        return None
    path = str(address.database)
    try:
        lock = FileLock(f"{path}.lock")
    except OSError as error:
        raise Unavailable(f"The engine's file {path} cannot be made ({error.strerror}).") from error
    try:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.execute("PRAGMA journal_mode=WAL").close()
    except sqlite3.Error as error:
        lock.release()
        raise Unavailable(
            f"The engine's file {path} cannot be used ({error}); restore it from a backup, or remove it:"
            " a restart finds the unfinished Sessions in the store."
        ) from error
    return lock
