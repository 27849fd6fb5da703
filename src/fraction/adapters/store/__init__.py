"""Everything the platform must not forget, in SQLite (one file) or PostgreSQL (by address)."""

from fraction.adapters.store.documents import StoredAgents, StoredRecords
from fraction.adapters.store.logs import StoredLogs
from fraction.adapters.store.outbox import StoredOutbox
from fraction.adapters.store.store import Store, open_store

__all__ = ["Store", "StoredAgents", "StoredLogs", "StoredOutbox", "StoredRecords", "open_store"]
