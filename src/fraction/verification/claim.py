"""What a trainer claims, so that each number of it can be disputed.

    specification   what is to be computed: constants, first state, and for each step its plan: program and data
    claim           H(02 ‖ specification ‖ root over the states after each step): this is what goes on chain

A trainer with another base, other data, another seed or fewer steps has another specification, and cannot open
its claim to the one that the task names; whoever computed otherwise under the right one is found by bisection.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Digest, sha256_of
from fraction.verification.merkle import MerkleTree
from fraction.verification.program import Program


@dataclass(frozen=True, slots=True)
class Plan:
    """What is particular to one step; the contract's struct of the same name."""

    program: Digest
    """Root over the step's operators."""
    operators: int
    data: Digest
    """Root over the roots of the step's data."""
    data_count: int

    def encode(self) -> bytes:
        """Return the fields in their order, 32 bytes each: Solidity's abi.encode of the struct."""
        return _words(self.program, self.operators, self.data, self.data_count)


@dataclass(frozen=True, slots=True)
class Specification:
    """Everything that decides the states of a training, by digest; the contract's struct of the same name."""

    plans: Digest
    """Root over the steps' plans."""
    constants: Digest
    """Root over the roots of the frozen base and tables."""
    constant_count: int
    initial: Digest
    """Root over the roots of the first state."""
    states: int
    """Tensors of a state."""
    steps: int

    def encode(self) -> bytes:
        """Return the fields in their order, 32 bytes each: Solidity's abi.encode of the struct."""
        return _words(self.plans, self.constants, self.constant_count, self.initial, self.states, self.steps)

    def digest(self) -> Digest:
        """Return the name that a task's manifest carries."""
        return sha256_of(self.encode())


def plan_step(program: Program, data: Sequence[bytes]) -> Plan:
    """Return the plan of a step with this program, whose data have these roots."""
    return Plan(root_of(program.encoded()), len(program.operators), root_of(data), len(data))


def specify(plans: Sequence[Plan], constants: Sequence[bytes], initial: Sequence[bytes]) -> Specification:
    """Return the specification of a training.

    Args:
        plans: one a step
        constants: roots of the frozen base and tables
        initial: roots of the first state
    """
    return Specification(
        plans=root_of([plan.encode() for plan in plans]),
        constants=root_of(constants),
        constant_count=len(constants),
        initial=root_of(initial),
        states=len(initial),
        steps=len(plans),
    )


def claim_root(specification: Digest, leaves: Sequence[Digest]) -> Digest:
    """Return what a trainer commits to: the specification, and the state after each step."""
    steps = MerkleTree([bytes.fromhex(leaf) for leaf in leaves]).root
    return Digest(hashlib.sha256(b"\x02" + bytes.fromhex(specification) + steps).hexdigest())


def root_of(payloads: Sequence[bytes]) -> Digest:
    """Return the Merkle root over `payloads`.

    Raises:
        Rejected: there are none.
    """
    return Digest(MerkleTree(payloads).root.hex())


def _words(*values: int | str) -> bytes:
    return b"".join(v.to_bytes(32, "big") if isinstance(v, int) else bytes.fromhex(v) for v in values)
