"""The kernels' C source, compiled where a compiler is, into a file named by the digest of source and flags.

The source ships with the package; whoever has no compiler computes with torch alone and gets the same bits.
"""

import ctypes
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fraction.base import Unavailable

SOURCE = Path(__file__).with_name("kernels.c")
FLAGS = ("-O3", "-std=c11", "-fPIC", "-shared", "-ffp-contract=off", "-fno-fast-math", "-fno-math-errno",
         "-fno-trapping-math")  # fmt: skip
"""Without contraction, or products and sums fuse and round once where the specification rounds twice."""
_X86_FLAGS = ("-mprefer-vector-width=512",)
_COMPILERS = ("cc", "gcc", "clang")
_SECONDS = 120


def compiled_kernels(cache: Path, flags: tuple[str, ...] = FLAGS) -> ctypes.CDLL:
    """Return the kernels, compiled into `cache` if they are not there yet.

    Raises:
        Unavailable: there is no C compiler, or it cannot compile them.
    """
    target = cache / f"kernels-{_digest(flags)}.so"
    if not target.is_file():
        compiler = next((c for c in map(shutil.which, _COMPILERS) if c), None)
        if compiler is None:
            raise Unavailable("There is no C compiler; install one, or compute with torch alone (the same bits).")
        with _one_at_a_time(cache):
            if not target.is_file():  # another process may have been first
                _compile(compiler, flags, target)
    try:
        return ctypes.CDLL(str(target))
    except OSError as error:
        raise Unavailable(f"The compiled kernels in {target} do not load; remove the file: {error}") from error


def _digest(flags: tuple[str, ...]) -> str:
    named = "\0".join([platform.machine(), platform.system(), *flags]).encode()
    return hashlib.sha256(named + b"\0" + SOURCE.read_bytes()).hexdigest()[:32]


@contextmanager
def _one_at_a_time(cache: Path) -> Iterator[None]:
    """Hold the folder's lock: several nodes start together and need the same file."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = (cache / "lock").open("w")
    except OSError as error:
        raise Unavailable(f"The exact kernels cannot be kept in {cache}: {error}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _compile(compiler: str, flags: tuple[str, ...], target: Path) -> None:
    """Compile into a file beside the target, then put it in place at once: what is there is always whole."""
    extra = _X86_FLAGS if platform.machine() in ("x86_64", "AMD64") else ()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, suffix=".so")
        os.close(handle)
        told = ""
        for attempt in ((*flags, *extra), (*flags, "-DPLAIN")):  # old compilers know no copies by processor
            command = [compiler, *attempt, str(SOURCE), "-o", name, "-lm"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
            if done.returncode == 0:
                Path(name).replace(target)
                return
            told = done.stderr.strip()[:300]
        Path(name).unlink(missing_ok=True)
        raise Unavailable(f"The exact kernels do not compile; compute with torch alone (the same bits): {told}")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"The exact kernels cannot be compiled in {target.parent}: {error}") from error
