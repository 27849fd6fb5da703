"""The loop that every node runs: look, say what was done, wait; trouble outside is waited out."""

import signal
import sys
import threading
from collections.abc import Callable

from fraction.base import Unavailable

LOOK_SECONDS = 0.3
TROUBLE_SECONDS = 2.0


def say(line: str) -> None:
    """Print a line for the log and for whoever waits for `ready`."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def until_stopped(look: Callable[[], tuple[str, ...]]) -> int:
    """Call `look` again and again until the process is asked to stop; return the exit code."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: stop.set())
    trouble = ""
    while not stop.is_set():
        try:
            for line in look():
                say(line)
            trouble = ""
        except Unavailable as error:
            if str(error) != trouble:  # said once, not at every look
                trouble = str(error)
                say(f"waiting: {trouble}")
            stop.wait(TROUBLE_SECONDS)
        stop.wait(LOOK_SECONDS)
    return 0
