"""A process that runs a small Session and kills itself at a chosen moment.

The Session has `ROUNDS` rounds. Each signs a payment into the outbox, sends it to a ledger that stands for
the chain (it takes each transaction once, by hash, and each nonce once), confirms it, and writes it into the
log. The moments are every SQL statement and every commit, of our tables and of DBOS's, before and after, and
every call of the ledger, before and after.
"""

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Lock

from sqlalchemy import Engine, event
from sqlalchemy.engine import default
from sqlalchemy.pool import PoolProxiedConnection

from fraction.adapters.engine import DbosEngine, EngineSettings
from fraction.adapters.store import Store, open_store
from fraction.app.ports import Progress, SignedTransaction
from fraction.base import NotFound, SessionId, Wei, sha256_of
from fraction.sessions import Refunded

SESSION = SessionId("31337-1")
ACCOUNT = "0xA"
ROUNDS = 4
FIRST_NONCE = 7


class Moments:
    """Counts the moments, and ends the process at one of them as a power cut would."""

    def __init__(self, kill_at: int) -> None:
        self.count = 0
        self._kill_at = kill_at
        self._lock = Lock()

    def passed(self, *_ignored: object) -> None:
        with self._lock:
            self.count += 1
            if self.count == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch_databases(self) -> None:
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(Engine, name, self.passed)
        commit, passed = default.DefaultDialect.do_commit, self.passed

        def commit_and_pass(self: default.DefaultDialect, dbapi_connection: PoolProxiedConnection) -> None:
            commit(self, dbapi_connection)
            passed()

        default.DefaultDialect.do_commit = commit_and_pass


class Ledger:
    """Stands for the chain: it remembers, and takes the same bytes again without harm."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ledger.db"
        with closing(sqlite3.connect(self._file)) as raw:
            raw.execute("CREATE TABLE IF NOT EXISTS paid (hash TEXT PRIMARY KEY, nonce INTEGER UNIQUE, purpose TEXT)")

    def send(self, transaction: SignedTransaction) -> None:
        with closing(sqlite3.connect(self._file)) as raw, raw:
            known = raw.execute("SELECT 1 FROM paid WHERE hash = ?", [transaction.hash]).fetchone()
            if not known:
                row = (transaction.hash, transaction.nonce, transaction.raw)
                raw.execute("INSERT INTO paid VALUES (?, ?, ?)", row)

    def payments(self) -> list[tuple[int, str]]:
        with closing(sqlite3.connect(self._file)) as raw:
            return raw.execute("SELECT nonce, purpose FROM paid ORDER BY nonce").fetchall()


def step_of(store: Store, ledger: Ledger, passed: Callable[[], None]) -> Callable[[str], Progress]:
    def signed(key: str) -> Callable[[int], SignedTransaction]:
        return lambda nonce: SignedTransaction(key, ACCOUNT, nonce, key, sha256_of(f"{key} {nonce}".encode()))

    def step(name: str) -> Progress:
        try:
            length = len(store.logs.read(SessionId(name)))
        except NotFound:
            length = 0
        if length == ROUNDS:
            return Progress(done=True, wait_seconds=0)
        key = f"pay {length}"
        transaction = store.outbox.sign(key, ACCOUNT, FIRST_NONCE, signed(key))
        passed()
        ledger.send(transaction)
        passed()
        store.outbox.confirm(key)
        entry = Refunded(ticket=length, amount=Wei(1), transaction=transaction.hash)
        store.logs.append(SessionId(name), length, [entry])
        return Progress(done=length + 1 == ROUNDS, wait_seconds=0)

    return step


def addresses_in(folder: Path) -> tuple[str, str]:
    """Return where the store and the engine are on SQLite."""
    return f"sqlite:///{folder}/fraction.db", f"sqlite:///{folder}/engine.db"


def run_session(folder: Path, addresses: tuple[str, str], kill_at: int = 0) -> None:
    """Run the Session to its end, or to the moment `kill_at`; note how many moments there were."""
    moments = Moments(kill_at)
    moments.watch_databases()
    store = open_store(addresses[0])
    step = step_of(store, Ledger(folder), moments.passed)
    done = Event()

    def watched(name: str) -> Progress:
        progress = step(name)
        if progress.done:
            (folder / "moments").write_text(str(moments.count))
            done.set()
        return progress

    engine = DbosEngine(EngineSettings(addresses[1]))
    engine.register("session", watched)
    engine.launch()
    engine.start("session", SESSION)
    done.wait(60)
    while engine.pending():
        done.wait(0.01)
    engine.close()
    store.close()
