"""What holders of FRAC decide together: the port, and the verbs that move a decision on."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from fraction.base import Address, Conflict, Digest, Instant, Unavailable, Wei
from fraction.economy import EmissionPlan


@dataclass(frozen=True, slots=True)
class ProtocolFee:
    """Part of every later pot that the protocol keeps."""

    bps: int


@dataclass(frozen=True, slots=True)
class OpenerBond:
    """What openers of later Sessions answer with for a result, of the most that the entrants may pay."""

    bps: int


@dataclass(frozen=True, slots=True)
class CurveRule:
    """Whether later Space versions may pay by this curve."""

    payout_bps: tuple[int, ...]
    allowed: bool


@dataclass(frozen=True, slots=True)
class RecipeRule:
    """Whether trainings by this recipe are accepted."""

    recipe: Digest
    allowed: bool


@dataclass(frozen=True, slots=True)
class AssetRule:
    """Whether fees may be paid in this token; the zero address is ETH."""

    asset: Address
    allowed: bool


@dataclass(frozen=True, slots=True)
class AppealTime:
    """How long later results can be contested."""

    seconds: int


@dataclass(frozen=True, slots=True)
class TrainingQuorum:
    """Equal results that later training tasks must ask for at least."""

    nodes: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Whether no new Session may be opened."""

    paused: bool


@dataclass(frozen=True, slots=True)
class EmissionSplit:
    """How emissions are split from the next month on."""

    plan: EmissionPlan


Change: TypeAlias = (
    ProtocolFee | OpenerBond | CurveRule | RecipeRule | AssetRule | AppealTime | TrainingQuorum | Pause | EmissionSplit
)
"""One thing that a vote can set."""


class Vote(Enum):
    """What a holder says; the numbers are those of the contract."""

    AGAINST = 0
    FOR = 1
    ABSTAIN = 2


class ProposalState(Enum):
    """Where a proposal stands; in the order of the contract's numbers."""

    PENDING = "pending"
    """The vote has not begun."""
    ACTIVE = "active"
    CANCELED = "canceled"
    DEFEATED = "defeated"
    SUCCEEDED = "succeeded"
    """Passed: anyone may queue it."""
    QUEUED = "queued"
    """Waits in the timelock; then anyone may execute it."""
    EXPIRED = "expired"
    EXECUTED = "executed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as the chain knows it now."""

    id: int
    proposer: Address
    text: str
    state: ProposalState
    votes_begin: Instant
    votes_end: Instant
    executable_at: Instant
    """0 unless it is queued."""
    votes: dict[Vote, Wei]
    """In wei of FRAC."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is set now."""

    protocol_fee_bps: int
    opener_bond_bps: int
    appeal_seconds: int
    training_quorum: int
    paused: bool
    curves: tuple[tuple[int, ...], ...]
    """The allowed payout curves, in the order in which they were allowed."""
    emissions: EmissionPlan
    """Of the present month."""


class Governance(Protocol):
    """Votes, as one account sees and casts them."""

    def propose(self, changes: tuple[Change, ...], text: str) -> int:
        """Propose changes; return the proposal's id. The same changes and text are the same proposal."""
        ...

    def delegate(self) -> None:
        """Let this account's FRAC count as its own votes from now on."""
        ...

    def vote(self, id: int, vote: Vote) -> Wei:
        """Vote with what the account had when the vote began; return how much that was."""
        ...

    def queue(self, id: int) -> None:
        """Put a proposal that passed into the timelock."""
        ...

    def execute(self, id: int) -> None:
        """Do what a queued proposal says."""
        ...

    def proposal(self, id: int) -> Proposal:
        """Return a proposal; raise NotFound if there is none."""
        ...

    def proposals(self) -> tuple[Proposal, ...]:
        """Return all proposals, oldest first."""
        ...

    def parameters(self) -> Parameters:
        """Return what is set now."""
        ...


_OVER = {
    ProposalState.CANCELED: "was taken back",
    ProposalState.DEFEATED: "was voted down or had no quorum",
    ProposalState.EXPIRED: "expired",
}


def advance_proposal(governance: Governance, id: int) -> ProposalState:
    """Do the one thing that a proposal waits for and anyone may do; return where it stands then.

    Raises:
        Conflict: it can never be done any more.
        Unavailable: the chain does not answer, or the timelock's time is not over.
    """
    state = governance.proposal(id).state
    if state in _OVER:
        raise Conflict(f"The proposal {id} {_OVER[state]}; make a new one.")
    if state is ProposalState.SUCCEEDED:
        governance.queue(id)
    elif state is ProposalState.QUEUED:
        governance.execute(id)
    return governance.proposal(id).state


def carry_out(governance: Governance, id: int, pause: Callable[[], None], patience: int) -> None:
    """Take a proposal that is being voted on to its end, doing what anyone may do as soon as it may be done.

    Args:
        governance: the account that does it
        id: the proposal
        pause: waits a little between two looks
        patience: how many looks at most

    Raises:
        Conflict: the vote failed.
        Unavailable: it is still not done after so many looks.
    """
    for _ in range(patience):
        try:
            if advance_proposal(governance, id) is ProposalState.EXECUTED:
                return
        except Unavailable:
            pass  # the timelock's time is not over yet by the chain's clock
        pause()
    raise Unavailable(f"The proposal {id} is still {governance.proposal(id).state.value}; try again later.")
