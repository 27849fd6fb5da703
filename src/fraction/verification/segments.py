"""What a verifier commits to for a segment, so that it cannot be copied, neither from the trainer nor from a peer.

A trainer's roots are public: a verifier could send them back with a salt of its own. So the digest is made over the
bytes of every state inside the segment, which no root gives away, under a key that follows from the beacon and the
verifier's own address. Anybody who computes the segment can check it afterwards; nobody who did not can make it.

Source: keyed hashing, HMAC-SHA-256 (RFC 2104).
"""

import hashlib
import hmac
from collections.abc import Iterable

from fraction.base import Address, Digest


def segment_digest(beacon: Digest, verifier: Address, segment: int, states: Iterable[bytes]) -> Digest:
    """Return what `verifier` commits to for a segment.

    Args:
        beacon: randomness that was unknown when the trainer committed
        verifier: whose work it is
        segment: its number, from 0
        states: the bytes of every tensor after each step of the segment, in order
    """
    key = hashlib.sha256(bytes.fromhex(beacon) + verifier.lower().encode() + segment.to_bytes(4, "big")).digest()
    running = hmac.new(key, digestmod=hashlib.sha256)
    for state in states:
        running.update(len(state).to_bytes(8, "big"))
        running.update(state)
    return Digest(running.hexdigest())
