"""The tables, and how a database of an earlier version becomes one of this version.

Logs are append-only: triggers refuse to change or delete an entry, and every entry carries the digest of
all entries up to itself, so that a change made behind the triggers is found when the log is read.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
    text,
    update,
)

from fraction.base import Rejected

VERSION = 2
"""Counts up with each change of the tables; `upgrade` knows the way from every earlier one."""

_METADATA = MetaData()
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER PRIMARY KEY counts up by itself there

schema_version = Table("schema_version", _METADATA, Column("version", Integer, primary_key=True))

sessions = Table(
    "sessions",
    _METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("length", Integer, nullable=False),
    Column("head", Text, nullable=False),
)
"""One row a log: how long it is, and the digest of its last entry."""

events = Table(
    "events",
    _METADATA,
    Column("session", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

documents = Table(
    "documents",
    _METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("kind", "name"),
)

agents = Table(
    "agents",
    _METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),
)

outbox = Table(
    "outbox",
    _METADATA,
    Column("key", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("raw", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("final", Boolean, nullable=False),
    UniqueConstraint("account", "nonce"),
)

tokens = Table(
    "tokens",
    _METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("account", Text, nullable=False, index=True),
    Column("scopes", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
"""Since version 2."""

_SQLITE_GUARDS = [
    f"CREATE TRIGGER events_forbid_{change} BEFORE {change} ON events"
    " BEGIN SELECT RAISE(ABORT, 'entries of a log are never changed'); END"
    for change in ("update", "delete")
]
_POSTGRES_GUARDS = [
    "CREATE FUNCTION events_forbid() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'entries of a log are never changed'; END $$",
    "CREATE TRIGGER events_forbid BEFORE UPDATE OR DELETE OR TRUNCATE ON events"
    " FOR EACH STATEMENT EXECUTE FUNCTION events_forbid()",
]


def upgrade(connection: Connection) -> None:
    """Make the tables, or bring those of an earlier version up to date, within the open transaction.

    Raises:
        Rejected: a newer program made the tables.
    """
    if connection.dialect.name == "postgresql":
        # two processes that start together: the second waits here and finds the tables made
        connection.execute(text("SELECT pg_advisory_xact_lock(7162839)"))
    found = _version(connection)
    if found > VERSION:
        raise Rejected(
            f"The database has version {found} and this program knows versions up to {VERSION};"
            " install the newer program, or open another database."
        )
    if found == 0:
        _METADATA.create_all(connection)
        guards = _POSTGRES_GUARDS if connection.dialect.name == "postgresql" else _SQLITE_GUARDS
        for guard in guards:
            connection.execute(text(guard))
        connection.execute(insert(schema_version).values(version=VERSION))
    elif found < VERSION:
        _METADATA.create_all(connection)  # every version so far has only added tables; those there are stay as they are
        connection.execute(update(schema_version).values(version=VERSION))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(schema_version.name):
        return 0
    return connection.execute(select(schema_version.c.version)).scalar_one()
