"""The chain as the verbs see it: stakes, escrow and training registry, for one account each.

Every sending verb is idempotent: its purpose is its key, and the signed transaction is kept before it is
broadcast. A verb returns when its transaction is mined; it raises `Rejected` with the contract's reason if
the contract would refuse, and `Unavailable` if the chain does not answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from fraction.base import Address, AgentId, Digest, Instant, Wei
from fraction.sessions import (
    Appealed,
    AppealsDecided,
    AppealsLapsed,
    Cancelled,
    Closed,
    Committed,
    Convened,
    JudgesDrawn,
    Published,
    Redrawn,
    Refunded,
    Revealed,
    Scored,
    SeedFixed,
    Settled,
)
from fraction.spaces import Asset, Space, Tier


class Role(Enum):
    """What a node stakes for; the numbers are those of the contract."""

    JUDGE = 0
    TRAINER = 1
    VERIFIER = 2


class Wallet(Protocol):
    """One account on chain."""

    @property
    def address(self) -> Address:
        """The account."""
        ...

    def balance(self, asset: Asset) -> Wei:
        """Return what the account holds."""
        ...

    def balance_of(self, account: Address, asset: Asset) -> Wei:
        """Return what another account holds."""
        ...

    def stake_balance(self) -> Wei:
        """Return the account's FRAC that is not staked."""
        ...


class Vault(Protocol):
    """Stakes of nodes."""

    def register(self, role: Role, amount: Wei, endpoint: str) -> None:
        """Stake `amount` FRAC for `role`; `endpoint` is the URL where the node's blobs are served."""
        ...

    def stake_of(self, role: Role, node: Address) -> Wei:
        """Return what is at stake, thawing stake included."""
        ...

    def endpoint_of(self, role: Role, node: Address) -> str:
        """Return the node's URL; empty if it never registered."""
        ...

    def nodes(self, role: Role) -> tuple[Address, ...]:
        """Return who is registered."""
        ...


@dataclass(frozen=True, slots=True)
class EntryFact:
    """An entry as the chain knows it: the agent's snapshot by digest only."""

    ticket: int
    agent: AgentId
    snapshot: Digest
    owner: Address
    payee: Address
    transaction: str


