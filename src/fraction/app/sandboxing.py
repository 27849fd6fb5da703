"""The sandbox as the verbs see it: programs of strangers run apart from everything, under limits.

A program that breaks a limit, crashes or loops is a result and not an error; only a sandbox that cannot be
had at all is `Unavailable`.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

Reason = Literal["wall-time", "cpu-time", "output", "memory", "killed"]
"""The limit that ended a program; `killed` when it died of SIGKILL for another reason."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use at most."""

    wall_milliseconds: int = 5_000
    cpu_seconds: int = 4
    memory_bytes: int = 256 << 20
    processes: int = 8
    """Processes and threads together; one is the sandbox's own reaper."""
    output_bytes: int = 64 << 10
    """For standard output and standard error each."""
    scratch_bytes: int = 16 << 20
    """Room in the only writable folder, /tmp."""


@dataclass(frozen=True, slots=True)
class Execution:
    """How one run ended."""

    exit_code: int
    """The program's own, or 128 + the signal that ended it."""
    stdout: str
    """Decoded as UTF-8; bytes that are not UTF-8 are replaced. Cut at the limit."""
    stderr: str
    reason: Reason | None
    """Which limit ended it, or None if it ended by itself."""
    milliseconds: int
    """Wall time, the sandbox's start included."""


class Sandbox(Protocol):
    """Runs untrusted Python programs; each run starts from nothing and leaves nothing behind."""

    @property
    def name(self) -> str:
        """What keeps the program in, for people: `bubblewrap` or `wasi`."""
        ...

    def run(self, program: str, stdin: bytes, limits: Limits) -> Execution:
        """Run the Python source `program` as a main program, with `stdin` as its standard input.

        Raises:
            Unavailable: the sandbox cannot be started; the program did not run.
        """
        ...
