"""One child process: started with a log file, waited for until it serves, stopped with all it started.

The child runs in a process group of its own, so that Ctrl-C reaches only the supervisor, and so that what
the child left behind can be stopped by the group.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, under which name."""

    name: str
    arguments: Sequence[str]
    ready_seconds: float = 120.0
    """How long it may take until it says `ready`."""


class Child:
    """A running child."""

    def __init__(self, command: Command, folder: Path) -> None:
        """Start it; what it says goes to `logs/<name>.log`, its process id to `run/<name>.json`."""
        self.command = command
        self.log = folder / "logs" / f"{command.name}.log"
        self._pid_file = pid_file(folder, command.name)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._pid_file.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  (our own command lines)
                list(command.arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _write_pid(self._pid_file, self._process.pid)

    @property
    def pid(self) -> int:
        """The child's process id, which is also its group's."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def is_ready(self) -> bool:
        """Return whether it has said that it serves."""
        return any(line == "ready" or line.startswith("ready ") for line in self._said())

    def last_words(self) -> str:
        """Return the last line it said, which is its sentence if it refused."""
        return next((line for line in reversed(self._said()) if line.strip()), "It said nothing.")

    def ask_to_end(self) -> None:
        """Send it SIGTERM."""
        if self.exit_code is None:
            self._process.terminate()

    def stop(self, patience_seconds: float) -> None:
        """Ask it to end; after `patience_seconds` kill it, and in any case what it left of its group."""
        self.ask_to_end()
        if self.exit_code is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience_seconds)
        sweep_group(self.pid, patience_seconds)
        self._process.wait()
        self._pid_file.unlink(missing_ok=True)

    def _said(self) -> list[str]:
        try:
            with self.log.open("rb") as log:
                log.seek(self._log_start)
                return log.read().decode(errors="replace").splitlines()
        except OSError:
            return []


def pid_file(folder: Path, name: str) -> Path:
    """Return where a child's process id is written."""
    return folder / "run" / f"{name}.json"


def stop_leftovers(folder: Path, patience_seconds: float) -> list[str]:
    """Stop the children that a killed supervisor left running; return their names."""
    stopped: list[str] = []
    for path in sorted((folder / "run").glob("*.json")):
        pid = _left_running(path)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            _wait_for_end(pid, patience_seconds)
            sweep_group(pid, patience_seconds)
            stopped.append(path.stem)
        path.unlink(missing_ok=True)
    return stopped


def sweep_group(group: int, patience_seconds: float) -> None:
    """End every process of a group: ask, wait, kill."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            return
        deadline = time.monotonic() + patience_seconds
        while time.monotonic() < deadline and _group_lives(group):
            time.sleep(POLL_SECONDS)


def _write_pid(path: Path, pid: int) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps({"pid": pid, "started": _start_time(pid)}))
    temporary.replace(path)


def _left_running(path: Path) -> int | None:
    """Return the process id in a file if that very process, not a later one of its number, still runs."""
    try:
        document = json.loads(path.read_text())
        pid, started = int(document["pid"]), str(document["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if started and _start_time(pid) == started else None


def _start_time(pid: int) -> str:
    """Return when a process started, in clock ticks since the machine did; empty if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _wait_for_end(pid: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and _start_time(pid):
        time.sleep(POLL_SECONDS)


def _group_lives(group: int) -> bool:
    """Return whether a process of the group still runs; those that only wait to be buried do not count."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[2] == str(group) and fields[0] != "Z":
            return True
    return False
