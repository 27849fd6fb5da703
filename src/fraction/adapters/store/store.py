"""Opening the database: one address gives the logs, the agents, the documents and the outbox.

open_store("sqlite:////var/lib/fraction/fraction.db")
open_store("postgresql://fraction@db/fraction")
"""

from dataclasses import dataclass

from fraction.adapters.store.database import Database
from fraction.adapters.store.documents import StoredAgents, StoredRecords
from fraction.adapters.store.logs import StoredLogs
from fraction.adapters.store.outbox import StoredOutbox
from fraction.adapters.store.schema import upgrade
from fraction.adapters.store.tokens import StoredTokens


@dataclass(frozen=True, slots=True)
class Store:
    """What one database keeps; all parts may be used from any thread."""

    logs: StoredLogs
    agents: StoredAgents
    records: StoredRecords
    outbox: StoredOutbox
    tokens: StoredTokens
    database: Database

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()


def open_store(url: str, busy_seconds: float = 30.0) -> Store:
    """Return the store at `url`, with its tables made or brought up to date.

    Args:
        url: `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user@host/name`
        busy_seconds: how long a call waits for another writer before it gives up

    Raises:
        Rejected: the address is not one of those, or a newer program made the tables.
        Unavailable: the database cannot be reached or read.
    """
    database = Database(url, busy_seconds)
    try:
        with database.writing() as connection:
            upgrade(connection)
    except BaseException:
        database.close()
        raise
    return Store(
        StoredLogs(database),
        StoredAgents(database),
        StoredRecords(database),
        StoredOutbox(database),
        StoredTokens(database),
        database,
    )
