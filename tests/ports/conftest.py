import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from fraction.adapters.memory import MemoryAgents, MemoryLogs, MemoryOutbox, MemoryRecords, MemoryTokens
from fraction.adapters.store import open_store
from fraction.app.ports import Agents, Outbox, Records, SessionLogs
from fraction.app.tokens import Tokens
from tests.ports import postgres

KINDS = ["memory", "sqlite", *(["postgres"] if postgres.is_here() else [])]
_numbers = count()


@dataclass(frozen=True)
class Stores:
    """One adapter's answer to five ports."""

    logs: SessionLogs
    agents: Agents
    records: Records
    outbox: Outbox
    tokens: Tokens


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="fraction-pg-"))  # a socket's path must be short
    try:
        with postgres.running_server(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder)


def _run(server: str, statement: str) -> str:
    """Run one statement at the server; return a name that no other test uses, which `{name}` stands for."""
    name = f"fraction_test_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement.format(name=name)))
    engine.dispose()
    return name


@pytest.fixture
def new_schema(server: str) -> Callable[[], str]:
    """Make an empty schema and return an address that leads into it; cheaper than a database."""

    def create() -> str:
        name = _run(server, "CREATE SCHEMA {name}")
        address = make_url(server).update_query_dict({"options": f"-c search_path={name}"})
        return address.render_as_string(hide_password=False)

    return create


@pytest.fixture
def new_database(server: str) -> Callable[[], str]:
    """Make an empty database and return its address; DBOS keeps its tables in a schema of its own choice."""

    def create() -> str:
        address = make_url(server).set(database=_run(server, "CREATE DATABASE {name}"))
        return address.render_as_string(hide_password=False)

    return create


@pytest.fixture(params=KINDS[1:])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each sort that is here."""
    if request.param == "postgres":
        create: Callable[[], str] = request.getfixturevalue("new_schema")
        return create()
    return f"sqlite:///{tmp_path}/fraction.db"


@pytest.fixture(params=KINDS)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "memory":
        yield Stores(MemoryLogs(), MemoryAgents(), MemoryRecords(), MemoryOutbox(), MemoryTokens())
        return
    address = f"sqlite:///{tmp_path}/fraction.db"
    if request.param == "postgres":
        create: Callable[[], str] = request.getfixturevalue("new_schema")
        address = create()
    store = open_store(address)
    yield Stores(store.logs, store.agents, store.records, store.outbox, store.tokens)
    store.close()
