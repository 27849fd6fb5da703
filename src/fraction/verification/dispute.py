"""A dispute as its two sides see it: what a defender shows, what a challenger picks, and the proof at the end.

Each side holds `Evidence`: the states it computed, and any step's values. The defender opens its trees from the root
down; the challenger follows the first node that differs from its own. To the left of that path both sides agree,
so the challenger can prove every input under the defender's own roots.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from fraction.base import Address, Digest, Instant, Rejected
from fraction.verification.claim import Plan, Specification, claim_root
from fraction.verification.merkle import MerkleTree, above, hash_leaf
from fraction.verification.program import Kind, Operator, Program, Source, Value
from fraction.verification.referee import rows_needed

DEPTH = 4
"""Levels of a tree that one move goes down; 16 nodes."""


class Stage(Enum):
    """Where a dispute stands; the contract's names and numbers."""

    NONE = 0
    CLAIM = 1
    REVEAL = 2
    PICK = 3
    TRACE = 4
    TREE = 5
    OPERATOR = 6
    ROW = 7
    PROOF = 8
    DEFENDED = 9
    REFUTED = 10

    @property
    def is_over(self) -> bool:
        """Whether it is decided."""
        return self in (Stage.DEFENDED, Stage.REFUTED)

    @property
    def is_defenders(self) -> bool:
        """Whether the defender moves now, if anybody does."""
        return self in (Stage.CLAIM, Stage.REVEAL, Stage.TRACE, Stage.ROW)


class Tree(Enum):
    """Which tree is being descended; the contract's numbers."""

    STEPS = 0
    OPERATORS = 1
    STATE = 2
    ROWS = 3


Nodes: TypeAlias = dict[tuple[Tree, int, int], bytes]
"""Hashes by tree, level and index."""


@dataclass(frozen=True, slots=True)
class Showing:
    """Nodes that the defender showed: neighbours of one level, from `index` on."""

    tree: Tree
    level: int
    index: int
    nodes: tuple[bytes, ...]
    """At level 0 of all trees but ROWS: what the leaves stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A dispute as the chain tells it."""

    task: int
    defender: Address
    challenger: Address
    claim: Digest
    stage: Stage
    deadline: Instant
    tree: Tree
    level: int
    index: int
    step: int
    operators: bytes
    """Root over the defender's values of the step, without the state; zeros before it was opened."""
    operator: int
    row: int
    showings: tuple[Showing, ...]
    row_words: bytes
    """The row that the defender showed; empty before."""


@dataclass(slots=True)
class Trace:
    """Every value of one step, by rows, as one side computed it."""

    program: Program
    rows_of: Callable[[Source, int], Sequence[bytes]]
    """Gives the rows of the value at a place among those of its source."""
    root_of: Callable[[Source, int], bytes] | None = None
    """Gives its root, where that is known without the rows."""
    _trees: dict[tuple[Source, int], MerkleTree] = field(default_factory=dict[tuple[Source, int], MerkleTree])

    def value(self, source: Source, index: int) -> MerkleTree:
        """Return the tree over a value's rows."""
        if (source, index) not in self._trees:
            self._trees[source, index] = MerkleTree(self.rows_of(source, index))
        return self._trees[source, index]

    def root(self, source: Source, index: int) -> bytes:
        """Return the root of a value."""
        return self.root_of(source, index) if self.root_of else self.value(source, index).root

    def inner(self) -> MerkleTree:
        """Return the tree over the values that are not part of the state."""
        return self._over(Source.OPERATOR, range(self.program.inner))

    def state(self) -> MerkleTree:
        """Return the tree over the state after the step."""
        return self._over(Source.OPERATOR, range(self.program.inner, len(self.program.operators)))

    def known(self, source: Source, count: int) -> MerkleTree:
        """Return the tree over all `count` values of a source."""
        return self._over(source, range(count))

    def _over(self, source: Source, indices: range) -> MerkleTree:
        return MerkleTree([self.root(source, i) for i in indices])


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one side knows of a training."""

    specification: Specification
    plans: tuple[Plan, ...]
    leaves: tuple[Digest, ...]
    """The state after each step."""
    trace: Callable[[int], Trace]
    """Computes a step again, with every value."""

    @property
    def claim(self) -> Digest:
        """What this side commits to."""
        return claim_root(self.specification.digest(), self.leaves)

    def steps(self) -> MerkleTree:
        """Return the tree over the states."""
        return MerkleTree([bytes.fromhex(leaf) for leaf in self.leaves])

    def plan_proof(self, step: int) -> tuple[bytes, ...]:
        """Return that a step's plan is in the specification."""
        return MerkleTree([plan.encode() for plan in self.plans]).proof(step)


@dataclass(frozen=True, slots=True)
class RowProof:
    """One input's row: that it is in the value, and the value in the tree that its source names."""

    row: bytes
    row_proof: tuple[bytes, ...]
    value: bytes
    value_proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the referee needs to compute one number again."""

    column: int
    operator: bytes
    row: bytes
    inputs: tuple[RowProof, ...]
    previous: bytes
    previous_proof: tuple[bytes, ...]


def tree_of(evidence: Evidence, position: Position) -> MerkleTree:
    """Return one's own version of the tree that is being descended."""
    match position.tree:
        case Tree.STEPS:
            return evidence.steps()
        case Tree.OPERATORS:
            return evidence.trace(position.step).inner()
        case Tree.STATE:
            return evidence.trace(position.step).state()
        case Tree.ROWS:
            return evidence.trace(position.step).value(Source.OPERATOR, position.operator)


