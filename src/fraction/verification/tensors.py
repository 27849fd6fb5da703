"""The name of a tensor: a Merkle root over rows of its numbers, so that any of them can be opened on chain."""

from collections.abc import Sequence

from fraction.base import Digest, Rejected
from fraction.verification.merkle import above, hash_leaf

ROW_NUMBERS = 512
"""Numbers of a row at most: 2 KiB to publish one of them."""


def flat_shape(count: int) -> tuple[int, int]:
    """Return the rows and columns in which `count` numbers are hashed: columns is their largest divisor up to 512.

    >>> flat_shape(1024), flat_shape(48)
    ((2, 512), (1, 48))
    """
    columns = max(n for n in range(1, min(count, ROW_NUMBERS) + 1) if count % n == 0)
    return count // columns, columns


def tensor_root(words: bytes) -> Digest:
    """Return the name of a tensor, given as its 32-bit numbers in row-major order, big-endian.

    Raises:
        Rejected: there are no numbers.
    """
    if not words or len(words) % 4:
        raise Rejected("A tensor is given as one or more numbers of 4 bytes.")
    _, columns = flat_shape(len(words) // 4)
    size = 4 * columns
    return Digest(rows_root([words[i : i + size] for i in range(0, len(words), size)]).hex())


def rows_root(rows: Sequence[bytes]) -> bytes:
    """Return the root over one or more rows, without keeping their tree."""
    level = [hash_leaf(row) for row in rows]
    while len(level) > 1:
        level = above(level)
    return level[0]
