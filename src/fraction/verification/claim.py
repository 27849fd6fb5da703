"""What a trainer claims, so that each number of it can be disputed.

    specification   what is to be computed: program, constants, data of every step, first state, number of steps
    claim           H(02 ‖ specification ‖ root over the states after each step): this is what goes on chain

A trainer with another base, other data, another seed or fewer steps has another specification, and cannot open
its claim to the one that the task names; whoever computed otherwise under the right one is found by bisection.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields

from fraction.base import Digest, Rejected, sha256_of
from fraction.verification.merkle import MerkleTree
from fraction.verification.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """Everything that decides the states of a training, by digest; the contract's struct of the same name."""

    program: Digest
    """Root over the step's operators."""
    operators: int
    states: int
    """How many of the operators, the last, are the state."""
    constants: Digest
    """Root over the roots of the frozen base and tables."""
    constant_count: int
    data: Digest
    """Root over the roots of all steps' data, step after step."""
    data_per_step: int
    initial: Digest
    """Root over the roots of the first state."""
    steps: int

    def __post_init__(self) -> None:
        """Refuse what no training has.

        Raises:
            Rejected: a number is not positive, or there are more states than operators.
        """
        counts = (self.operators, self.states, self.constant_count, self.data_per_step, self.steps)
        if min(counts) < 1 or self.states >= self.operators:
            raise Rejected("A specification needs steps, data, constants, and more operators than states.")

    def encode(self) -> bytes:
        """Return the fields in their order, 32 bytes each: Solidity's abi.encode of the struct."""
        values = [getattr(self, field.name) for field in fields(self)]
        return b"".join(v.to_bytes(32, "big") if isinstance(v, int) else bytes.fromhex(v) for v in values)

    def digest(self) -> Digest:
        """Return the name that a task's manifest carries."""
        return sha256_of(self.encode())


def specify(
    program: Program,
    constants: Sequence[bytes],
    data: Sequence[Sequence[bytes]],
    initial: Sequence[bytes],
) -> Specification:
    """Return the specification of a training.

    Args:
        program: one step
        constants: roots of the constants
        data: roots of each step's data
        initial: roots of the first state
    """
    return Specification(
        program=_root(program.encoded()),
        operators=len(program.operators),
        states=program.states,
        constants=_root(constants),
        constant_count=len(constants),
        data=_root([root for step in data for root in step]),
        data_per_step=len(data[0]),
        initial=_root(initial),
        steps=len(data),
    )


def claim_root(specification: Digest, leaves: Sequence[Digest]) -> Digest:
    """Return what a trainer commits to: the specification, and the state after each step."""
    steps = MerkleTree([bytes.fromhex(leaf) for leaf in leaves]).root
    return Digest(hashlib.sha256(b"\x02" + bytes.fromhex(specification) + steps).hexdigest())


def _root(payloads: Sequence[bytes]) -> Digest:
    return Digest(MerkleTree(payloads).root.hex())