def nodes_beneath(evidence: Evidence, position: Position) -> tuple[bytes, ...]:
    """Return one's own nodes beneath the present one: what a defender shows, and a challenger compares."""
    lowest = position.level <= DEPTH and position.tree is not Tree.ROWS
    if not lowest:
        return tree_of(evidence, position).beneath(position.level, position.index, DEPTH)
    first = position.index << position.level
    return tuple(_payloads(evidence, position)[first : first + (1 << position.level)])


def first_wrong(evidence: Evidence, position: Position) -> int:
    """Return which of the nodes just shown the challenger goes on with.

    Raises:
        Rejected: nothing differs, so there is nothing to dispute.
    """
    shown = position.showings[-1].nodes
    for place, (theirs, ours) in enumerate(zip(shown, nodes_beneath(evidence, position), strict=True)):
        if theirs != ours:
            return place
    raise Rejected("The defender's nodes are the ones found here; end the dispute, there is nothing wrong.")


def is_in_state(evidence: Evidence, position: Position) -> bool:
    """Return whether all values before the state agree, so that the first wrong one is part of the state."""
    return evidence.trace(position.step).inner().root == position.operators


def picked_operator(evidence: Evidence, position: Position) -> tuple[int, Operator, tuple[bytes, ...]]:
    """Return the number of the operator that was picked, the operator, and that it is in the step's program."""
    program = evidence.trace(position.step).program
    place = position.operator + (program.inner if position.tree is Tree.STATE else 0)
    return place, program.operators[place], MerkleTree(program.encoded()).proof(place)


def own_row(evidence: Evidence, position: Position) -> bytes:
    """Return one's own version of the row that was picked."""
    return evidence.trace(position.step).rows_of(Source.OPERATOR, position.operator)[position.row]


def proof_of(evidence: Evidence, position: Position) -> Proof:
    """Return the first number of the defender's row that is wrong, and all it follows from, proved.

    Raises:
        Rejected: the row is the one found here.
    """
    trace = evidence.trace(position.step)
    operator = trace.program.operators[position.operator]
    column = _first_difference(own_row(evidence, position), position.row_words)
    known = _known(position.showings)
    first = trace.rows_of(operator.inputs[0].source, operator.inputs[0].index)
    ids = _word(first[position.row]) if operator.kind is Kind.LOOK_UP else ()
    needed = rows_needed(operator, position.row, column, ids)
    side = evidence.specification, evidence.plans[position.step], trace
    inputs = tuple(_row_proof(side, known, v, row) for v, row in zip(operator.inputs, needed, strict=True))
    before = position.step - 1
    previous = bytes.fromhex(evidence.leaves[before]) if position.step else bytes(32)
    way = _way(evidence.steps(), known, Tree.STEPS, before) if position.step else ()
    return Proof(column, operator.encode(), position.row_words, inputs, previous, way)


def _payloads(evidence: Evidence, position: Position) -> Sequence[bytes]:
    if position.tree is Tree.STEPS:
        return [bytes.fromhex(leaf) for leaf in evidence.leaves]
    trace = evidence.trace(position.step)
    inner, count = trace.program.inner, len(trace.program.operators)
    indices = range(inner) if position.tree is Tree.OPERATORS else range(inner, count)
    return [trace.root(Source.OPERATOR, i) for i in indices]


def _row_proof(side: tuple[Specification, Plan, Trace], known: Nodes, value_read: Value, row: int) -> RowProof:
    specification, plan, trace = side
    source, index = value_read.source, value_read.index
    value = trace.value(source, index)
    inner = trace.program.inner
    match source:
        case Source.OPERATOR if index < inner:
            way = _way(trace.inner(), known, Tree.OPERATORS, index)
        case Source.OPERATOR:
            way = _way(trace.state(), known, Tree.STATE, index - inner)
        case Source.STATE:
            way = trace.known(source, specification.states).proof(index)
        case Source.CONSTANT:
            way = trace.known(source, specification.constant_count).proof(index)
        case Source.DATA:
            way = trace.known(source, plan.data_count).proof(index)
    return RowProof(trace.rows_of(source, index)[row], value.proof(row), value.root, way)


def _known(showings: Sequence[Showing]) -> Nodes:
    """Return every node of the defender's trees that follows from what it showed."""
    known: Nodes = {}
    for showing in showings:
        level, index = showing.level, showing.index
        is_payload = level == 0 and showing.tree is not Tree.ROWS
        nodes = [hash_leaf(node) if is_payload else node for node in showing.nodes]
        while True:
            known |= {(showing.tree, level, index + place): node for place, node in enumerate(nodes)}
            if len(nodes) == 1:
                break
            nodes = above(nodes)
            level, index = level + 1, index // 2
    return known


def _way(own: MerkleTree, known: Nodes, tree: Tree, index: int) -> tuple[bytes, ...]:
    """Return the proof of an agreed leaf under the defender's root: its nodes where it showed them, else one's own."""
    way: list[bytes] = []
    for level in range(own.height):
        if own.has(level, index ^ 1):
            way.append(known.get((tree, level, index ^ 1)) or own.node(level, index ^ 1))
        index //= 2
    return tuple(way)


def _first_difference(ours: bytes, theirs: bytes) -> int:
    for place in range(0, len(ours), 4):
        if ours[place : place + 4] != theirs[place : place + 4]:
            return place // 4
    raise Rejected("The defender's row is the one found here; end the dispute, there is nothing wrong.")


def _word(row: bytes) -> tuple[int, ...]:
    return (int.from_bytes(row[:4], "big"),)