ChainFact: TypeAlias = (
    EntryFact
    | Closed
    | SeedFixed
    | Published
    | JudgesDrawn
    | Redrawn
    | Committed
    | Revealed
    | Scored
    | Appealed
    | Convened
    | AppealsDecided
    | AppealsLapsed
    | Settled
    | Cancelled
    | Refunded
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a Session began."""

    opener: Address
    at: Instant
    fee_bps: int
    """What the protocol keeps of the pot, as governance had it then."""
    bond: Wei
    """What the opener answers with for a result."""
    transaction: str


class EscrowPhase(Enum):
    """Where a Session stands on chain, the clock included: what may be sent now."""

    NONE = "none"
    OPEN = "open"
    """Entries are taken."""
    CLOSABLE = "closable"
    """Full, or the entry time is over: anyone may close."""
    SEEDING = "seeding"
    """Closed; the seed can be fixed in a later block."""
    PLAYING = "playing"
    """The opener may publish the transcript."""
    DRAWING = "drawing"
    """The judges can be drawn in a later block."""
    COMMITTING = "committing"
    REVEALING = "revealing"
    REDRAWABLE = "redrawable"
    """There is no quorum: anyone may have those replaced who stayed away."""
    SETTLEABLE = "settleable"
    """All have revealed, or the time is over with a quorum: anyone may settle."""
    APPEALABLE = "appealable"
    """The scores are known and can be contested; nothing is paid yet."""
    CONTESTED = "contested"
    """Somebody contested a score, and the time for it is over: anyone may convene the next panel."""
    FINALIZABLE = "finalizable"
    """The scores are final: anyone may have everybody paid."""
    CANCELLABLE = "cancellable"
    """A deadline was missed before there was any result: anyone may cancel."""
    SETTLED = "settled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class EscrowState:
    """A Session on chain right now, which a reorganisation may still change."""

    phase: EscrowPhase
    deadline: Instant
    """When the present phase ends by itself; 0 if it does not."""
    opener: Address
    space: Digest
    entrants: int
    transcript: Digest | None
    judges: tuple[Address, ...]
    """The present panel, without those who were replaced."""
    has_committed: tuple[Address, ...]
    has_revealed: tuple[Address, ...]
    refunded: tuple[int, ...]
    """Tickets whose fee was credited back."""
    round: int = 0
    """0 while the first panel judges, from 1 for those of appeals."""
    contested: tuple[int, ...] = ()
    """Tickets that the present panel judges anew, in the order in which it gives their scores."""


class Escrow(Protocol):
    """Entry fees, judging and payouts."""

    @property
    def address(self) -> Address:
        """The contract."""
        ...

    @property
    def chain_id(self) -> int:
        """The chain."""
        ...

    def open(self, key: str, space: Space, tier: Tier) -> int:
        """Open a Session with the bond that governance asks for; return its number. The same `key` opens only one."""
        ...

    def opening(self, number: int) -> Opening:
        """Return who opened the Session, when, and on what terms of governance."""
        ...

    def sessions(self) -> int:
        """Return how many Sessions were ever opened; their numbers are 1 to this."""
        ...

    def enter(self, number: int, agent: AgentId, snapshot: Digest, payee: Address) -> str:
        """Pay the fee for `agent` from this account; return the transaction's hash."""
        ...

    def close(self, number: int) -> None:
        """Take no more entries."""
        ...

    def fix_seed(self, number: int) -> None:
        """Fix the seed from the block after closing."""
        ...

    def publish(self, number: int, transcript: Digest) -> None:
        """Bind the transcript."""
        ...

    def draw(self, number: int) -> None:
        """Draw the judges from the block after publishing."""
        ...

    def commit(self, number: int, scores: Sequence[int], verdict: Digest, salt: bytes) -> None:
        """Fix this judge's scores without showing them."""
        ...

    def copy_commitment(self, number: int, commitment: str) -> None:
        """Commit to bytes somebody else made (which then cannot be revealed)."""
        ...

    def reveal(self, number: int, scores: Sequence[int], verdict: Digest, salt: bytes) -> None:
        """Show this judge's scores."""
        ...

    def redraw(self, number: int) -> None:
        """Have judges replaced that stayed away."""
        ...

    def settle(self, number: int) -> None:
        """Take the medians of what the present panel revealed; the next part of them in a very large Session."""
        ...

    def appeal(self, number: int, ticket: int) -> Wei:
        """Contest a ticket's score; return the bond that this account paid."""
        ...

    def convene(self, number: int) -> None:
        """Have a fresh panel drawn for the scores that were contested."""
        ...

    def finalize(self, number: int) -> None:
        """Rank by the final scores and pay."""
        ...

    def claim(self, number: int, tickets: Sequence[int]) -> None:
        """Credit these tickets' prizes, where so many win that `finalize` left it to be done."""
        ...

    def cancel(self, number: int) -> None:
        """End a Session that missed a deadline."""
        ...

    def refund(self, number: int, ticket: int) -> None:
        """Credit an entrant's fee back."""
        ...

    def withdraw(self, asset: Asset) -> Wei:
        """Fetch what the contract owes this account; return how much it was (0: nothing)."""
        ...

    def credit_of(self, account: Address, asset: Asset) -> Wei:
        """Return what the contract owes `account`."""
        ...

    def held(self, asset: Asset) -> Wei:
        """Return what the contract holds in total."""
        ...

    def points_of(self, agent: AgentId) -> int:
        """Return the agent's participation points."""
        ...

    def state(self, number: int) -> EscrowState:
        """Return where the Session stands now."""
        ...

    def facts(self, number: int, confirmed: bool = True) -> tuple[ChainFact, ...]:
        """Return what the chain has decided, in its order; only what is final, unless asked otherwise."""
        ...


class TaskPhase(Enum):
    """Where a training task stands on chain, the clock included."""

    NONE = "none"
    DRAWING = "drawing"
    COMMITTING = "committing"
    REVEALING = "revealing"
    DISPUTABLE = "disputable"
    """All results are shown, and may be called wrong."""
    SETTLEABLE = "settleable"
    CANCELLABLE = "cancellable"
    ACCEPTED = "accepted"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TaskAnswer:
    """What one node revealed."""

    node: Address
    root: Digest
    adapter: Digest
    transaction: str


@dataclass(frozen=True, slots=True)
class TaskState:
    """A training task on chain right now."""

    phase: TaskPhase
    deadline: Instant
    manifest: Digest
    owner: Address
    fee: Wei
    trainer: Address | None
    verifiers: tuple[Address, ...]
    quorum: int
    has_committed: tuple[Address, ...]
    answers: tuple[TaskAnswer, ...]
    accepted: TaskAnswer | None
    slashes: tuple[tuple[Address, Wei, str], ...]
    """Node, FRAC lost, `no-show`, `mismatch` (known when the task is over) or `refuted` (when a dispute is)."""
    transactions: tuple[str, ...]
    """Hashes of the transactions that moved the task, in order."""


class TrainingRegistry(Protocol):
    """Training tasks: who trains, who checks, and what a quorum of them found."""

    @property
    def address(self) -> Address:
        """The contract."""
        ...

    def open(
        self,
        key: str,
        manifest: Digest,
        fee: Wei,
        verifiers: int,
        quorum: int,
        seconds: int,
        dispute_seconds: int = 0,
    ) -> int:
        """Open a task and pay its fee in ETH; commit and reveal last `seconds` each; return its number.

        Results may be disputed for `dispute_seconds` after the reveals; 0 where the arithmetic has no referee.
        """
        ...

    def tasks(self) -> int:
        """Return how many tasks were ever opened."""
        ...

    def draw(self, number: int) -> None:
        """Draw trainer and verifiers."""
        ...

    def commit(self, number: int, root: Digest, adapter: Digest, salt: bytes) -> None:
        """Fix this node's result without showing it."""
        ...

    def reveal(self, number: int, root: Digest, adapter: Digest, salt: bytes) -> None:
        """Show this node's result."""
        ...

    def settle(self, number: int) -> None:
        """Count, pay and slash."""
        ...

    def cancel(self, number: int) -> None:
        """End a task for which nobody could be drawn in time."""
        ...

    def withdraw(self) -> Wei:
        """Fetch the ETH that the registry owes this account; return how much it was."""
        ...

    def state(self, number: int) -> TaskState:
        """Return where the task stands now."""
        ...
