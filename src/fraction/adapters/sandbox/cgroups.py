"""A memory and process budget for one whole box, where this process may set one.

Limits by `setrlimit` count per process; only a control group counts a box as a whole. Setting one takes root
(or a delegated group), so this is a second wall: where it cannot be had, the limits per process stand alone.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

ROOT = Path("/sys/fs/cgroup")
REMOVAL_TRIES = 50


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """The groups of one box: one per controller with cgroup v1, one in all with v2."""

    folders: tuple[Path, ...]

    def admit(self, pid: int) -> None:
        """Move the process into the group; its children follow."""
        for folder in self.folders:
            _write(folder / "cgroup.procs", str(pid))

    def ran_out_of_memory(self) -> bool:
        """Return whether the kernel killed a process of the box for its memory."""
        for folder in self.folders:
            for name in ("memory.oom_control", "memory.events"):
                for line in _read(folder / name).splitlines():
                    key, _, count = line.partition(" ")
                    if key == "oom_kill" and count.strip() != "0":
                        return True
        return False

    def remove(self) -> None:
        """Remove the groups; all of their processes have ended."""
        for folder in self.folders:
            for _ in range(REMOVAL_TRIES):
                try:
                    folder.rmdir()
                    break
                except OSError:  # the kernel may need a moment to let go of the last process
                    time.sleep(0.01)


def control_group(memory_bytes: int, processes: int) -> ControlGroup:
    """Return a new group with these limits; an empty one where none can be made."""
    if os.getuid() != 0:
        return ControlGroup(())
    name = f"fraction-box-{uuid4().hex}"
    if (ROOT / "cgroup.controllers").exists():
        settings = {"memory.max": memory_bytes, "memory.swap.max": 0, "pids.max": processes}
        made = _make(ROOT / name, settings)
        return ControlGroup((made,) if made else ())
    memory = _make(ROOT / "memory" / name, {"memory.limit_in_bytes": memory_bytes})
    pids = _make(ROOT / "pids" / name, {"pids.max": processes})
    return ControlGroup(tuple(folder for folder in (memory, pids) if folder))


def _make(folder: Path, settings: dict[str, int]) -> Path | None:
    if not (folder.parent / "cgroup.procs").exists():
        return None
    try:
        folder.mkdir()
    except OSError:
        return None
    for name, value in settings.items():
        _write(folder / name, str(value))
    return folder


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError:  # a controller that is not there or not ours: the other walls stand
        return


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
