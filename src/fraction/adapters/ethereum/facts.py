"""The escrow's logs of one Session as the facts that the domain knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fraction.adapters.ethereum.abi import Record
from fraction.adapters.ethereum.contract import Happening
from fraction.adapters.ethereum.scores import unpacked
from fraction.app.chain import ChainFact, EntryFact
from fraction.base import Address, AgentId, Instant, Wei
from fraction.sessions import (
    Appealed,
    AppealsDecided,
    AppealsLapsed,
    Cancelled,
    Closed,
    Committed,
    Convened,
    Credit,
    JudgesDrawn,
    Published,
    Redrawn,
    Refunded,
    Revealed,
    Scored,
    SeedFixed,
    Settled,
    Slash,
)

CANCEL_REASONS = ("by-opener", "too-few-entrants", "not-published", "not-drawn", "no-quorum")
"""In the contract's order."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Who was drawn, and who of them has revealed: what the arrays of a result refer to."""

    judges: tuple[Address, ...]
    revealed: frozenset[Address]


@dataclass(slots=True)
class _Reading:
    """What earlier logs told that later ones refer to."""

    panel: tuple[Address, ...] = ()
    """The present round's; slashes go by place in it. Those who are being replaced are no longer in it."""
    revealed: set[Address] = field(default_factory=set[Address])
    scores: list[int] = field(default_factory=list[int])
    """By ticket, with what appeals put in place of the medians."""
    contested: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    """Tickets by round, in the order of the appeals."""
    slashes: list[Slash] = field(default_factory=list[Slash])

    def slash(self, amounts: Sequence[int], judges: tuple[Address, ...]) -> None:
        """Note what these judges lost."""
        self.slashes += slashes_of(amounts, Panel(judges, frozenset(self.revealed)))


def facts_of(happenings: Iterable[Happening]) -> tuple[ChainFact, ...]:
    """Return what a Session's logs tell, in order; the opening, re-armed randomness and claims tell nothing."""
    reading = _Reading()
    found = (_fact(happening.event, happening.log.transaction, reading) for happening in happenings)
    return tuple(fact for fact in found if fact is not None)


def _fact(event: Record, transaction: str, reading: _Reading) -> ChainFact | None:
    match event.kind:
        case "Entered":
            return _entry(event, transaction)
        case "Closed":
            return Closed(transaction=transaction)
        case "SeedFixed":
            return SeedFixed(seed=event.digest("seed"), transaction=transaction)
        case "Published":
            return Published(transcript=event.digest("transcript"), transaction=transaction)
        case "Cancelled":
            reading.slash(event.integers("slashes"), reading.panel)
            reason = CANCEL_REASONS[event.integer("reason")]
            return Cancelled(reason=reason, slashes=tuple(reading.slashes), transaction=transaction)
        case "Refunded":
            amount = Wei(event.integer("amount"))
            return Refunded(ticket=event.integer("ticket"), amount=amount, transaction=transaction)
        case _:
            return _judging_fact(event, transaction, reading)


def _judging_fact(event: Record, transaction: str, reading: _Reading) -> ChainFact | None:
    match event.kind:
        case "JudgesDrawn":
            reading.panel = event.addresses("judges")
            return JudgesDrawn(judges=reading.panel, round=event.integer("round"), transaction=transaction)
        case "Redrawn":
            missing = event.addresses("missing")
            reading.slash(event.integers("slashes"), missing)
            reading.panel = tuple(judge for judge in reading.panel if judge not in missing)
            return Redrawn(missing=missing, transaction=transaction)
        case "Committed":
            return Committed(
                judge=event.address("judge"),
                commitment="0x" + event.digest("commitment"),
                transaction=transaction,
            )
        case "Revealed":
            reading.revealed.add(event.address("judge"))
            return _reveal(event, transaction)
        case "Scored":
            return _scored(event, transaction, reading)
        case "Settled":
            return _settlement(event, transaction, reading)
        case _:
            return _appeal_fact(event, transaction, reading)


