"""Secrets that say who asks: browser sessions, API keys, one-time nonces. Only their digests are kept.

    secret ──SHA-256──▶ digest ──▶ Token(kind, account, scopes, expiry)

A secret has 256 random bits, so a plain digest is as good as a slow one, and whoever reads the database learns none.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from fraction.base import Address, Digest, Instant, Rejected, sha256_of

SCOPES = ("agents", "play", "train", "account")
"""What a key may do: make and refine agents; enter Sessions and automate; ask for training; manage keys and money."""

SESSION_SECONDS = 30 * 24 * 3600
KEY_SECONDS = 365 * 24 * 3600
MAX_LABEL_CHARACTERS = 40
MAX_KEYS = 20


class TokenKind(Enum):
    """What a token is good for."""

    SESSION = "session"
    """A signed-in browser."""
    KEY = "key"
    """A program with scopes."""
    NONCE = "nonce"
    """One sign-in attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a secret."""

    digest: Digest
    kind: TokenKind
    account: Address
    """Whom it stands for; for a nonce, who wants to sign in."""
    scopes: tuple[str, ...] = SCOPES
    label: str = ""
    made_at: Instant
    expires_at: Instant


class Tokens(Protocol):
    """Keeps tokens; every call is atomic."""

    def keep(self, token: Token) -> None:
        """Keep a token, durable before it returns."""
        ...

    def find(self, digest: Digest) -> Token | None:
        """Return the token of that digest."""
        ...

    def take(self, digest: Digest) -> Token | None:
        """Return the token and drop it: of many callers only one gets it."""
        ...

    def of(self, account: Address) -> tuple[Token, ...]:
        """Return an account's tokens, oldest first."""
        ...

    def drop_all(self, account: Address, kind: TokenKind) -> int:
        """Drop an account's tokens of a kind; return how many there were."""
        ...

    def drop_expired(self, now: Instant) -> None:
        """Drop what is no longer good for anything."""
        ...


class Secrets(Protocol):
    """Makes secrets."""

    def new(self) -> str:
        """Return 256 random bits in 64 hex characters."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """What it takes to let people in: where tokens are kept, how secrets are made."""

    tokens: Tokens
    secrets: Secrets

    def open_session(self, account: Address, now: Instant) -> str:
        """Return the secret of a new browser session."""
        self.tokens.drop_expired(now)
        return self._issue(TokenKind.SESSION, account, SCOPES, "", now, SESSION_SECONDS)

    def make_key(self, account: Address, label: str, scopes: tuple[str, ...], now: Instant) -> str:
        """Return the secret of a new API key, which is shown once.

        Raises:
            Rejected: the label is empty or too long, a scope is unknown, or there are too many keys.
        """
        if not label.strip() or len(label) > MAX_LABEL_CHARACTERS or not label.isprintable():
            raise Rejected(f"A key's label has 1 to {MAX_LABEL_CHARACTERS} printable characters.")
        if not scopes or set(scopes) - set(SCOPES):
            raise Rejected(f"A key has one or more of the scopes {', '.join(SCOPES)}.")
        if len(self.keys_of(account, now)) >= MAX_KEYS:
            raise Rejected(f"An account has at most {MAX_KEYS} keys; drop one that is not used.")
        return self._issue(TokenKind.KEY, account, scopes, label, now, KEY_SECONDS)

    def keys_of(self, account: Address, now: Instant) -> list[Token]:
        """Return an account's API keys that are still good, oldest first."""
        return [t for t in self.tokens.of(account) if t.kind is TokenKind.KEY and t.expires_at > now]

    def drop_key(self, account: Address, digest: Digest) -> None:
        """Let a key be good for nothing any more; another account's key is left alone."""
        token = self.tokens.find(digest)
        if token is not None and token.account == account and token.kind is TokenKind.KEY:
            self.tokens.take(digest)

    def admit(self, secret: str, kind: TokenKind, now: Instant) -> Token | None:
        """Return what `secret` stands for, if it is of that kind and still good."""
        token = self.tokens.find(digest_of_secret(secret))
        return token if token is not None and token.kind is kind and token.expires_at > now else None

    def leave(self, secret: str) -> None:
        """End the browser session of that secret."""
        self.tokens.take(digest_of_secret(secret))

    def leave_everywhere(self, account: Address) -> int:
        """End all browser sessions of an account; return how many there were."""
        return self.tokens.drop_all(account, TokenKind.SESSION)

    def nonce_for(self, account: Address, now: Instant, seconds: int) -> str:
        """Return a nonce that one sign-in of `account` may use."""
        return self._issue(TokenKind.NONCE, account, (), "", now, seconds)

    def use_nonce(self, nonce: str, account: Address, now: Instant) -> bool:
        """Return whether the nonce was given to `account`, is fresh, and was not used before; it is used up."""
        token = self.tokens.take(digest_of_secret(nonce))
        return (
            token is not None and (token.kind, token.account) == (TokenKind.NONCE, account) and token.expires_at > now
        )

    def _issue(
        self, kind: TokenKind, account: Address, scopes: tuple[str, ...], label: str, now: Instant, seconds: int
    ) -> str:
        secret = self.secrets.new()
        self.tokens.keep(
            Token(
                digest=digest_of_secret(secret),
                kind=kind,
                account=account,
                scopes=scopes,
                label=label,
                made_at=now,
                expires_at=Instant(now + seconds),
            )
        )
        return secret


def digest_of_secret(secret: str) -> Digest:
    """Return the name under which a secret's token is kept."""
    return sha256_of(secret.encode())
