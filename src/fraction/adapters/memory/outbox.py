"""Signed transactions in a dictionary, with one lane of nonces per account."""

from collections.abc import Callable
from itertools import count
from threading import Lock

from fraction.app.ports import SignedTransaction


class MemoryOutbox:
    """Keeps transactions before they are broadcast; an `Outbox`."""

    def __init__(self) -> None:
        """Begin with no transactions."""
        self._signed: dict[str, SignedTransaction] = {}
        self._final: set[str] = set()
        self._lock = Lock()

    def find(self, key: str) -> SignedTransaction | None:
        """Return what was signed under `key`, if anything was."""
        return self._signed.get(key)

    def sign(
        self, key: str, account: str, first_nonce: int, sign: Callable[[int], SignedTransaction]
    ) -> SignedTransaction:
        """Reserve the account's lowest free nonce from `first_nonce` on, sign and keep.

        If `key` was signed already, return that instead.
        """
        with self._lock:
            if key in self._signed:
                return self._signed[key]
            used = {one.nonce for one in self._signed.values() if one.account == account}
            nonce = next(free for free in count(first_nonce) if free not in used)
            self._signed[key] = sign(nonce)
            return self._signed[key]

    def forget(self, key: str) -> None:
        """Drop a transaction that the chain has refused; its nonce is free again.

        Using the same nonce for the next one keeps the lane without a gap, and makes it impossible that
        both the old bytes and the new ones are ever mined.
        """
        with self._lock:
            self._signed.pop(key, None)
            self._final.discard(key)

    def unconfirmed(self, account: str) -> tuple[SignedTransaction, ...]:
        """Return the account's transactions that are not known to be final, by nonce."""
        with self._lock:
            open_ones = [one for key, one in self._signed.items() if one.account == account and key not in self._final]
        return tuple(sorted(open_ones, key=lambda one: one.nonce))

    def confirm(self, key: str) -> None:
        """Note that the chain has made the transaction final."""
        with self._lock:
            if key in self._signed:
                self._final.add(key)
