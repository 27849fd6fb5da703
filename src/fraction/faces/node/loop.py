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


Look = Callable[[], tuple[str, ...]]
"""Does what is due; returns what it did, one line each."""


def until_stopped(look: Look, beside: Look | None = None) -> int:
    """Call `look` again and again until the process is asked to stop; return the exit code.

    `beside` is called so too, from a thread of its own, for what cannot wait until a long `look` is done.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: stop.set())
    if beside is not None:
        threading.Thread(target=_keep_looking, args=(beside, stop), daemon=True).start()
    _keep_looking(look, stop)
    return 0


def _keep_looking(look: Look, stop: threading.Event) -> None:
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
