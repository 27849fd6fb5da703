"""What the durable engine does beyond the port: restarts, one process at a time, bounded history."""

import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from fraction.adapters.engine import DbosEngine, EngineSettings
from fraction.adapters.engine.trouble import TroubleLog
from fraction.app.ports import Progress
from fraction.base import Rejected, Unavailable


def until(true: Callable[[], object]) -> None:
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("It did not come true within 30 seconds.")


def finish(name: str) -> Progress:
    return Progress(done=True, wait_seconds=0)


def wait(name: str) -> Progress:
    return Progress(done=False, wait_seconds=3600)


Make = Callable[..., DbosEngine]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make engines over one file; those that are left open are closed at the end."""
    with ExitStack() as stack:

        def make_engine(
            step: Callable[[str], Progress], told: list[str] | None = None, kind: str = "job"
        ) -> DbosEngine:
            settings = EngineSettings(
                f"sqlite:///{tmp_path}/engine.db", tries=2, first_retry_seconds=0.01, look_seconds=0.05
            )
            engine = DbosEngine(settings, (told if told is not None else []).append)
            engine.register(kind, step)
            stack.callback(engine.close)
            return engine

        yield make_engine


def test_an_unfinished_job_goes_on_after_a_restart(make: Make) -> None:
    steps: Counter[str] = Counter()

    def step(name: str) -> Progress:
        steps[name] += 1
        return Progress(done=steps[name] == 2, wait_seconds=3600)

    first = make(step)
    first.launch()
    first.start("job", "a")
    until(lambda: steps["a"] == 1)
    first.close()
    second = make(step)
    second.launch()
    until(lambda: not second.pending())
    assert steps["a"] == 2


def test_a_failed_job_is_tried_anew_after_a_restart(make: Make) -> None:
    told: list[str] = []

    def refuse(name: str) -> Progress:
        raise Rejected(f"The rules forbid {name}.")

    first = make(refuse, told)
    first.launch()
    first.start("job", "a")
    until(first.failures)
    assert first.failures() == (("job", "a", "The rules forbid a."),)
    first.close()
    assert len(told) == 2
    assert "tries again" in told[0]
    assert "has failed" in told[1]

    repaired = make(finish)
    repaired.launch()
    until(lambda: not repaired.pending() and not repaired.failures())


def test_a_job_of_a_kind_that_the_new_program_does_not_know_is_shown(make: Make) -> None:
    first = make(wait, kind="old")
    first.launch()
    first.start("old", "a")
    first.close()
    second = make(finish, kind="new")
    second.launch()
    until(second.failures)
    ((kind, name, reason),) = second.failures()
    assert (kind, name) == ("old", "a")
    assert "No job of kind old" in reason


def test_one_process_runs_one_engine(make: Make) -> None:
    engine = make(finish)
    engine.launch()
    with pytest.raises(Rejected, match="close it first"):
        make(finish).launch()
    engine.start("job", "a")
    until(lambda: not engine.pending())


def test_an_engine_that_was_not_launched_says_so(make: Make) -> None:
    with pytest.raises(Rejected, match="launch it first"):
        make(finish).start("job", "a")


def test_a_kind_with_a_slash_is_rejected(make: Make) -> None:
    with pytest.raises(Rejected, match="without slash"):
        make(finish, kind="a/b")


def test_a_damaged_file_is_said(make: Make, tmp_path: Path) -> None:
    (tmp_path / "engine.db").write_bytes(b"This is no database." * 1000)
    with pytest.raises(Unavailable, match="restore it from a backup"):
        make(finish).launch()


def test_a_long_job_leaves_one_row_behind_and_no_pickle(make: Make, tmp_path: Path) -> None:
    steps: Counter[str] = Counter()

    def step(name: str) -> Progress:
        steps[name] += 1
        return Progress(done=steps[name] == 3000, wait_seconds=0)

    engine = make(step)
    engine.launch()
    engine.start("job", "a")
    until(lambda: not engine.pending())
    engine.close()
    with closing(sqlite3.connect(tmp_path / "engine.db")) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("SELECT count(*) FROM operation_outputs").fetchone() == (0,)
        rows = raw.execute("SELECT count(*), min(serialization) FROM workflow_status").fetchall()
        inputs = raw.execute("SELECT inputs FROM workflow_input").fetchall()
    assert rows == [(1, "portable_json")]
    assert inputs == [('{"namedArgs":{},"positionalArgs":["job","a"]}',)]


def test_a_full_disk_is_said_in_one_sentence(make: Make) -> None:
    def fill(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        # SQLite then answers as it does on a full disk (SQLITE_FULL)
        connection.execute("PRAGMA max_page_count=1").close()

    first = make(wait)
    first.launch()
    first.close()
    event.listen(Engine, "connect", fill)
    try:
        engine = make(wait)
        engine.launch()
        with pytest.raises(Unavailable, match="disk is full") as refused:
            engine.start("job", "x" * 1_000_000)
        engine.close()
    finally:
        event.remove(Engine, "connect", fill)
    assert "\n" not in str(refused.value)


def test_what_dbos_logs_as_an_error_is_told() -> None:
    told: list[str] = []
    log = TroubleLog(told.append)
    log.attach()
    logging.getLogger("dbos").error("It did not work: %s", "a reason\n[SQL: SELECT 1]")
    log.detach()
    assert told == ["The engine reports: It did not work: a reason"]


def test_a_job_whose_end_the_database_lost_is_taken_up_again(make: Make, tmp_path: Path) -> None:
    steps: Counter[str] = Counter()

    def step(name: str) -> Progress:
        steps[name] += 1
        return Progress(done=True, wait_seconds=0)

    told: list[str] = []
    engine = make(step, told)
    engine.launch()
    engine.start("job", "a")
    until(lambda: not engine.pending())
    with closing(sqlite3.connect(tmp_path / "engine.db", timeout=30)) as raw, raw:
        raw.execute("UPDATE workflow_status SET status = 'PENDING'")
    assert engine.pending() == (("job", "a"),)
    until(lambda: not engine.pending())
    assert steps["a"] == 2
    assert set(told) == {"The job a stood still and goes on."}
