"""Killed at any moment, a Session ends as if nothing had happened: each round once, each payment once.

The normal run tries a dozen moments on SQLite and a few on PostgreSQL, if it is here;
`FRACTION_CHAOS=full` tries every one.
"""

import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from fraction.adapters.store import open_store
from fraction.base import sha256_of
from fraction.sessions import Refunded
from tests.chaos.engine_session import (
    ACCOUNT,
    FIRST_NONCE,
    ROUNDS,
    SESSION,
    Ledger,
    addresses_in,
    run_session,
)
from tests.ports import postgres

MOMENTS = {"sqlite": 12, "postgres": 5}
"""How many the normal run tries."""

Addresses = tuple[str, str]
Place = Callable[[Path], Addresses]
"""Gives the addresses of an empty store and an empty engine."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.chaos.engine_session"])


def run(folder: Path, addresses: Addresses, kill_at: int = 0) -> int:
    process = _processes.Process(target=run_session, args=(folder, addresses, kill_at))
    process.start()
    process.join(90)
    assert process.exitcode is not None, "The process hangs."
    return process.exitcode


def check(folder: Path, addresses: Addresses) -> None:
    store = open_store(addresses[0])
    log = store.logs.read(SESSION)
    unconfirmed = store.outbox.unconfirmed(ACCOUNT)
    store.close()
    expected = [(FIRST_NONCE + ticket, f"pay {ticket}") for ticket in range(ROUNDS)]
    assert Ledger(folder).payments() == expected
    hashes = [sha256_of(f"{purpose} {nonce}".encode()) for nonce, purpose in expected]
    paid = [(entry.ticket, entry.transaction) for entry in log if isinstance(entry, Refunded)]
    assert paid == list(enumerate(hashes))
    assert unconfirmed == ()


@contextmanager
def databases() -> Generator[Place]:
    """Give a maker of PostgreSQL databases, one for each Session."""
    folder = Path(tempfile.mkdtemp(prefix="fraction-pg-"))
    numbers = count()
    with postgres.running_server(folder) as server:
        admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")

        def create(_folder: Path) -> Addresses:
            name = f"fraction_chaos_{os.getpid()}_{next(numbers)}"
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            url = make_url(server).set(database=name).render_as_string(hide_password=False)
            return url, url

        yield create
        admin.dispose()
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", *(["postgres"] if postgres.is_here() else [])])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(kind: str) -> Iterator[Place]:
    if kind == "sqlite":
        yield addresses_in
        return
    with databases() as create:
        yield create


@pytest.fixture
def moments(kind: str, place: Place, tmp_path: Path) -> list[int]:
    """The moments to be tried, after one run that is left in peace."""
    folder = tmp_path / "peace"
    folder.mkdir()
    addresses = place(folder)
    assert run(folder, addresses) == 0
    check(folder, addresses)
    moments = int((folder / "moments").read_text())
    assert moments > 100
    every = 1 if os.environ.get("FRACTION_CHAOS") == "full" else moments // MOMENTS[kind]
    return list(range(1 + every // 2, moments, every))


def test_a_session_survives_a_kill_at_any_moment(moments: list[int], place: Place, tmp_path: Path) -> None:
    killed = 0
    for moment in moments:
        folder = tmp_path / str(moment)
        folder.mkdir()
        addresses = place(folder)
        ended = run(folder, addresses, moment)
        assert ended in (-signal.SIGKILL, 0)
        killed += ended != 0
        if ended:
            assert run(folder, addresses) == 0
        check(folder, addresses)
        shutil.rmtree(folder)
    # the background threads' statements depend on the time, so the last moments may not come
    assert killed > len(moments) / 2
