"""Killed at any moment, a Session ends as if nothing had happened: each round once, each payment once.

The normal run tries a dozen moments; `FRACTION_CHAOS=full` tries every one.
"""

import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import pytest

from fraction.adapters.store import open_store
from fraction.base import sha256_of
from fraction.sessions import Refunded
from tests.chaos.engine_session import ACCOUNT, FIRST_NONCE, ROUNDS, SESSION, Ledger, run_session

MOMENTS = 12
"""How many the normal run tries."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.chaos.engine_session"])


def run(folder: Path, kill_at: int = 0) -> int:
    process = _processes.Process(target=run_session, args=(folder, kill_at))
    process.start()
    process.join(90)
    assert process.exitcode is not None, "The process hangs."
    return process.exitcode


def check(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder}/fraction.db")
    log = store.logs.read(SESSION)
    unconfirmed = store.outbox.unconfirmed(ACCOUNT)
    store.close()
    expected = [(FIRST_NONCE + ticket, f"pay {ticket}") for ticket in range(ROUNDS)]
    assert Ledger(folder).payments() == expected
    hashes = [sha256_of(f"{purpose} {nonce}".encode()) for nonce, purpose in expected]
    assert [(entry.ticket, entry.transaction) for entry in log if isinstance(entry, Refunded)] == list(
        enumerate(hashes)
    )
    assert unconfirmed == ()


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    """The moments to be tried, after one run that is left in peace."""
    folder = tmp_path_factory.mktemp("peace")
    assert run(folder) == 0
    check(folder)
    count = int((folder / "moments").read_text())
    assert count > 100
    every = 1 if os.environ.get("FRACTION_CHAOS") == "full" else count // MOMENTS
    return list(range(1 + every // 2, count, every))


def test_a_session_survives_a_kill_at_any_moment(moments: list[int], tmp_path: Path) -> None:
    killed = 0
    for moment in moments:
        folder = tmp_path / str(moment)
        folder.mkdir()
        ended = run(folder, moment)
        assert ended in (-signal.SIGKILL, 0)
        killed += ended != 0
        if ended:
            assert run(folder) == 0
        check(folder)
        shutil.rmtree(folder)
    # the background threads' statements depend on the time, so the last moments may not come
    assert killed > len(moments) / 2
