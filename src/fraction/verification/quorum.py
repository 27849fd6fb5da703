"""When enough nodes agree: the same count that the training registry makes on chain."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Digest, NodeId


@dataclass(frozen=True, slots=True)
class Attestation:
    """A node did the work; this is what it got."""

    node: NodeId
    root: Digest
    """Merkle root of the partial updates."""
    output: Digest
    """The finished adapter."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the nodes' answers amount to."""

    accepted: Attestation | None
    """The result that a quorum shares; None when no quorum agrees."""
    agreeing: tuple[NodeId, ...]
    dissenting: tuple[NodeId, ...]
    """Nodes that answered otherwise; empty when there is no quorum, as then nobody is wrong yet."""


def tally(answers: Sequence[Attestation], quorum: int) -> Decision:
    """Return the decision over `answers`; a node that answers twice counts once, by its first.

    >>> a = Attestation(NodeId("x"), Digest("1"), Digest("2"))
    >>> tally([a], quorum=1).agreeing
    ('x',)
    """
    first: dict[NodeId, Attestation] = {}
    for answer in answers:
        first.setdefault(answer.node, answer)
    votes = Counter((a.root, a.output) for a in first.values())
    winner, count = max(votes.items(), key=lambda item: (item[1], item[0]), default=(None, 0))
    if winner is None or count < quorum:
        return Decision(None, (), ())
    agreeing = tuple(n for n, a in first.items() if (a.root, a.output) == winner)
    dissenting = tuple(n for n in first if n not in agreeing)
    return Decision(first[agreeing[0]], agreeing, dissenting)
