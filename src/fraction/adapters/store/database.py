"""The one place that speaks to SQLAlchemy's engine: transactions, settings, and errors turned into ours.

SQLite runs in WAL mode with `synchronous=FULL` (a commit survives a power cut), and a writer takes the lock
at its first statement (`BEGIN IMMEDIATE`): a deferred transaction that upgrades fails at once and ignores
the busy time-out. Source: https://www.sqlite.org/lang_transaction.html, section 2.2.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from fraction.base import Rejected, Unavailable

_REASONS = {
    "disk is full": "the disk is full; free some space",
    "disk i/o error": "the disk does not take or give its bytes; free some space or replace the disk",
    "is locked": "another program holds it; stop that program or wait until it is done",
    "malformed": "its file is damaged; restore it from a backup",
    "not a database": "its file is damaged or something else; restore it from a backup",
    "unable to open": "its file cannot be opened; check that the folder exists and may be written to",
    "readonly": "its file may not be written to; check its permissions",
}


class Database:
    """A pool of connections to one database."""

    def __init__(self, url: str, busy_seconds: float) -> None:
        """Prepare the pool; the database is first touched by the first transaction.

        Raises:
            Rejected: `url` is no address of SQLite or PostgreSQL.
        """
        self._engine = _engine(url, busy_seconds)
        self._writing = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        self._name = self._engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database and changes nothing.

        Raises:
            Unavailable: the database cannot be read.
        """
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept together at the end, or not at all.

        Raises:
            Unavailable: the database cannot be written; nothing of this transaction was kept.
        """
        with self._translated(), self._writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except exc.DataError as error:
            raise Rejected(
                f"The database cannot hold this text ({error.orig}); remove its control characters."
            ) from error
        except exc.TimeoutError as error:
            raise Unavailable(
                f"All connections to the database {self._name} are in use; try again in a moment."
            ) from error
        except (exc.OperationalError, exc.InternalError, exc.InterfaceError) as error:
            raise Unavailable(self._sentence(error)) from error
        except exc.DatabaseError as error:
            # the subclasses left (constraint, programming) are for the caller or our own bugs
            if type(error) is not exc.DatabaseError:
                raise
            raise Unavailable(self._sentence(error)) from error

    def _sentence(self, error: exc.DBAPIError) -> str:
        said = str(error.orig).strip().replace("\n", " ")
        known = (reason for sign, reason in _REASONS.items() if sign in said.lower())
        reason = next(known, f"it answered: {said}; check that it runs, then try again")
        return f"The database {self._name} cannot be used: {reason}."


def _engine(url: str, busy_seconds: float) -> Engine:
    try:
        address = make_url(url)
    except exc.ArgumentError as error:
        raise Rejected("The database's address is not valid; give sqlite:///FILE or postgresql://…") from error
    dialect = address.get_backend_name()
    if dialect == "postgresql":
        options = f"{address.query.get('options', '')} -c lock_timeout={int(busy_seconds * 1000)}"
        return create_engine(
            address.set(drivername="postgresql+psycopg").update_query_dict({"options": options}),
            pool_pre_ping=True,
            connect_args={"connect_timeout": max(2, int(busy_seconds))},
        )
    if dialect != "sqlite" or address.database in (None, "", ":memory:"):
        raise Rejected("A database is an SQLite file or PostgreSQL; give sqlite:///FILE or postgresql://…")
    engine = create_engine(address, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, in _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
