"""A PostgreSQL server for the tests: started from the binaries that are here, or the one that is named.

`FRACTION_TEST_POSTGRES` names a running server (`postgresql://user@host/database`); otherwise a server is
started in a temporary folder if its binaries are found; otherwise the tests run without PostgreSQL.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

NAMED_SERVER = os.environ.get("FRACTION_TEST_POSTGRES", "")


def _binaries() -> Path | None:
    on_path = shutil.which("initdb")
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if on_path:
        return Path(on_path).parent
    return packaged[-1].parent if packaged else None


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None


def is_here() -> bool:
    """Return whether the tests can have a server."""
    can_start = _binaries() is not None and (os.geteuid() != 0 or _account() is not None)
    return bool(NAMED_SERVER) or can_start


@contextmanager
def running_server(folder: Path) -> Generator[str]:
    """Give the address of a server whose data is in `folder`."""
    if NAMED_SERVER:
        yield NAMED_SERVER
        return
    binaries, account = _binaries(), _account()
    assert binaries is not None
    data = folder / "data"
    data.mkdir()
    if account:
        for place in (folder, data):
            shutil.chown(place, account)

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=account, cwd="/", capture_output=True, timeout=60)

    run(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "fraction", "-E", "UTF8", "--no-sync")
    settings = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    run(*control, "-o", settings, "start")
    try:
        yield f"postgresql:///postgres?host={folder}&user=fraction"
    finally:
        run(*control, "-m", "immediate", "stop")
