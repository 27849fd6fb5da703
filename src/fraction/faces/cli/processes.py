"""The supervisor of a world's processes: starts them in order, keeps them running, stops them in reverse.

start ──▶ ready? ──▶ next …        a child that dies is started again, later each time
stop  ◀── last started first       SIGTERM, then SIGKILL
"""

import contextlib
import fcntl
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from fraction.faces.cli.children import POLL_SECONDS, Child, Command, stop_leftovers
from fraction.faces.cli.refusal import Refusal

PATIENCE_SECONDS = 8.0
"""How long a child may take to end before it is killed."""
FIRST_BACK_OFF_SECONDS = 0.5
LONGEST_BACK_OFF_SECONDS = 15.0
STABLE_SECONDS = 30.0
"""A child that ran so long starts again without delay when it dies."""

Notice = Callable[[str], None]
"""Told what the supervisor does, one line each."""


class Supervisor:
    """Runs commands in a folder; use it as a context, so that nothing outlives it."""

    def __init__(
        self, folder: Path, notice: Notice = lambda _line: None, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Watch over nothing yet; `folder` gets `logs/`, `run/` and a lock."""
        self._folder = folder
        self._notice = notice
        self._patience_seconds = patience_seconds
        self._children: dict[str, Child] = {}
        self._stages: list[list[str]] = []
        self._watchers: dict[str, threading.Thread] = {}
        self._stopping = threading.Event()
        self._dismissed: set[str] = set()
        self._lock: IO[str] | None = None

    def __enter__(self) -> "Supervisor":
        """Take the folder for this supervisor alone, and stop what a killed one left.

        Raises:
            Refusal: another supervisor runs in the folder.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise Refusal(
                f"Another `fraction` runs in {self._folder}; stop it, or give this one another --data folder."
            ) from None
        for name in stop_leftovers(self._folder, self._patience_seconds):
            self._notice(f"{name} was left running by a killed run and is stopped now")
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop everything; a second Ctrl-C does not leave half of it running."""
        with contextlib.suppress(ValueError):  # raised outside the main thread, which Ctrl-C does not reach
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.stop_all()
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._lock is not None:
            self._lock.close()

    def start(self, commands: Sequence[Command]) -> None:
        """Start commands side by side and wait until each says that it is ready.

        Raises:
            Refusal: one ended or took too long instead; the text is its own sentence.
        """
        self._stages.append([command.name for command in commands])
        begun = [(command, self._begin(command)) for command in commands]
        for command, child in begun:
            self._wait_until_ready(command, child)
        for command, _ in begun:
            self._watch(command)

    def stop(self, name: str) -> None:
        """Stop one child for good."""
        self._dismissed.add(name)
        watcher = self._watchers.pop(name, None)
        if watcher is not None:
            watcher.join()
        child = self._children.pop(name, None)
        if child is not None:
            child.stop(self._patience_seconds)

    def stop_all(self) -> None:
        """Stop every child, last started first; those that started side by side also end so."""
        self._stopping.set()
        for stage in reversed(self._stages):
            for name in stage:
                if name in self._children:
                    self._children[name].ask_to_end()
            for name in stage:
                self.stop(name)
        self._stages.clear()

    def pid_of(self, name: str) -> int:
        """Return the process id under which `name` runs now."""
        return self._children[name].pid

    def _begin(self, command: Command) -> Child:
        self._dismissed.discard(command.name)
        child = Child(command, self._folder)
        self._children[command.name] = child
        return child

    def _wait_until_ready(self, command: Command, child: Child) -> None:
        deadline = time.monotonic() + command.ready_seconds
        while not child.is_ready():
            if child.exit_code is not None:
                raise Refusal(f"{command.name} did not start: {child.last_words()} (All it said: {child.log})")
            if time.monotonic() > deadline:
                raise Refusal(
                    f"{command.name} was not ready after {command.ready_seconds:.0f} seconds; see {child.log}."
                )
            time.sleep(POLL_SECONDS)

    def _watch(self, command: Command) -> None:
        watcher = threading.Thread(target=self._keep_running, args=(command,), daemon=True)
        self._watchers[command.name] = watcher
        watcher.start()

    def _keep_running(self, command: Command) -> None:
        back_off = FIRST_BACK_OFF_SECONDS
        started = time.monotonic()
        while not self._is_dismissed(command.name):
            child = self._children[command.name]
            if child.exit_code is None:
                time.sleep(POLL_SECONDS)
                continue
            if time.monotonic() - started > STABLE_SECONDS:
                back_off = FIRST_BACK_OFF_SECONDS
            self._notice(f"{command.name} ended ({child.exit_code}); it is started again")
            self._pause(command.name, back_off)
            if self._is_dismissed(command.name):
                return
            child.stop(self._patience_seconds)  # buries it, and ends what it had started
            started = time.monotonic()
            self._begin_again(command)
            back_off = min(2 * back_off, LONGEST_BACK_OFF_SECONDS)

    def _begin_again(self, command: Command) -> None:
        if not self._is_dismissed(command.name):
            self._children[command.name] = Child(command, self._folder)

    def _pause(self, name: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self._is_dismissed(name):
            time.sleep(POLL_SECONDS)

    def _is_dismissed(self, name: str) -> bool:
        return self._stopping.is_set() or name in self._dismissed
