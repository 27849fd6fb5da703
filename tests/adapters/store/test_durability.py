"""The store keeps what it kept: across reopening, processes, full disks, locks and damage."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from fraction.adapters.store import Store, open_store
from fraction.base import Rejected, SessionId, Unavailable, Wei
from fraction.sessions import Event, Refunded

SESSION = SessionId("31337-7")

ANOTHER_PROCESS = """
import sys
from fraction.adapters.store import open_store
from fraction.base import Conflict, NotFound
from fraction.sessions import Refunded

store = open_store(sys.argv[1])
for ticket in range(40):
    while True:
        try:
            length = len(store.logs.read("31337-7"))
        except NotFound:
            length = 0
        try:
            store.logs.append("31337-7", length, [Refunded(ticket=ticket, amount=1, transaction=sys.argv[2])])
        except Conflict:
            continue
        break
"""


def refund(ticket: int, transaction: str = "0x") -> Event:
    return Refunded(ticket=ticket, amount=Wei(1), transaction=transaction)


@contextmanager
def opened(file: Path, busy_seconds: float = 30.0) -> Generator[Store]:
    store = open_store(f"sqlite:///{file}", busy_seconds)
    try:
        yield store
    finally:
        store.close()


def test_what_was_kept_is_there_after_reopening(file: Path) -> None:
    with opened(file) as store:
        store.logs.append(SESSION, 0, [refund(0)])
        store.records.keep("space", "tweets", {"a": 1})
        head = store.logs.head(SESSION)
    with opened(file) as store:
        assert store.logs.read(SESSION) == (refund(0),)
        assert store.logs.head(SESSION) == head
        assert store.records.get("space", "tweets") == {"a": 1}


def test_the_file_is_in_wal_mode(file: Path) -> None:
    with opened(file), closing(sqlite3.connect(file)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_processes_share_one_file_without_losing_an_entry(file: Path) -> None:
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", ANOTHER_PROCESS, f"sqlite:///{file}"]
    children = [subprocess.Popen([*command, name], env=paths) for name in "ab"]
    assert [child.wait(60) for child in children] == [0, 0]
    with opened(file) as store:
        log = store.logs.read(SESSION)
    for name in "ab":
        ours = [entry for entry in log if isinstance(entry, Refunded) and entry.transaction == name]
        assert [entry.ticket for entry in ours] == list(range(40))
    assert len(log) == 80


def test_a_full_disk_is_said_and_loses_nothing(file: Path) -> None:
    with opened(file) as store:
        store.logs.append(SESSION, 0, [refund(0)])

    def fill(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        # SQLite then answers as it does on a full disk (SQLITE_FULL)
        connection.execute("PRAGMA max_page_count=1").close()

    event.listen(Engine, "connect", fill)
    try:
        with opened(file) as store, pytest.raises(Unavailable, match="the disk is full; free some space"):
            store.logs.append(SESSION, 1, [refund(1, "x" * 100_000)])
    finally:
        event.remove(Engine, "connect", fill)
    with opened(file) as store:
        assert store.logs.read(SESSION) == (refund(0),)
        store.logs.append(SESSION, 1, [refund(1)])
        assert store.logs.read(SESSION) == (refund(0), refund(1))


def test_a_locked_database_can_be_read_and_says_who_cannot_write(file: Path) -> None:
    with opened(file, busy_seconds=0.05) as store, closing(sqlite3.connect(file)) as other:
        store.logs.append(SESSION, 0, [refund(0)])
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="another program holds it"):
            store.logs.append(SESSION, 1, [refund(1)])
        assert store.logs.read(SESSION) == (refund(0),)
        other.execute("ROLLBACK")
        store.logs.append(SESSION, 1, [refund(1)])
        assert store.logs.read(SESSION) == (refund(0), refund(1))


@pytest.mark.parametrize("damage", ["something else", "its middle overwritten"])
def test_a_damaged_file_is_said(file: Path, damage: str) -> None:
    with opened(file) as store:
        store.logs.append(SESSION, 0, [refund(ticket, "x" * 1000) for ticket in range(100)])
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    content = file.read_bytes()
    if damage == "something else":
        file.write_bytes(b"This is no database." * 1000)
    else:
        file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(Unavailable, match="damaged"), opened(file) as store:
        store.logs.read(SESSION)


def test_tables_of_a_newer_program_are_refused(file: Path) -> None:
    with opened(file):
        pass
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("UPDATE schema_version SET version = 99")
        raw.commit()
    with pytest.raises(Rejected, match="install the newer program"), opened(file):
        pass


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://a/b", "sqlite://", "sqlite:///:memory:"])
def test_an_address_of_another_kind_is_rejected(url: str) -> None:
    with pytest.raises(Rejected, match="sqlite:///FILE"):
        open_store(url)


@pytest.mark.parametrize("url", ["sqlite:////no/such/folder/a.db", "postgresql://nobody@127.0.0.1:9/none"])
def test_a_database_that_cannot_be_reached_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable):
        open_store(url, busy_seconds=1)


def test_text_that_no_database_gives_back_is_rejected(file: Path) -> None:
    with opened(file) as store:
        with pytest.raises(Rejected, match="lone surrogate"):
            store.logs.append(SESSION, 0, [refund(0, "\ud800")])
        assert store.logs.sessions() == ()
