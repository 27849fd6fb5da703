"""One suite over every engine."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Protocol

import pytest

from fraction.adapters.engine import DbosEngine, EngineSettings
from fraction.adapters.memory import ThreadEngine
from fraction.app.ports import Engine, Progress
from fraction.base import Conflict, Rejected, Unavailable
from tests.ports.conftest import KINDS


class FullEngine(Engine, Protocol):
    """What both engines can do beyond the port."""

    def failures(self) -> tuple[tuple[str, str, str], ...]: ...
    def wake(self, kind: str, name: str) -> None: ...


GO_ON = Progress(done=False, wait_seconds=0)
DONE = Progress(done=True, wait_seconds=0)


def until(true: Callable[[], object]) -> None:
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("It did not come true within 30 seconds.")


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FullEngine]:
    made: FullEngine
    if request.param == "memory":
        made = ThreadEngine(retry_seconds=0.01, tries=3)
    else:
        url = f"sqlite:///{tmp_path}/engine.db"
        if request.param == "postgres":
            url = request.getfixturevalue("new_database")()
        made = DbosEngine(EngineSettings(url, tries=3, first_retry_seconds=0.01))
    yield made
    made.close()


def test_a_job_advances_until_it_is_done(engine: FullEngine) -> None:
    steps: Counter[str] = Counter()

    def step(name: str) -> Progress:
        steps[name] += 1
        return Progress(done=steps[name] == 5, wait_seconds=0.001)

    engine.register("count", step)
    engine.launch()
    for name in ("a", "b/with a slash", "a"):
        engine.start("count", name)
    until(lambda: not engine.pending())
    assert steps == {"a": 5, "b/with a slash": 5}
    engine.start("count", "a")
    until(lambda: not engine.pending())
    assert steps["a"] == 5, "a job that is done is not begun anew"
    assert engine.failures() == ()


def test_what_is_unavailable_is_waited_for(engine: FullEngine) -> None:
    tries: Counter[str] = Counter()

    def step(name: str) -> Progress:
        tries[name] += 1
        if tries[name] < 8:  # more often than any other error is forgiven
            raise Unavailable("The chain does not answer; start it.")
        return DONE

    engine.register("flaky", step)
    engine.launch()
    engine.start("flaky", "a")
    until(lambda: not engine.pending())
    assert (tries["a"], engine.failures()) == (8, ())


@pytest.mark.parametrize("error", [Rejected("No."), Conflict("Moved on."), ValueError("bug")])
def test_an_error_that_stays_is_shown_and_never_lost(engine: FullEngine, error: Exception) -> None:
    tries: Counter[str] = Counter()

    def step(name: str) -> Progress:
        tries[name] += 1
        if name == "bad" and tries[name] <= 3:
            raise error
        return DONE

    engine.register("job", step)
    engine.launch()
    engine.start("job", "bad")
    engine.start("job", "good")
    until(lambda: not engine.pending())
    assert tries == {"bad": 3, "good": 1}
    ((kind, name, reason),) = engine.failures()
    assert (kind, name) == ("job", "bad")
    assert str(error) in reason
    engine.start("job", "bad")
    until(lambda: not engine.pending() and not engine.failures())
    assert tries["bad"] == 4


def test_a_single_error_is_forgiven(engine: FullEngine) -> None:
    tries: Counter[str] = Counter()

    def step(name: str) -> Progress:
        tries[name] += 1
        if tries[name] % 2:  # every other time; never three times running
            raise Conflict("Somebody appended first; read again.")
        return Progress(done=tries[name] >= 12, wait_seconds=0)

    engine.register("job", step)
    engine.launch()
    engine.start("job", "a")
    until(lambda: not engine.pending())
    assert engine.failures() == ()


def test_a_step_may_start_other_jobs(engine: FullEngine) -> None:
    began: list[str] = []

    def parent(name: str) -> Progress:
        engine.start("child", f"{name}-{len(engine.pending())}")
        return DONE

    def child(name: str) -> Progress:
        began.append(name)
        return DONE

    engine.register("parent", parent)
    engine.register("child", child)
    engine.launch()
    engine.start("parent", "p")
    until(lambda: not engine.pending() and began)
    assert began == ["p-1"]


def test_a_waiting_job_can_be_woken_and_is_pending_meanwhile(engine: FullEngine) -> None:
    steps: Counter[str] = Counter()

    def step(name: str) -> Progress:
        steps[name] += 1
        return Progress(done=steps[name] == 2, wait_seconds=3600)

    engine.register("patient", step)
    engine.launch()
    engine.start("patient", "a")
    until(lambda: steps["a"])
    assert engine.pending() == (("patient", "a"),)

    def woken() -> bool:
        engine.wake("patient", "a")
        return not engine.pending()

    until(woken)
    assert steps["a"] == 2


def test_a_kind_that_nobody_registered_is_rejected(engine: FullEngine) -> None:
    engine.launch()
    with pytest.raises(Rejected):
        engine.start("unknown", "a")
    assert engine.pending() == ()


def test_closing_waits_for_the_step_that_is_under_way_and_begins_no_other(engine: FullEngine) -> None:
    began, steps = Event(), Counter[str]()

    def step(name: str) -> Progress:
        began.set()
        time.sleep(0.05)
        steps[name] += 1
        return GO_ON

    engine.register("endless", step)
    engine.launch()
    engine.start("endless", "a")
    assert began.wait(30)
    engine.close()
    ended = steps["a"]
    assert ended >= 1
    time.sleep(0.1)
    assert steps["a"] == ended