def _appeal_fact(event: Record, transaction: str, reading: _Reading) -> ChainFact | None:
    match event.kind:
        case "Appealed":
            round, ticket = event.integer("round"), event.integer("ticket")
            reading.contested.setdefault(round, []).append(ticket)
            return Appealed(
                ticket=ticket,
                appellant=event.address("appellant"),
                round=round,
                bond=Wei(event.integer("bond")),
                transaction=transaction,
            )
        case "Convened":
            return Convened(round=event.integer("round"), transaction=transaction)
        case "AppealsDecided":
            return _decided(event, transaction, reading)
        case "AppealsLapsed":
            return AppealsLapsed(round=event.integer("round"), transaction=transaction)
        case _:
            return None


def _entry(event: Record, transaction: str) -> EntryFact:
    return EntryFact(
        ticket=event.integer("ticket"),
        agent=AgentId(event.digest("agent")),
        snapshot=event.digest("snapshot"),
        owner=event.address("owner"),
        payee=event.address("payee"),
        transaction=transaction,
    )


def _reveal(event: Record, transaction: str) -> Revealed:
    return Revealed(
        judge=event.address("judge"),
        scores=unpacked(event.raw("scores")),
        verdict=event.digest("verdict"),
        transaction=transaction,
    )


def _scored(event: Record, transaction: str, reading: _Reading) -> Scored | None:
    """Return the medians when the last chunk of them is known."""
    reading.scores += unpacked(event.raw("medians"))
    end = event.integer("appealEnd")
    if not end:
        return None
    reading.slash(event.integers("slashes"), reading.panel)
    return Scored(medians=tuple(reading.scores), appeal_end=Instant(end), transaction=transaction)


def _decided(event: Record, transaction: str, reading: _Reading) -> AppealsDecided:
    round, scores = event.integer("round"), unpacked(event.raw("scores"))
    is_upheld = tuple(bool(flag) for flag in event.integers("isUpheld"))
    for ticket, score, upheld in zip(reading.contested[round], scores, is_upheld, strict=True):
        if upheld:
            reading.scores[ticket] = score
    reading.slash(event.integers("slashes"), reading.panel)
    return AppealsDecided(
        round=round,
        scores=scores,
        is_upheld=is_upheld,
        appeal_end=Instant(event.integer("appealEnd")),
        transaction=transaction,
    )


def _settlement(event: Record, transaction: str, reading: _Reading) -> Settled:
    judges = event.addresses("judges")
    fees = zip(judges, event.integers("judgeFees"), strict=True)
    reading.slash(event.integers("slashes"), judges)
    prizes = {prize.integer("median"): prize for prize in event.records("prizes")}
    return Settled(
        medians=tuple(reading.scores),
        payouts=tuple(_payout(prizes.get(score), ticket) for ticket, score in enumerate(reading.scores)),
        judge_fees=tuple(
            Credit(account=judge, amount=Wei(amount), reason="judge-fee") for judge, amount in fees if amount
        ),
        treasury=Wei(event.integer("treasuryFee")),
        slashes=tuple(reading.slashes),
        transaction=transaction,
    )


def _payout(prize: Record | None, ticket: int) -> Wei:
    if prize is None:
        return Wei(0)
    return Wei(prize.integer("share") + (ticket < prize.integer("bonusBelow")))


def slashes_of(amounts: Sequence[int], panel: Panel, revealed_as: str = "deviation") -> tuple[Slash, ...]:
    """Return who lost stake; the contract's list goes by place in the panel and is empty if nobody did.

    Args:
        amounts: wei of FRAC
        panel: whom the places mean
        revealed_as: why a node that revealed can have lost stake; one that did not is a no-show
    """
    if not amounts:
        return ()
    return tuple(
        Slash(node=node, amount=Wei(amount), reason=revealed_as if node in panel.revealed else "no-show")
        for node, amount in zip(panel.judges, amounts, strict=True)
        if amount
    )
