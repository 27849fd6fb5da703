"""The system's clock."""

import time

from fraction.base import Instant


class SystemClock:
    """Tells the operating system's time; a `Clock`."""

    def now(self) -> Instant:
        """Return the present, in whole seconds."""
        return Instant(time.time_ns() // 1_000_000_000)


__all__ = ["SystemClock"]
