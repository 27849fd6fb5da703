"""Signed transactions, kept before they are broadcast; one lane of nonces per account."""

from collections.abc import Callable
from itertools import count

from sqlalchemy import Connection, Row, delete, exc, func, insert, select, update

from fraction.adapters.store.database import Database
from fraction.adapters.store.schema import outbox
from fraction.app.ports import SignedTransaction
from fraction.base import Conflict

_TRIES = 3
"""PostgreSQL only: how often a key may be signed for another account at the very same time."""


class StoredOutbox:
    """Keeps transactions before they are broadcast; an `Outbox`."""

    def __init__(self, database: Database) -> None:
        """Keep them in `database`."""
        self._database = database

    def find(self, key: str) -> SignedTransaction | None:
        """Return what was signed under `key`, if anything was."""
        with self._database.reading() as connection:
            return _find(connection, key)

    def sign(
        self, key: str, account: str, first_nonce: int, sign: Callable[[int], SignedTransaction]
    ) -> SignedTransaction:
        """Reserve the account's lowest free nonce from `first_nonce` on, sign and keep, in one transaction.

        If `key` was signed already, return that instead. If `sign` raises, nothing is reserved.

        Raises:
            Conflict: others sign under the same key for other accounts.
        """
        for _ in range(_TRIES):
            try:
                with self._database.writing() as connection:
                    _hold_lane(connection, account)
                    return _find(connection, key) or _sign(connection, account, first_nonce, sign)
            except exc.IntegrityError:
                continue
        raise Conflict(f"Others are signing under the key {key} for other accounts; give each purpose its own key.")

    def forget(self, key: str) -> None:
        """Drop a transaction that the chain has refused; its nonce is free again.

        Using the same nonce for the next one keeps the lane without a gap, and makes it impossible that
        both the old bytes and the new ones are ever mined.
        """
        with self._database.writing() as connection:
            connection.execute(delete(outbox).where(outbox.c.key == key))

    def unconfirmed(self, account: str) -> tuple[SignedTransaction, ...]:
        """Return the account's transactions that are not known to be final, by nonce."""
        query = select(outbox).where(outbox.c.account == account, outbox.c.final.is_(False))
        with self._database.reading() as connection:
            return tuple(map(_signed, connection.execute(query.order_by(outbox.c.nonce))))

    def confirm(self, key: str) -> None:
        """Note that the chain has made the transaction final."""
        with self._database.writing() as connection:
            connection.execute(update(outbox).where(outbox.c.key == key).values(final=True))


def _hold_lane(connection: Connection, account: str) -> None:
    """Let nobody else sign for `account` before this transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(account, 0))))


def _find(connection: Connection, key: str) -> SignedTransaction | None:
    row = connection.execute(select(outbox).where(outbox.c.key == key)).one_or_none()
    return _signed(row) if row else None


def _sign(
    connection: Connection, account: str, first_nonce: int, sign: Callable[[int], SignedTransaction]
) -> SignedTransaction:
    query = select(outbox.c.nonce).where(outbox.c.account == account, outbox.c.nonce >= first_nonce)
    used = set(connection.execute(query).scalars())
    signed = sign(next(free for free in count(first_nonce) if free not in used))
    connection.execute(
        insert(outbox).values(
            key=signed.key,
            account=signed.account,
            nonce=signed.nonce,
            raw=signed.raw,
            hash=signed.hash,
            final=False,
        )
    )
    return signed


def _signed(row: Row[tuple[str, str, int, str, str, bool]]) -> SignedTransaction:
    return SignedTransaction(key=row.key, account=row.account, nonce=row.nonce, raw=row.raw, hash=row.hash)
