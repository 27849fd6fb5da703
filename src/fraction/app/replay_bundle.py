"""Replay a Session from its bundle: derive everything again and name what does not agree.

log ──fold──▶ Session ──▶ tasks, transcript, scores, medians, payouts
│ compared with the log's own claims, and with the chain
"""

from dataclasses import dataclass
from typing import cast

from fraction.app.chain import ChainFact, EntryFact, Escrow
from fraction.app.judge_session import game_marks
from fraction.app.make_bundle import FORMAT
from fraction.base import Rejected, Score, Wei, parse_json
from fraction.economy import Hearing, PotTerms, Result, settle_session
from fraction.judging import Evaluator, Mark, lower_median
from fraction.sessions import Entered, Event, Session, event_from_json, replay, sheet_scores
from fraction.sessions.play import asks_due, sampling_seed
from fraction.spaces.rounds import is_game


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay found."""

    session: str
    events: int
    standings: tuple[tuple[int, str, Score, Wei], ...]
    """Ticket, name, median and payout of each entrant, as derived here; best first."""
    compared_with_chain: bool
    differences: tuple[str, ...]
    """What does not agree, the first thing first; none if all does."""


def read_bundle(payload: bytes) -> tuple[Event, ...]:
    """Return the log of a bundle.

    Raises:
        Rejected: the file is not a bundle, or is damaged; the text says where.
    """
    try:
        document: object = parse_json(payload)
    except ValueError as error:
        raise Rejected(f"The bundle is not JSON ({error}); fetch it again.") from error
    if not isinstance(document, dict):
        raise Rejected("The bundle is not a JSON object; fetch it again.")
    fields = cast("dict[str, object]", document)
    log = fields.get("log")
    if fields.get("format") != FORMAT or not isinstance(log, list):
        raise Rejected(f"The file is not a Session's bundle of the format {FORMAT}.")
    return tuple(event_from_json(entry) for entry in cast("list[object]", log))


def replay_bundle(payload: bytes, escrow: Escrow | None) -> ReplayReport:
    """Return what a replay of the bundle finds; with `escrow`, compared with the chain as well.

    Raises:
        Rejected: the file is not a bundle, or its log does not fit together.
        Unavailable: the chain does not answer.
    """
    log = read_bundle(payload)
    session = replay(log)
    differences = [
        *_play_differences(session),
        *_sheet_differences(session),
        *_settlement_differences(session),
    ]
    if escrow is not None:
        differences += _chain_differences(log, session, escrow)
    return ReplayReport(
        session=session.opened.session,
        events=len(log),
        standings=_standings(session),
        compared_with_chain=escrow is not None,
        differences=tuple(differences),
    )


def _play_differences(session: Session) -> list[str]:
    if session.transcript_digest is None:
        return []
    found = [
        f"The reply at {reply.place} was not sampled with the seed that follows from the Session's."
        for reply in session.replies
        if reply.seed != sampling_seed(session.seed or "", reply.place)
    ]
    if asks_due(session):
        found.append("A reply is missing, though the transcript was published.")
    derived = session.transcript().digest()
    if derived != session.transcript_digest:
        found.append(f"The transcript's digest is {derived}; {session.transcript_digest} was published.")
    return found


def _sheet_differences(session: Session) -> list[str]:
    found: list[str] = []
    objective = _objective_marks(session)
    revealed = {reveal.judge: reveal for reveal in session.reveals}
    for sheet in session.sheets:
        if sheet.transcript != session.transcript_digest:
            found.append(f"The sheet of {sheet.judge} judges another transcript.")
        given = tuple(revealed[sheet.judge].scores)
        derived = tuple(sheet_scores(session, sheet))
        if given != derived:
            found.append(f"{sheet.judge} revealed the scores {given}; its own sheet gives {derived}.")
        if objective and sheet.marks != objective:
            found.append(f"{sheet.judge} marked a match otherwise than the rules of the game do.")
    return found


def _objective_marks(session: Session) -> tuple[Mark, ...]:
    space = session.opened.space
    if not is_game(space) or any(c.evaluator is not Evaluator.GAME for c in space.criteria):
        return ()
    marks = game_marks(space, session.transcript())
    return tuple(sorted(marks, key=lambda m: (m.ticket, m.round, m.criterion)))


def _settlement_differences(session: Session) -> list[str]:
    settled = session.settled
    if settled is None:
        return []
    result = _derived(session)
    found: list[str] = []
    if session.scored is not None and tuple(session.scored.medians) != _medians(session):
        found.append(f"The contract's medians are {session.scored.medians}; the reveals give {_medians(session)}.")
    if tuple(settled.medians) != result.scores:
        found.append(f"The contract's final scores are {settled.medians}; the reveals give {result.scores}.")
    if tuple(settled.payouts) != result.prizes:
        found.append(f"The contract's payouts are {settled.payouts}; the rules give {result.prizes}.")
    if settled.treasury != result.treasury:
        found.append(f"The treasury got {settled.treasury}; the rules give {result.treasury}.")
    fees = sorted(fee.amount for fee in settled.judge_fees)
    derived = sorted(fee for panel in result.judge_fees for fee in panel if fee)
    if fees != derived:
        found.append(f"The judges got {fees}; the rules give {derived}.")
    return found + _ruling_differences(session, result)


def _ruling_differences(session: Session, result: Result) -> list[str]:
    """Return where the contract decided an appeal otherwise than its panel's reveals do."""
    found: list[str] = []
    derived = [ruling for rulings in result.rulings for ruling in rulings]
    for appeal, ruling in zip(session.appeals, derived, strict=True):
        told = (appeal.ticket, appeal.score, appeal.outcome == "upheld", appeal.bond)
        rules = (ruling.ticket, ruling.score, ruling.upheld, ruling.bond)
        if told != rules:
            found.append(f"The contract decided the appeal {told}; the panel's reveals give {rules}.")
    return found


