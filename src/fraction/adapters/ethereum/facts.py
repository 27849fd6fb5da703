"""The escrow's logs of one Session as the facts that the domain knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fraction.adapters.ethereum.abi import Record
from fraction.adapters.ethereum.contract import Happening
from fraction.adapters.ethereum.scores import unpacked
from fraction.app.chain import ChainFact, EntryFact
from fraction.base import Address, AgentId, Wei
from fraction.sessions import (
    Cancelled,
    Closed,
    Committed,
    Credit,
    JudgesDrawn,
    Published,
    Refunded,
    Revealed,
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


def facts_of(happenings: Iterable[Happening]) -> tuple[ChainFact, ...]:
    """Return what a Session's logs tell, in order; the opening and re-armed randomness tell nothing."""
    facts: list[ChainFact] = []
    panel = Panel((), frozenset())
    for happening in happenings:
        fact = _fact(happening.event, happening.log.transaction, panel)
        if isinstance(fact, JudgesDrawn):
            panel = Panel(fact.judges, frozenset())
        if isinstance(fact, Revealed):
            panel = Panel(panel.judges, panel.revealed | {fact.judge})
        if fact is not None:
            facts.append(fact)
    return tuple(facts)


def _fact(event: Record, transaction: str, panel: Panel) -> ChainFact | None:
    match event.kind:
        case "Entered":
            return _entry(event, transaction)
        case "Closed":
            return Closed(transaction=transaction)
        case "SeedFixed":
            return SeedFixed(seed=event.digest("seed"), transaction=transaction)
        case "Published":
            return Published(transcript=event.digest("transcript"), transaction=transaction)
        case "JudgesDrawn":
            return JudgesDrawn(judges=event.addresses("judges"), transaction=transaction)
        case _:
            return _judging_fact(event, transaction, panel)


def _judging_fact(event: Record, transaction: str, panel: Panel) -> ChainFact | None:
    match event.kind:
        case "Committed":
            return Committed(
                judge=event.address("judge"),
                commitment="0x" + event.digest("commitment"),
                transaction=transaction,
            )
        case "Revealed":
            return _reveal(event, transaction)
        case "Settled":
            return _settlement(event, transaction, panel)
        case "Cancelled":
            return Cancelled(
                reason=CANCEL_REASONS[event.integer("reason")],
                slashes=slashes_of(event.integers("slashes"), panel),
                transaction=transaction,
            )
        case "Refunded":
            return Refunded(
                ticket=event.integer("ticket"), amount=Wei(event.integer("amount")), transaction=transaction
            )
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


def _settlement(event: Record, transaction: str, panel: Panel) -> Settled:
    fees = zip(panel.judges, event.integers("judgeFees"), strict=True)
    return Settled(
        medians=unpacked(event.raw("medians")),
        payouts=tuple(Wei(amount) for amount in event.integers("payouts")),
        judge_fees=tuple(
            Credit(account=judge, amount=Wei(amount), reason="judge-fee") for judge, amount in fees if amount
        ),
        treasury=Wei(event.integer("treasuryFee")),
        slashes=slashes_of(event.integers("slashes"), panel),
        transaction=transaction,
    )


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
        Slash(
            node=node,
            amount=Wei(amount),
            reason=revealed_as if node in panel.revealed else "no-show",
        )
        for node, amount in zip(panel.judges, amounts, strict=True)
        if amount
    )
