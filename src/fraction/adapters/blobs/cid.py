"""Names of blobs: ours, and the same one as IPFS writes it."""

import re
from base64 import b32encode
from typing import TypeGuard

from fraction.base import Digest

_CIDV1_RAW_SHA256 = bytes([0x01, 0x55, 0x12, 0x20])
"""Version 1, codec raw, multihash sha2-256 of 32 bytes."""


def cid_of(digest: Digest) -> str:
    """Return the CIDv1 by which IPFS knows a raw block with this SHA-256.

    Source: https://github.com/multiformats/cid, base32 in lower case (multibase prefix `b`)

    >>> from fraction.base import sha256_of
    >>> cid_of(sha256_of(b"hello world"))
    'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
    """
    name = b32encode(_CIDV1_RAW_SHA256 + bytes.fromhex(digest)).decode()
    return "b" + name.rstrip("=").lower()


def is_digest(text: str) -> TypeGuard[Digest]:
    """Return whether `text` is 64 lower-case hex characters, so that it is safe as part of a path."""
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None
