"""Keys in files of mode 0600: in the open, or sealed under a passphrase and a recovery key.

NAME.key       the private key: whoever has the file has the account
NAME.sealed    {"passphrase": a keystore, "recovery": another one of the same key}
"""

import json
import os
import secrets
from pathlib import Path
from typing import Literal

from fraction.adapters.keys.sealed import WORK, seal, unseal
from fraction.base import Address, JsonObject, NotFound, Rejected, Unavailable, parse_json

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


Secret = Literal["passphrase", "recovery"]


class KeyFolder:
    """Named keys in one folder."""

    def __init__(self, folder: Path, work: int = WORK) -> None:
        """Use `folder`, made when the first key is; `work`: rounds of scrypt for keys that are sealed."""
        self._folder = folder
        self._work = work

    def create(self, name: str) -> str:
        """Return the key called `name`, made now if there is none.

        Raises:
            Rejected: the name cannot be a file's, or the key of that name is sealed.
        """
        if self.is_sealed(name):
            raise Rejected(f"The account {name!r} is there and has a passphrase; sign in with it.")
        return key_at(self._place(name))

    def get(self, name: str) -> str:
        """Return the key called `name`; raise NotFound if there is none."""
        place = self._place(name)
        if not place.exists():
            raise NotFound(f"There is no account {name!r} here.")
        return key_at(place)

    def address(self, name: str) -> Address:
        """Return the account's address, sealed or not; raise NotFound if there is none."""
        from eth_account import Account
        from eth_utils.address import to_checksum_address

        if self.is_sealed(name):
            plain = str(self._sealed(name, "passphrase")["address"]).removeprefix("0x")
            return Address(to_checksum_address("0x" + plain))
        return Address(Account.from_key(self.get(name)).address)

    def names(self) -> tuple[str, ...]:
        """Return the names, oldest first."""
        kept = [*self._folder.glob("[!.]*.key"), *self._folder.glob("[!.]*.sealed")]
        files = sorted(kept, key=lambda f: (f.stat().st_mtime_ns, f.name))
        return tuple(dict.fromkeys(file.stem for file in files))

    def is_sealed(self, name: str) -> bool:
        """Return whether the key called `name` is kept sealed."""
        return self._place(name, "sealed").exists()

    def seal(self, name: str, key: str, passphrase: str, recovery: str) -> None:
        """Keep `key` sealed under either secret, and no longer in the open.

        Raises:
            Unavailable: the file cannot be written; the key stays as it was.
        """
        sealed = {
            "passphrase": seal(key, passphrase, self._work),
            "recovery": seal(key, recovery, self._work),
        }
        place = self._place(name, "sealed")
        try:
            _replace(place, json.dumps(sealed))
            self._place(name).unlink(missing_ok=True)  # last: a kill between the two leaves both, and the seal counts
        except OSError as error:
            raise Unavailable(f"The key file {place} cannot be written: {error}.") from error

    def unseal(self, name: str, passphrase: str) -> str | None:
        """Return the key that `passphrase` opens; None, after as long, if there is none."""
        return self._unsealed(name, "passphrase", passphrase)

    def unseal_by_recovery(self, name: str, recovery: str) -> str | None:
        """Return the key that the recovery key opens; None, after as long, if there is none."""
        return self._unsealed(name, "recovery", recovery)

    def keystore(self, name: str) -> str:
        """Return the key sealed under the passphrase, as JSON that wallets read; raise NotFound if it is open."""
        return json.dumps(self._sealed(name, "passphrase"))

    def _unsealed(self, name: str, kind: Secret, secret: str) -> str | None:
        try:
            return unseal(self._sealed(name, kind), secret)
        except (NotFound, Rejected):
            seal("0x" + "01" * 32, secret, self._work)  # who asks cannot tell by the clock that nobody is there
            return None

    def _sealed(self, name: str, kind: Secret) -> JsonObject:
        place = self._place(name, "sealed")
        if not place.exists():
            raise NotFound("The account has no passphrase yet; choose one on the page of your agents.")
        try:
            document = parse_json(place.read_text("ascii"))
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(f"The key file {place} cannot be used: {error}.") from error
        keystore = document.get(kind) if isinstance(document, dict) else None
        if not isinstance(keystore, dict):
            raise Unavailable(f"The file {place} holds no keystore; restore it from a backup.")
        return keystore

    def _place(self, name: str, ending: str = "key") -> Path:
        if not 1 <= len(name) <= 40 or set(name) - _ALLOWED or name.startswith("."):
            raise Rejected(f"{name!r:.50} cannot name an account; use up to 40 letters, digits, - and _.")
        return self._folder / f"{name}.{ending}"


def _replace(path: Path, text: str) -> None:
    """Write a whole file in place of what was there, durable before it returns."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
