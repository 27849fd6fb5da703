"""Keys in files of mode 0600. Whoever has the file has the account, so there is nothing clever here."""

import os
import secrets
from pathlib import Path

from fraction.base import NotFound, Rejected, Unavailable

_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def key_at(path: Path) -> str:
    """Return the private key (0x and 64 hex characters) in the file, made now if there is none.

    Raises:
        Unavailable: the file cannot be read or written.
        Rejected: it does not hold a key.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path, "0x" + secrets.token_hex(32))
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"The key file {path} cannot be used: {error}.") from error
    if len(text) != 66 or not text.startswith("0x") or set(text[2:]) - set("0123456789abcdef"):
        raise Rejected(f"The file {path} does not hold a private key; restore it, or move it away.")
    return text


def _create(path: Path, key: str) -> None:
    """Write a whole file or none: a second process may be creating the same one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(key + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # the other process was first; its key is the key
    finally:
        draft.unlink()


class KeyFolder:
    """Named keys in one folder."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, made when the first key is."""
        self._folder = folder

    def create(self, name: str) -> str:
        """Return the key called `name`, made now if there is none.

        Raises:
            Rejected: the name cannot be a file's.
        """
        return key_at(self._place(name))

    def get(self, name: str) -> str:
        """Return the key called `name`; raise NotFound if there is none."""
        place = self._place(name)
        if not place.exists():
            raise NotFound(f"There is no account {name!r} here.")
        return key_at(place)

    def names(self) -> tuple[str, ...]:
        """Return the names, oldest first."""
        files = sorted(self._folder.glob("[!.]*.key"), key=lambda f: (f.stat().st_mtime_ns, f.name))
        return tuple(file.stem for file in files)

    def _place(self, name: str) -> Path:
        if not 1 <= len(name) <= 40 or set(name) - _ALLOWED or name.startswith("."):
            raise Rejected(f"{name!r:.50} cannot name an account; use up to 40 letters, digits, - and _.")
        return self._folder / f"{name}.key"
