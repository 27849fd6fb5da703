import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from fraction.adapters.memory import MemoryAgents, MemoryLogs, MemoryOutbox, MemoryRecords
from fraction.adapters.store import open_store
from fraction.app.ports import Agents, Outbox, Records, SessionLogs
from tests.ports import postgres

KINDS = ["memory", "sqlite", *(["postgres"] if postgres.is_here() else [])]
_numbers = count()


@dataclass(frozen=True)
class Stores:
    """One adapter's answer to four ports."""

    logs: SessionLogs
    agents: Agents
    records: Records
    outbox: Outbox


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="fraction-pg-"))  # a socket's path must be short
    try:
        with postgres.running_server(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def new_database(server: str) -> Callable[[], str]:
    def create() -> str:
        name = f"fraction_test_{os.getpid()}_{next(_numbers)}"
        address = make_url(server).set(drivername="postgresql+psycopg")
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        address = make_url(server).set(database=name)
        return address.render_as_string(hide_password=False)

    return create


@pytest.fixture(params=KINDS[1:])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each sort that is here."""
    if request.param == "postgres":
        create: Callable[[], str] = request.getfixturevalue("new_database")
        return create()
    return f"sqlite:///{tmp_path}/fraction.db"


@pytest.fixture(params=KINDS)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "memory":
        yield Stores(MemoryLogs(), MemoryAgents(), MemoryRecords(), MemoryOutbox())
        return
    address = f"sqlite:///{tmp_path}/fraction.db"
    if request.param == "postgres":
        create: Callable[[], str] = request.getfixturevalue("new_database")
        address = create()
    store = open_store(address)
    yield Stores(store.logs, store.agents, store.records, store.outbox)
    store.close()
