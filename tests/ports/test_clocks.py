"""Clocks tell whole seconds."""

import time

from fraction.adapters.clock import SystemClock
from fraction.adapters.memory import FixedClock, ManualClock


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(100)
    assert (clock.now(), clock.now()) == (100, 100)
    clock.advance(7)
    assert clock.now() == 107


def test_a_fixed_clock_stands() -> None:
    assert FixedClock(5).now() == FixedClock(5).now() == 5


def test_the_system_clock_tells_the_systems_time() -> None:
    before = int(time.time())
    assert before <= SystemClock().now() <= int(time.time())
