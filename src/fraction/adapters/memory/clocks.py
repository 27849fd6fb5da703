"""Clocks that tell the time they are told."""

from fraction.base import Instant


class FixedClock:
    """A clock that stands still; a `Clock`."""

    def __init__(self, at: int = 1_800_000_000) -> None:
        """Stand at `at`, in seconds since 1970-01-01 UTC."""
        self._at = Instant(at)

    def now(self) -> Instant:
        """Return the one instant it knows."""
        return self._at


class ManualClock:
    """A clock that moves when it is told to; a `Clock`.

    >>> clock = ManualClock(100)
    >>> clock.advance(5)
    >>> clock.now()
    105
    """

    def __init__(self, at: int = 1_800_000_000) -> None:
        """Begin at `at`, in seconds since 1970-01-01 UTC."""
        self._at = Instant(at)

    def now(self) -> Instant:
        """Return the present, in whole seconds."""
        return self._at

    def advance(self, seconds: int) -> None:
        """Move on by `seconds`."""
        self._at = Instant(self._at + seconds)
