"""Signing in with a wallet: a message that the wallet shows, and whether it was signed.

Source: EIP-4361, Sign-In with Ethereum. Contract wallets sign by ERC-1271. A signature is worth one sign-in at this
platform: the message binds domain, address, chain, a nonce that is used up, and an expiry.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from fraction.app.tokens import Door
from fraction.base import Address, Instant, Rejected

SECONDS = 300
"""How long a person has to sign."""

STATEMENT = "Sign in to Fraction. This costs no gas and moves no money."

_MESSAGE = re.compile(
    r"(?P<domain>[^\s/?#@]+) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n\n"
    + re.escape(STATEMENT)
    + r"\n\nURI: (?P<uri>\S+)\nVersion: 1\nChain ID: (?P<chain>[0-9]+)\nNonce: (?P<nonce>[0-9a-f]{64})\n"
    r"Issued At: (?P<issued>\S+)\nExpiration Time: (?P<expires>\S+)"
)


class Signatures(Protocol):
    """Checks signatures of accounts."""

    def normal(self, address: str) -> Address:
        """Return the address with its checksum (EIP-55); raise Rejected if it is none."""
        ...

    def has_signed(self, account: Address, message: str, signature: str) -> bool:
        """Return whether `account`, a key or a contract, signed the text (EIP-191; ERC-1271)."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """Where people sign in."""

    domain: str
    """Host and port as the browser names them."""
    uri: str
    chain_id: int


def challenge(door: Door, signatures: Signatures, site: Site, address: str, now: Instant) -> str:
    """Return the message that the wallet of `address` is to sign; it is good for five minutes and one use."""
    account = signatures.normal(address)
    nonce = door.nonce_for(account, now, SECONDS)
    return (
        f"{site.domain} wants you to sign in with your Ethereum account:\n{account}\n\n{STATEMENT}\n\n"
        f"URI: {site.uri}\nVersion: 1\nChain ID: {site.chain_id}\nNonce: {nonce}\n"
        f"Issued At: {_text(now)}\nExpiration Time: {_text(Instant(now + SECONDS))}"
    )


def sign_in(door: Door, signatures: Signatures, site: Site, message: str, signature: str, now: Instant) -> Address:
    """Return who signed `message`.

    Raises:
        Rejected: it is not one of our messages, is for another place, is signed by somebody else, is late, or was
            used before.
    """
    found = _MESSAGE.fullmatch(message)
    if found is None:
        raise Rejected("That is not the message that this platform gave; ask for a new one and sign it unchanged.")
    if (found["domain"], found["uri"], int(found["chain"])) != (site.domain, site.uri, site.chain_id):
        raise Rejected("The message is for another site or chain; ask this one for a message.")
    account = signatures.normal(found["address"])
    if account != found["address"] or not signatures.has_signed(account, message, signature):
        raise Rejected(f"The message is not signed by {account}; sign it with that account.")
    # last, so that a wrong signature does not burn somebody's nonce; what is late is refused with it
    if not door.use_nonce(found["nonce"], account, now):
        raise Rejected("The message was used already or is older than five minutes; ask for a new one.")
    return account


def _text(instant: Instant) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
