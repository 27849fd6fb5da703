"""How scores travel: two bytes each, big-endian, by ticket."""

from collections.abc import Sequence


def packed(scores: Sequence[int]) -> bytes:
    """Return scores as the contract takes them.

    >>> packed((1, 10_000)).hex()
    '00012710'
    """
    return b"".join(score.to_bytes(2, "big") for score in scores)


def unpacked(payload: bytes) -> tuple[int, ...]:
    """Return the scores that `packed` packed."""
    return tuple(int.from_bytes(payload[place : place + 2], "big") for place in range(0, len(payload), 2))
