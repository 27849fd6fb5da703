"""Which Python runs inside the box, and what of the machine it needs to see.

Only the interpreter's own folder and the system's libraries are bound, read-only. As root the box runs as
another user, who cannot enter, say, root's home: a Python that lives there is of no use until it is copied.

    the running Python, if the box's user can reach it
    else /usr/bin/python3
    else a copy of the running Python, made once
"""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NOT_COPIED = shutil.ignore_patterns("site-packages", "test", "tests", "idlelib", "tkinter", "ensurepip", "*.a")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python for the box."""

    executable: str
    """Its path inside the box."""
    folders: tuple[tuple[str, str], ...]
    """What to bind besides the system's libraries: (path on this machine, path in the box)."""
    library_path: str


def interpreters(copies: Path) -> Iterator[Interpreter]:
    """Yield the Pythons that may serve, best first; the last is copied into `copies` when it is asked for."""
    if _others_can_reach(Path(sys.base_prefix)):
        yield running_interpreter()
    system = Path("/usr/bin/python3")
    if system.exists():
        yield _at(system.resolve(), Path("/usr"), Path("/usr"))
    if os.getuid() == 0:
        yield copied_interpreter(copies)


def running_interpreter() -> Interpreter:
    """Return the Python that runs this, where it lies."""
    prefix = Path(sys.base_prefix).resolve()
    return _at(_executable(prefix), prefix, prefix)


def copied_interpreter(copies: Path) -> Interpreter:
    """Return a copy of the Python that runs this, made in `copies` if it is not there; about 80 MB.

    In the box it stands where the original stands, because its paths were fixed when it was built.
    """
    prefix = Path(sys.base_prefix).resolve()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    place = hashlib.sha256(f"{prefix} {sys.version}".encode()).hexdigest()[:16]
    target = copies / f"python-{version}-{place}"
    if not target.exists():
        _copy(prefix, version, target)
    return _at(_executable(prefix), prefix, target)


def _at(executable: Path, prefix: Path, source: Path) -> Interpreter:
    library_path = f"{prefix}/lib"
    if prefix == Path("/usr"):  # its library is the system's, which is bound anyway
        return Interpreter(str(executable), ((str(executable), str(executable)),), library_path)
    return Interpreter(str(executable), ((str(source), str(prefix)),), library_path)


def _executable(prefix: Path) -> Path:
    return prefix / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


def _others_can_reach(folder: Path) -> bool:
    if os.getuid() != 0:
        return True
    real = folder.resolve()
    return all(path.stat().st_mode & 0o005 == 0o005 for path in (real, *real.parents))


def _copy(prefix: Path, version: str, target: Path) -> None:
    """Copy what a Python needs to run; whoever looks sees all of it or nothing."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".python-", dir=target.parent))
    unfinished.chmod(0o755)
    try:
        (unfinished / "bin").mkdir()
        shutil.copy2(_executable(prefix), unfinished / "bin")
        shutil.copytree(prefix / "lib" / f"python{version}", unfinished / "lib" / f"python{version}", ignore=NOT_COPIED)
        for library in (prefix / "lib").glob("libpython*.so*"):
            shutil.copy2(library, unfinished / "lib", follow_symlinks=False)
        unfinished.rename(target)
    except OSError:
        if not target.exists():  # another process may have finished first, and that copy is as good
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
