"""Who can use an embedded account's key: the platform, or only whoever knows the passphrase.

open ── protect ──▶ unlocked ──12 h, restart, sign-out everywhere──▶ locked ── passphrase ──▶ unlocked
                        ▲                                               │
                        └────── recovery key, and a new passphrase ─────┘

The private key is sealed twice: under the passphrase, and under a recovery key of 256 bits that is shown once. Both
seals are made anew by a recovery. Once an account was unlocked, its key stays in the platform's memory until a restart.
"""

from dataclasses import dataclass
from enum import Enum
from threading import Lock
from typing import Protocol

from fraction.app.ports import Clock
from fraction.app.tokens import Secrets
from fraction.base import Instant, Rejected

UNLOCKED_SECONDS = 12 * 3_600
FEWEST_CHARACTERS = 12
MOST_CHARACTERS = 200


class Hold(Enum):
    """Who can use a key."""

    OPEN = "open"
    """The platform."""
    UNLOCKED = "unlocked"
    """The platform for now, as whoever knows the passphrase let it."""
    LOCKED = "locked"
    """Nobody without the passphrase or the recovery key."""


class Keys(Protocol):
    """Keeps private keys by name."""

    def get(self, name: str) -> str:
        """Return the open key called `name`; raise NotFound if there is none, or it is sealed."""
        ...

    def is_sealed(self, name: str) -> bool:
        """Return whether the key called `name` is kept sealed."""
        ...

    def seal(self, name: str, key: str, passphrase: str, recovery: str) -> None:
        """Keep `key` sealed under either secret, and no longer in the open."""
        ...

    def unseal(self, name: str, passphrase: str) -> str | None:
        """Return the key that `passphrase` opens; None, after as long, if there is none."""
        ...

    def unseal_by_recovery(self, name: str, recovery: str) -> str | None:
        """Return the key that the recovery key opens; None, after as long, if there is none."""
        ...

    def keystore(self, name: str) -> str:
        """Return the key sealed under the passphrase, as JSON that wallets read; raise NotFound if it is open."""
        ...


@dataclass(frozen=True, slots=True)
class _Unlocked:
    key: str
    until: Instant


class Custody:
    """Gives keys to whoever may use them; safe to use from many threads."""

    def __init__(self, keys: Keys, clock: Clock, secrets: Secrets) -> None:
        """Begin with every sealed key locked."""
        self._keys = keys
        self._clock = clock
        self._secrets = secrets
        self._unlocked: dict[str, _Unlocked] = {}
        self._lock = Lock()

    def key_of(self, name: str) -> str:
        """Return the key called `name`.

        Raises:
            NotFound: there is none.
            Rejected: it is locked.
        """
        if not self._keys.is_sealed(name):
            return self._keys.get(name)
        with self._lock:
            unlocked = self._unlocked.get(name)
        if unlocked is None or unlocked.until <= self._clock.now():
            self.lock(name)
            raise Rejected("The account is locked; its owner unlocks it with the passphrase, on the page of its key.")
        return unlocked.key

    def hold(self, name: str) -> Hold:
        """Return who can use the key called `name`."""
        if not self._keys.is_sealed(name):
            return Hold.OPEN
        with self._lock:
            unlocked = self._unlocked.get(name)
        return Hold.UNLOCKED if unlocked and unlocked.until > self._clock.now() else Hold.LOCKED

    def protect(self, name: str, passphrase: str) -> str:
        """Seal an account under a passphrase, or under another one; return the recovery key, which is shown once.

        Raises:
            Rejected: the passphrase is too short, or the account is locked.
        """
        return self._sealed(name, self.key_of(name), passphrase)

    def unlock(self, name: str, passphrase: str) -> bool:
        """Let the platform use the key for a while; return whether the passphrase opens it."""
        key = self._keys.unseal(name, passphrase[:MOST_CHARACTERS])
        if key is not None:
            self._keep(name, key)
        return key is not None

    def recover(self, name: str, recovery: str, passphrase: str) -> str | None:
        """Seal an account anew; return its new recovery key, or None if the old one does not open it.

        Raises:
            Rejected: the passphrase is too short.
        """
        _check(passphrase)
        key = self._keys.unseal_by_recovery(name, recovery.strip()[:MOST_CHARACTERS])
        return None if key is None else self._sealed(name, key, passphrase)

    def lock(self, name: str) -> None:
        """Use the key no more until it is unlocked."""
        with self._lock:
            self._unlocked.pop(name, None)

    def keystore(self, name: str) -> str:
        """Return the sealed key, as JSON that wallets read; raise NotFound if there is no passphrase."""
        return self._keys.keystore(name)

    def _sealed(self, name: str, key: str, passphrase: str) -> str:
        _check(passphrase)
        recovery = self._secrets.new()
        self._keys.seal(name, key, passphrase, recovery)
        self._keep(name, key)
        return recovery

    def _keep(self, name: str, key: str) -> None:
        with self._lock:
            self._unlocked[name] = _Unlocked(key, Instant(self._clock.now() + UNLOCKED_SECONDS))


def _check(passphrase: str) -> None:
    if not FEWEST_CHARACTERS <= len(passphrase) <= MOST_CHARACTERS:
        raise Rejected(
            f"A passphrase has {FEWEST_CHARACTERS} to {MOST_CHARACTERS} characters; four words make a good one."
        )
