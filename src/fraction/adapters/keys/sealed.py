"""Keys encrypted under a passphrase, in the form that every wallet reads.

Source: Web3 Secret Storage, version 3 (scrypt, AES-128-CTR, Keccak MAC),
https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage/
"""

import json
from typing import Any

from fraction.base import JsonObject

WORK = 262_144
"""Rounds of scrypt: about a second and 32 MB for each guess."""


def seal(key: str, secret: str, work: int = WORK) -> JsonObject:
    """Return the keystore of a private key (0x and 64 hex characters) that `secret` opens."""
    from eth_keyfile.keyfile import create_keyfile_json

    plain = bytes.fromhex(key.removeprefix("0x"))
    return create_keyfile_json(plain, secret.encode(), kdf="scrypt", iterations=work)


def unseal(keystore: JsonObject, secret: str) -> str | None:
    """Return the private key in a keystore; None if `secret` does not open it."""
    from eth_keyfile.keyfile import decode_keyfile_json

    document: dict[str, Any] = json.loads(json.dumps(keystore))
    try:
        return "0x" + bytes(decode_keyfile_json(document, secret.encode())).hex()
    except ValueError:
        return None
