"""Secrets from the system's source of randomness, and the one that a platform keeps in a file."""

import secrets
from pathlib import Path

from fraction.adapters.keys.folder import key_at


class SystemSecrets:
    """Makes secrets; a `Secrets`."""

    def new(self) -> str:
        """Return 256 random bits in 64 hex characters."""
        return secrets.token_hex(32)


def operator_secret(path: Path) -> str:
    """Return the secret in the file, 64 hex characters, made now if there is none; whoever can read it operates."""
    return key_at(path).removeprefix("0x")
