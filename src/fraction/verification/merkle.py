r"""Merkle trees over digests: one short name for a long list, with short proofs of membership.

Leaves and inner nodes are hashed under different prefixes, so no inner node can pass for a leaf
(RFC 6962, section 2.1). An odd node at the end of a level goes up unchanged.

        root
       /    \
      n      n
     / \    / \
    l0  l1  l2  l3        l = H(00 ‖ digest), n = H(01 ‖ left ‖ right)
"""

import hashlib
from collections.abc import Sequence

from fraction.base import Digest, Rejected


def merkle_root(digests: Sequence[Digest]) -> Digest:
    """Return the root of the tree over `digests`, in their order.

    Raises:
        Rejected: there are no digests.

    >>> merkle_root([Digest("00" * 32)]) == merkle_root([Digest("00" * 32)])
    True
    """
    return Digest(_levels(digests)[-1][0].hex())


def merkle_proof(digests: Sequence[Digest], index: int) -> tuple[str, ...]:
    """Return the way from leaf `index` to the root: `L` or `R` (the sibling's side) and its hash.

    Raises:
        Rejected: there is no such leaf.
    """
    if not 0 <= index < len(digests):
        raise Rejected(f"There is no leaf {index} among {len(digests)}.")
    path: list[str] = []
    for level in _levels(digests)[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(("L" if sibling < index else "R") + level[sibling].hex())
        index //= 2
    return tuple(path)


def proves(leaf: Digest, proof: Sequence[str], root: Digest) -> bool:
    """Return whether `proof` leads from `leaf` to `root`."""
    node = _leaf(leaf)
    for step in proof:
        sibling = bytes.fromhex(step[1:])
        node = _inner(sibling, node) if step[0] == "L" else _inner(node, sibling)
    return node.hex() == root


def first_difference(ours: Sequence[Digest], theirs: Sequence[Digest]) -> int | None:
    """Return the first position at which two lists of leaves differ; None if they are equal."""
    for position, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
        if mine != other:
            return position
    return None if len(ours) == len(theirs) else min(len(ours), len(theirs))


def _levels(digests: Sequence[Digest]) -> list[list[bytes]]:
    if not digests:
        raise Rejected("A Merkle tree needs at least one leaf.")
    levels = [[_leaf(digest) for digest in digests]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = [_inner(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        levels.append(pairs + below[len(pairs) * 2 :])
    return levels


def _leaf(digest: Digest) -> bytes:
    return hashlib.sha256(b"\x00" + bytes.fromhex(digest)).digest()


def _inner(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
