r"""Merkle trees: one short name for a long list, with short proofs of membership, and a way down to a difference.

Leaves and inner nodes are hashed under different prefixes, so no inner node can pass for a leaf
(RFC 6962, section 2.1). An odd node at the end of a level goes up unchanged.

        root                level 2
       /    \
      n      n              level 1
     / \    / \
    l0  l1  l2  l3          level 0:  l = H(00 ‖ payload), n = H(01 ‖ left ‖ right)

A payload is a digest (a list of results) or the bytes of a tensor's row; the contracts hash the same way.
"""

import hashlib
from collections.abc import Sequence

from fraction.base import Digest, Rejected


class MerkleTree:
    """The tree over a list of payloads, with all its levels."""

    def __init__(self, payloads: Sequence[bytes]) -> None:
        """Hash `payloads` in their order.

        Raises:
            Rejected: there are none.
        """
        if not payloads:
            raise Rejected("A Merkle tree needs at least one leaf.")
        self._levels = [[hash_leaf(payload) for payload in payloads]]
        while len(self._levels[-1]) > 1:
            self._levels.append(above(self._levels[-1]))

    @property
    def root(self) -> bytes:
        """The name of the whole list, 32 bytes."""
        return self._levels[-1][0]

    @property
    def height(self) -> int:
        """The root's level; 0 for a tree of one leaf."""
        return len(self._levels) - 1

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of one node."""
        return self._levels[level][index]

    def has(self, level: int, index: int) -> bool:
        """Return whether there is such a node."""
        return level < len(self._levels) and index < len(self._levels[level])

    def beneath(self, level: int, index: int, depth: int) -> tuple[bytes, ...]:
        """Return the descendants of a node, `depth` levels further down (level 0 at most)."""
        depth = min(depth, level)
        return tuple(self._levels[level - depth][index << depth : (index + 1) << depth])

    def proof(self, index: int) -> tuple[bytes, ...]:
        """Return the siblings on the way from a leaf to the root; a level where it has none gives none.

        Raises:
            Rejected: there is no such leaf.
        """
        if not 0 <= index < len(self._levels[0]):
            raise Rejected(f"There is no leaf {index} among {len(self._levels[0])}.")
        path: list[bytes] = []
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index //= 2
        return tuple(path)


def hash_leaf(payload: bytes) -> bytes:
    """Return the leaf's hash of a payload."""
    return hashlib.sha256(b"\x00" + payload).digest()


def hash_pair(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_member(payload: bytes, index: int, leaves: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether `proof` shows that the payload is leaf `index` of the `leaves` under `root`."""
    if not 0 <= index < leaves:
        return False
    node, siblings = hash_leaf(payload), iter(proof)
    while leaves > 1:
        if index ^ 1 < leaves:
            sibling = next(siblings, b"")
            node = hash_pair(sibling, node) if index & 1 else hash_pair(node, sibling)
        index, leaves = index // 2, (leaves + 1) // 2
    return node == root and next(siblings, None) is None


def merkle_root(digests: Sequence[Digest]) -> Digest:
    """Return the root of the tree over `digests`, in their order.

    Raises:
        Rejected: there are no digests.

    >>> merkle_root([Digest("00" * 32)]) == merkle_root([Digest("00" * 32)])
    True
    """
    return Digest(MerkleTree([bytes.fromhex(digest) for digest in digests]).root.hex())


def merkle_proof(digests: Sequence[Digest], index: int) -> tuple[str, ...]:
    """Return the way from leaf `index` to the root: `L` or `R` (the sibling's side) and its hash.

    Raises:
        Rejected: there is no such leaf.
    """
    siblings = iter(MerkleTree([bytes.fromhex(digest) for digest in digests]).proof(index))
    path: list[str] = []
    count = len(digests)
    while count > 1:
        if index ^ 1 < count:
            path.append(("L" if index & 1 else "R") + next(siblings).hex())
        index, count = index // 2, (count + 1) // 2
    return tuple(path)


def proves(leaf: Digest, proof: Sequence[str], root: Digest) -> bool:
    """Return whether `proof` leads from `leaf` to `root`."""
    node = hash_leaf(bytes.fromhex(leaf))
    for step in proof:
        sibling = bytes.fromhex(step[1:])
        node = hash_pair(sibling, node) if step[0] == "L" else hash_pair(node, sibling)
    return node.hex() == root


def first_difference(ours: Sequence[Digest], theirs: Sequence[Digest]) -> int | None:
    """Return the first position at which two lists of leaves differ; None if they are equal."""
    for position, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
        if mine != other:
            return position
    return None if len(ours) == len(theirs) else min(len(ours), len(theirs))


def above(level: Sequence[bytes]) -> list[bytes]:
    """Return the nodes one level up."""
    pairs = [hash_pair(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return [*pairs, *level[len(pairs) * 2 :]]
