"""The local chain: an anvil process whose state outlives it, kill -9 included.

Anvil writes its state every second, in place: a kill in the middle of that would leave half a file. So a copy is
kept of every complete dump, and the newest complete one is what a start takes. After a kill the chain may come back
shorter by what was mined since; `Sender.resend_unconfirmed` fills that in.

Blocks come with transactions only (an idle chain does not grow); who needs a block asks for one.
Source: `anvil --help` (Foundry 1.7.1).
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from fraction.adapters.ethereum.account import DEV_MNEMONIC
from fraction.adapters.ethereum.rpc import JsonRpc
from fraction.adapters.ethereum.specs import LOCAL
from fraction.base import FractionError, Rejected, Unavailable

_START_SECONDS = 20.0
_STOP_SECONDS = 10.0
_FLUSH_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalChainSettings:
    """Where the local chain lives."""

    folder: Path
    """Its state; made if it is not there."""
    port: int = 8545
    """On the loopback interface only."""
    binary: Path | None = None
    """The anvil to run; None looks for one."""
    roots: tuple[Path, ...] = ()
    """Folders whose `node_modules` may hold anvil."""
    dump_seconds: int = 1
    """How often the state is written: what a kill -9 can cost."""


class LocalChain:
    """One anvil; `start` also adopts one that an earlier process of ours left running."""

    def __init__(self, settings: LocalChainSettings) -> None:
        self._settings = settings
        self._state = settings.folder / "state.json"
        self._note = settings.folder / "chain.json"
        self._rpc = JsonRpc(self.url)
        self._process: subprocess.Popen[bytes] | None = None
        self._adopted: int | None = None
        self._stopping = Event()
        self._keeper: Thread | None = None

    @property
    def url(self) -> str:
        """Where it answers JSON-RPC."""
        return f"http://127.0.0.1:{self._settings.port}"

    @property
    def pid(self) -> int | None:
        """The process that runs, if one does."""
        if self._process is not None and self._process.poll() is None:
            return self._process.pid
        return self._adopted if self._adopted and _is_alive(self._adopted) else None

    def start(self) -> None:
        """Start the chain, or adopt the one that runs; it answers when this returns.

        Raises:
            Rejected: the port is taken by something that is not this chain.
            Unavailable: anvil is missing or does not start.
        """
        self._settings.folder.mkdir(parents=True, exist_ok=True)
        self._rpc.close()
        self._rpc = JsonRpc(self.url)
        try:
            if not self._adopt():
                self._launch()
                self._remember()
        except FractionError:
            self._rpc.close()
            raise
        self._stopping.clear()
        self._keeper = Thread(target=self._keep_copies, name="fraction-chain-state", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """Stop the chain; its state is written first."""
        self._end(signal.SIGTERM)
        self._rpc.close()

    def restart(self) -> None:
        """Start the chain again after it died."""
        self._end(signal.SIGKILL)
        self.start()

    def flush(self) -> None:
        """Return when everything mined so far is on disk, so that not even a kill -9 can undo it.

        Raises:
            Unavailable: the chain does not answer, or does not write its state.
        """
        head = self._rpc.head().number
        deadline = time.monotonic() + _FLUSH_SECONDS
        while time.monotonic() < deadline:
            state = _read_json(self._state) or {}
            kept = state.get("best_block_number")
            if isinstance(kept, int) and kept >= head:
                return
            time.sleep(0.05)
        raise Unavailable(f"The local chain does not write its state to {self._state}; is the disk full?")

    def _end(self, how: signal.Signals) -> None:
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join()
        pid = self.pid
        if pid is not None:
            os.kill(pid, how)
            self._await_end(pid)
        self._process = self._adopted = None

    def _await_end(self, pid: int) -> None:
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline:
            if self._process is not None:
                self._process.poll()  # also clears the dead process away
            if not _is_alive(pid):
                return
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)

    def _adopt(self) -> bool:
        """Return whether the chain runs already."""
        try:
            genesis, chain_id = self._rpc.block(0), self._rpc.chain_id()
        except Unavailable:
            if _is_taken(self._settings.port):
                raise self._occupied("something that is no chain") from None
            return False
        note = _read_json(self._note) or {}
        if chain_id != LOCAL.chain_id or genesis is None or genesis.hash != note.get("genesis"):
            raise self._occupied(f"another chain (id {chain_id})")
        pid = note.get("pid")
        self._adopted = pid if isinstance(pid, int) else None
        return True

    def _occupied(self, by: str) -> Rejected:
        port = self._settings.port
        return Rejected(f"Port {port} is taken by {by}; stop it, or choose another port for the local chain.")

    def _launch(self) -> None:
        command = self._command()
        with (
            (self._settings.folder / "lock").open("wb") as lock,
            (self._settings.folder / "anvil.log").open("wb") as log,
        ):
            self._lock(lock.fileno())
            self._restore()
            # The lock goes to anvil, which holds it as long as it lives, whatever becomes of us. A session of its
            # own: Ctrl-C in the terminal must not reach it before we stop it in order.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self._rpc.chain_id()
            except Unavailable:
                time.sleep(0.02)
            else:
                return
        self._end(signal.SIGKILL)
        raise Unavailable(f"The local chain did not start; {self._settings.folder / 'anvil.log'} says why.")

    def _lock(self, file: int) -> None:
        """Make sure that no second anvil writes the same state."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            running = running_url(self._settings.folder) or "another port"
            raise Rejected(
                f"The local chain in {self._settings.folder} runs already, at {running}; use that one, or stop it."
            ) from error

    def _command(self) -> list[str]:
        return [
            str(find_anvil(self._settings)),
            *("--host", "127.0.0.1", "--port", str(self._settings.port)),
            *("--chain-id", str(LOCAL.chain_id), "--mnemonic", DEV_MNEMONIC),
            *("--state", str(self._state), "--state-interval", str(self._settings.dump_seconds)),
            # As strict as a public chain: a transaction asks for at most 2**24 gas (EIP-7825).
            "--enable-tx-gas-limit",
            # Pages of strangers must not talk to it through the browser.
            "--no-cors",
            "--silent",
        ]

    def _remember(self) -> None:
        """Note which chain this is, so that a later process can tell it from others."""
        genesis = self._rpc.block(0)
        if genesis is None or self._process is None:
            raise Unavailable("The local chain came up without a first block; start it again.")
        text = json.dumps({"genesis": genesis.hash, "pid": self._process.pid, "port": self._settings.port})
        write_atomically(self._note, text)

    def _copies(self) -> tuple[Path, Path]:
        return self._state.with_suffix(".1.json"), self._state.with_suffix(".2.json")

    def _restore(self) -> None:
        """Put the newest complete state in place; nothing to do for a new chain."""
        candidates = [path for path in (self._state, *self._copies()) if path.exists()]
        for path in candidates:
            if _read_json(path) is not None:
                if path != self._state:
                    shutil.copyfile(path, self._state)
                return
        if candidates:
            raise Unavailable(
                f"The local chain's state in {self._settings.folder} is damaged; move the folder away to begin anew."
            )

    def _keep_copies(self) -> None:
        """Copy each new dump aside, so that a kill in the middle of the next one costs nothing older."""
        newest, older = self._copies()
        copied = 0
        while not self._stopping.wait(self._settings.dump_seconds / 2):
            try:
                written = self._state.stat()
                if written.st_mtime_ns == copied or not _ends_well(self._state):
                    continue
                if newest.exists() and newest.stat().st_size == written.st_size:
                    continue  # nothing was mined since
                part = newest.with_suffix(".part")
                shutil.copyfile(self._state, part)
                if _ends_well(part):
                    if newest.exists():
                        newest.replace(older)
                    part.replace(newest)
                    copied = written.st_mtime_ns
            except OSError:
                continue  # no dump yet, or the disk is full: the older copies stay


