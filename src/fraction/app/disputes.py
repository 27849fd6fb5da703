"""Disputes over a training claim, as verbs: each looks at the chain, makes the one move that is due, and says which.

A node defends its claims and challenges those that differ from what it found; both need only their own evidence.
Whoever's turn it is and does not move in time loses, so `advance_dispute` is to be called again and again.
"""

from typing import Protocol

from fraction.base import Address, Wei
from fraction.verification.claim import Plan, Specification
from fraction.verification.dispute import (
    Evidence,
    Position,
    Proof,
    Stage,
    first_wrong,
    is_in_state,
    nodes_beneath,
    own_row,
    picked_operator,
    proof_of,
)


class DisputeGame(Protocol):
    """The contract that decides disputes, as one account sees and moves them."""

    @property
    def account(self) -> Address:
        """Whose moves these are."""
        ...

    @property
    def bond(self) -> Wei:
        """What a challenger pays to open a dispute."""
        ...

    def open(self, task: int, defender: Address, specification: Specification, manifest: bytes) -> int:
        """Call what `defender` revealed for a task wrong; return the dispute's number. The same arguments open one."""
        ...

    def open_claim(self, number: int, steps: bytes) -> None:
        """Open the claim to the root over its steps."""
        ...

    def show(self, number: int, position: Position, nodes: tuple[bytes, ...]) -> None:
        """Show the nodes beneath the present one."""
        ...

    def pick(self, number: int, position: Position, place: int) -> None:
        """Go on at one of the nodes just shown."""
        ...

    def open_trace(self, number: int, operators: bytes) -> None:
        """Commit to the values of the step."""
        ...

    def choose_tree(
        self, number: int, specification: Specification, plan: Plan, proof: tuple[bytes, ...], in_state: bool
    ) -> None:
        """Show the step's plan, and go on in the state or before it."""
        ...

    def show_operator(
        self, number: int, specification: Specification, plan: Plan, operator: bytes, proof: tuple[bytes, ...]
    ) -> None:
        """Show the operator that was picked."""
        ...

    def show_row(self, number: int, row: bytes) -> None:
        """Show the row that was picked."""
        ...

    def prove(self, number: int, specification: Specification, plan: Plan, proof: Proof) -> None:
        """Prove what the number follows from; the referee decides."""
        ...

    def time_out(self, number: int) -> None:
        """End a dispute in which somebody was silent for too long."""
        ...

    def position(self, number: int) -> Position:
        """Return where a dispute stands."""
        ...

    def disputes(self) -> int:
        """Return how many there were; their numbers are 1 to this."""
        ...

    def gas_of(self, number: int) -> tuple[tuple[str, int], ...]:
        """Return each transaction of a dispute, by its last event, and the gas that it used, in order."""
        ...

    def ruling(self, number: int) -> tuple[int, int] | None:
        """Return the bits that the referee found and those that the defender had; None if it did not come to that."""
        ...


def challenge(game: DisputeGame, evidence: Evidence, task: int, defender: Address, manifest: bytes) -> int:
    """Open a dispute over what `defender` revealed; return its number.

    Raises:
        Rejected: the contract refuses, such as when the time for disputes is over.
    """
    return game.open(task, defender, evidence.specification, manifest)


def advance_dispute(game: DisputeGame, evidence: Evidence, number: int) -> str:
    """Make the move that is due from this account; return what was done, or nothing.

    Raises:
        Rejected: the other side agrees with the evidence, so that there is no move to make.
    """
    position = game.position(number)
    if position.stage.is_over or position.stage is Stage.NONE:
        return ""
    mover = position.defender if position.stage.is_defenders else position.challenger
    if mover != game.account:
        return ""
    if position.stage.is_defenders:
        return _defend(game, evidence, number, position)
    return _attack(game, evidence, number, position)


def _defend(game: DisputeGame, evidence: Evidence, number: int, position: Position) -> str:
    match position.stage:
        case Stage.CLAIM:
            game.open_claim(number, evidence.steps().root)
            return "opened the claim"
        case Stage.REVEAL:
            nodes = nodes_beneath(evidence, position)
            game.show(number, position, nodes)
            return f"showed {len(nodes)} nodes of the {position.tree.name.lower()}"
        case Stage.TRACE:
            game.open_trace(number, evidence.trace(position.step).inner().root)
            return f"committed to all values of step {position.step + 1}"
        case _:
            game.show_row(number, own_row(evidence, position))
            return f"showed row {position.row}"


def _attack(game: DisputeGame, evidence: Evidence, number: int, position: Position) -> str:
    specification, plan = evidence.specification, evidence.plans[position.step]
    match position.stage:
        case Stage.PICK:
            place = first_wrong(evidence, position)
            game.pick(number, position, place)
            return f"picked node {place} of {len(position.showings[-1].nodes)}"
        case Stage.TREE:
            in_state = is_in_state(evidence, position)
            game.choose_tree(number, specification, plan, evidence.plan_proof(position.step), in_state)
            return "went on in the state" if in_state else "went on in the values before the state"
        case Stage.OPERATOR:
            place, operator, proof = picked_operator(evidence, position)
            game.show_operator(number, specification, plan, operator.encode(), proof)
            return f"showed operator {place}, {operator.kind.name.lower().replace('_', ' ')}"
        case _:
            game.prove(number, specification, plan, proof_of(evidence, position))
            return "proved what the number follows from"
