"""What can happen in a Session; its log is a list of these, in the order in which they were learned.

Facts that the chain decides carry the hash of the transaction that decided them, so that anyone can look
them up; everything else (replies, sheets) is bound by a digest that one of those facts carries.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from fraction.agents import Snapshot
from fraction.base import Address, Digest, Instant, SessionId, Wei
from fraction.judging import Sheet
from fraction.spaces import Space
from fraction.transcripts import Reply

NO_BOND = Wei(0)
"""What openers answered with before there were bonds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The Session began under these rules; `number` is its id in the escrow contract."""

    kind: Literal["opened"] = "opened"
    session: SessionId
    number: int
    space: Space
    tier: str
    escrow: Address
    chain_id: int
    opener: Address
    at: Instant
    fee_bps: int = 1_000
    """What the protocol keeps of the pot, in hundredths of a percent, as governance had it at the opening."""
    bond: Wei = NO_BOND
    """What the opener answers with for a result, in the asset of the tier."""
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """An agent paid its fee into escrow."""

    kind: Literal["entered"] = "entered"
    ticket: int
    snapshot: Snapshot
    payee: Address
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Nobody can enter any more."""

    kind: Literal["closed"] = "closed"
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFixed:
    """The chain fixed the seed from which all tasks follow."""

    kind: Literal["seed-fixed"] = "seed-fixed"
    seed: str
    """64 hex characters."""
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """An entrant answered; several may be learned at once."""

    kind: Literal["replied"] = "replied"
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The transcript's digest is on chain; from here no reply can change."""

    kind: Literal["published"] = "published"
    transcript: Digest
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgesDrawn:
    """The chain drew a panel, or filled it up."""

    kind: Literal["judges-drawn"] = "judges-drawn"
    judges: tuple[Address, ...]
    """The whole panel, without those who were replaced."""
    round: int = 0
    """0 for the first panel, from 1 for those of appeals."""
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrawn:
    """Judges stayed away and are replaced."""

    kind: Literal["redrawn"] = "redrawn"
    missing: tuple[Address, ...]
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A judge fixed its scores without showing them."""

    kind: Literal["committed"] = "committed"
    judge: Address
    commitment: str
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """A judge showed its scores."""

    kind: Literal["revealed"] = "revealed"
    judge: Address
    scores: tuple[int, ...]
    """Hundredths of a point: of the first panel by ticket, of an appeal's in the order of the contested tickets."""
    verdict: Digest
    """The digest of the judge's sheet."""
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRead:
    """A judge's sheet was fetched, and has the digest that its reveal carries."""

    kind: Literal["sheet-read"] = "sheet-read"
    sheet: Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The first panel's medians are on chain, and can be contested."""

    kind: Literal["scored"] = "scored"
    medians: tuple[int, ...]
    """By ticket."""
    appeal_end: Instant
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appealed:
    """Somebody contested a score with a bond."""

    kind: Literal["appealed"] = "appealed"
    ticket: int
    appellant: Address
    round: int
    """Of the panel that decides, from 1."""
    bond: Wei
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Convened:
    """A fresh panel is drawn for all scores that were contested in time."""

    kind: Literal["convened"] = "convened"
    round: int
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealsDecided:
    """An appeal's panel has spoken."""

    kind: Literal["appeals-decided"] = "appeals-decided"
    round: int
    scores: tuple[int, ...]
    """The panel's medians, in the order of the round's appeals."""
    is_upheld: tuple[bool, ...]
    appeal_end: Instant
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealsLapsed:
    """An appeal's panel did not decide; the bonds went back."""

    kind: Literal["appeals-lapsed"] = "appeals-lapsed"
    round: int
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Money that the contract owes somebody."""

    account: Address
    amount: Wei
    reason: str
    """`prize`, `judge-fee`, `treasury` or `refund`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slash:
    """Stake that a judge lost, in wei of FRAC."""

    node: Address
    amount: Wei
    reason: str
    """`no-show` or `deviation`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The contract ranked by the final scores and paid."""

    kind: Literal["settled"] = "settled"
    medians: tuple[int, ...]
    """The final scores by ticket: the first panel's medians, with what appeals put in their place."""
    payouts: tuple[Wei, ...]
    """By ticket."""
    judge_fees: tuple[Credit, ...]
    treasury: Wei
    slashes: tuple[Slash, ...]
    """All stake that was lost in the Session."""
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The Session ended without a result; every fee can be fetched back."""

    kind: Literal["cancelled"] = "cancelled"
    reason: str
    slashes: tuple[Slash, ...]
    """All stake that was lost in the Session."""
    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """An entrant's fee was credited back."""

    kind: Literal["refunded"] = "refunded"
    ticket: int
    amount: Wei
    transaction: str


Event: TypeAlias = (
    Opened
    | Entered
    | Closed
    | SeedFixed
    | Replied
    | Published
    | JudgesDrawn
    | Redrawn
    | Committed
    | Revealed
    | SheetRead
    | Scored
    | Appealed
    | Convened
    | AppealsDecided
    | AppealsLapsed
    | Settled
    | Cancelled
    | Refunded
)
"""Anything that a Session's log may hold."""
