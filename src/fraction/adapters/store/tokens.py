"""Tokens of browser sessions, API keys and nonces, by the digest of their secrets."""

from typing import Any

from sqlalchemy import Row, delete, insert, select

from fraction.adapters.store.database import Database
from fraction.adapters.store.schema import tokens
from fraction.app.tokens import Token, TokenKind
from fraction.base import Address, Digest, Instant


class StoredTokens:
    """Keeps tokens; a `Tokens`."""

    def __init__(self, database: Database) -> None:
        """Keep them in `database`."""
        self._database = database

    def keep(self, token: Token) -> None:
        """Keep a token, durable before it returns."""
        with self._database.writing() as connection:
            connection.execute(
                insert(tokens).values(
                    digest=token.digest,
                    kind=token.kind.value,
                    account=token.account,
                    scopes=" ".join(token.scopes),
                    label=token.label,
                    made_at=token.made_at,
                    expires_at=token.expires_at,
                )
            )

    def find(self, digest: Digest) -> Token | None:
        """Return the token of that digest."""
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(tokens.c.digest == digest)).one_or_none()
        return None if row is None else _token(row)

    def take(self, digest: Digest) -> Token | None:
        """Return the token and drop it: of many callers only one gets it."""
        with self._database.writing() as connection:
            query = delete(tokens).where(tokens.c.digest == digest).returning(*_COLUMNS)
            row = connection.execute(query).one_or_none()
        return None if row is None else _token(row)

    def of(self, account: Address) -> tuple[Token, ...]:
        """Return an account's tokens, oldest first."""
        with self._database.reading() as connection:
            query = select(*_COLUMNS).where(tokens.c.account == account).order_by(tokens.c.number)
            return tuple(map(_token, connection.execute(query)))

    def drop_all(self, account: Address, kind: TokenKind) -> int:
        """Drop an account's tokens of a kind; return how many there were."""
        with self._database.writing() as connection:
            query = delete(tokens).where(tokens.c.account == account, tokens.c.kind == kind.value)
            return len(connection.execute(query.returning(tokens.c.number)).all())

    def drop_expired(self, now: Instant) -> None:
        """Drop what is no longer good for anything."""
        with self._database.writing() as connection:
            connection.execute(delete(tokens).where(tokens.c.expires_at <= now))


_COLUMNS = (
    tokens.c.digest,
    tokens.c.kind,
    tokens.c.account,
    tokens.c.scopes,
    tokens.c.label,
    tokens.c.made_at,
    tokens.c.expires_at,
)


def _token(row: Row[Any, Any, Any, Any, Any, Any, Any]) -> Token:
    digest, kind, account, scopes, label, made_at, expires_at = row
    return Token(
        digest=Digest(digest),
        kind=TokenKind(kind),
        account=Address(account),
        scopes=tuple(scopes.split()),
        label=label,
        made_at=Instant(made_at),
        expires_at=Instant(expires_at),
    )