def running_url(folder: Path) -> str | None:
    """Return where the chain whose state lies in `folder` answers; None if it does not run."""
    note = _read_json(folder / "chain.json") or {}
    rpc = JsonRpc(f"http://127.0.0.1:{note.get('port', 0)}")
    try:
        genesis = rpc.block(0)
    except Unavailable:
        return None
    finally:
        rpc.close()
    return rpc.url if genesis is not None and genesis.hash == note.get("genesis") else None


def find_anvil(settings: LocalChainSettings) -> Path:
    """Return the anvil to run: the one that the settings name, else npm's, else the one on PATH.

    Raises:
        Unavailable: there is none.
    """
    if settings.binary is not None:
        if settings.binary.is_file():
            return settings.binary
        raise Unavailable(f"There is no anvil at {settings.binary}; correct the setting or run `make setup`.")
    for root in settings.roots:
        found = sorted((root / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil*"))
        if found:
            return found[0]
    on_path = shutil.which("anvil")
    if on_path is None:
        raise Unavailable("The local chain needs anvil, which is not installed; run `make setup`.")
    return Path(on_path)


def write_atomically(path: Path, text: str) -> None:
    """Write a file that is at every moment either as it was or as it is to be."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _read_json(path: Path) -> dict[str, object] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _ends_well(path: Path) -> bool:
    """Return whether the file could be complete; `_restore` reads it whole before it is used."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        return file.read() == b"}"


def _is_taken(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_alive(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False  # our own child, which is dead and now cleared away
    except ChildProcessError:
        pass  # an earlier process of ours started it
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False  # gone, or the number was given to somebody else's process
    return True