def _medians(session: Session) -> tuple[Score, ...]:
    return tuple(
        lower_median([Score(reveal.scores[ticket]) for reveal in session.reveals])
        for ticket in range(len(session.entrants))
    )


def _standings(session: Session) -> tuple[tuple[int, str, Score, Wei], ...]:
    if session.settled is None:
        return ()
    result = _derived(session)
    rows = [
        (entrant.ticket, entrant.snapshot.name, result.scores[entrant.ticket], result.prizes[entrant.ticket])
        for entrant in session.entrants
    ]
    return tuple(sorted(rows, key=lambda row: (-row[2], row[0])))


def _chain_differences(log: tuple[Event, ...], session: Session, escrow: Escrow) -> list[str]:
    number = session.opened.number
    found: list[str] = []
    if escrow.chain_id != session.opened.chain_id or escrow.address != session.opened.escrow:
        return [
            f"The bundle is of escrow {session.opened.escrow} on chain {session.opened.chain_id}; "
            f"this is {escrow.address} on {escrow.chain_id}."
        ]
    state = escrow.state(number)
    if state.space != session.opened.space.digest():
        found.append(f"The chain has the Space {state.space}; the bundle another.")
    ours = [event for event in log if getattr(event, "transaction", None)][1:]
    for mine, theirs in zip(ours, escrow.facts(number), strict=False):
        if not _same(mine, theirs):
            found.append(f"The chain says {theirs}; the bundle {mine}.")
    if len(ours) != len(escrow.facts(number)):
        found.append(f"The chain decided {len(escrow.facts(number))} things; the bundle holds {len(ours)}.")
    return found


def _same(event: Event, fact: ChainFact) -> bool:
    if isinstance(event, Entered) and isinstance(fact, EntryFact):
        return (
            event.ticket,
            event.snapshot.agent,
            event.snapshot.digest(),
            event.snapshot.owner,
            event.payee,
            event.transaction,
        ) == (fact.ticket, fact.agent, fact.snapshot, fact.owner, fact.payee, fact.transaction)
    return event == fact


def _derived(session: Session) -> Result:
    """Return who gets what, by the published rules, from the reveals."""
    space = session.opened.space
    tier = space.tier(session.opened.tier)
    terms = PotTerms(
        fee=tier.fee if tier else 0,
        payout_bps=tuple(space.payout_bps),
        tolerance=space.panel.tolerance,
        fee_bps=session.opened.fee_bps,
    )
    by_judge = {reveal.judge: reveal.scores for reveal in session.reveals}
    rows = [by_judge.get(judge) for judge in session.judges]
    return settle_session(terms, rows, _hearings(session))


def _hearings(session: Session) -> list[Hearing]:
    given = {reveal.judge: reveal.scores for reveal in session.appeal_reveals}
    found: list[Hearing] = []
    for round, panel in enumerate(session.appeal_panels, 1):
        contested = session.contested(round)
        rows = [given.get(judge) for judge in panel]
        lapsed = any(appeal.outcome == "lapsed" for appeal in contested)
        found.append(Hearing(tickets=tuple(a.ticket for a in contested), rows=() if lapsed else rows))
    return found
