"""A Session in the words of the wire; a pure function of the Session."""

from collections.abc import Iterable

from fraction.judging import Mark, Sheet
from fraction.sessions import Phase, Session, Slash, bonds_of
from fraction.sessions.judged import standings
from fraction.spaces import Space, Tier
from fraction.spaces.rounds import tasks_of
from fraction.transcripts import Reply
from fraction_sdk.wire import (
    CancelledView,
    ContestView,
    CreditView,
    CriterionView,
    EntrantView,
    EntryView,
    JudgeMarksView,
    JudgeView,
    MarkView,
    RefundView,
    ReplyView,
    RoundView,
    SessionSummary,
    SessionView,
    SettlementView,
    SheetView,
    SlashView,
    SpaceView,
    StandingView,
    TierView,
    TransactionView,
)


def space_view(space: Space) -> SpaceView:
    """Return the rules of a Space as they are sent."""
    return SpaceView(
        id=space.id,
        version=space.version,
        title=space.title,
        goal=space.goal,
        instructions=space.instructions,
        source=space.source,
        digest=space.digest(),
        rounds=space.rounds,
        min_entrants=space.min_entrants,
        max_entrants=space.max_entrants,
        criteria=[
            CriterionView(name=c.name, weight=c.weight, evaluator=c.evaluator.value, question=c.question)
            for c in space.criteria
        ],
        tiers=[tier_view(tier) for tier in space.tiers],
        payout_bps=list(space.payout_bps),
        judges=space.panel.judges,
        quorum=space.panel.quorum,
        tolerance=space.panel.tolerance,
        max_characters=space.limits.max_characters,
        entry_seconds=space.timing.entry_seconds,
    )


def tier_view(tier: Tier) -> TierView:
    """Return a price of entry as it is sent."""
    return TierView(name=tier.name, asset=tier.asset.value, decimals=tier.asset.decimals, fee=str(tier.fee))


def tier_of(session: Session) -> Tier:
    """Return the tier that a Session is played for."""
    space = session.opened.space
    return next(tier for tier in space.tiers if tier.name == session.opened.tier)


def session_summary(session: Session, log_length: int, complete: bool) -> SessionSummary:
    """Return the Session as a list shows it."""
    return SessionSummary(
        id=session.opened.session,
        number=session.opened.number,
        space_id=session.opened.space.id,
        space_title=session.opened.space.title,
        tier=tier_view(tier_of(session)),
        phase=session.phase.value,
        over=session.over,
        complete=complete,
        opened_at=session.opened.at,
        log_length=log_length,
        standings=_standings(session),
        pot=str(tier_of(session).fee * len(session.entrants)),
    )


def session_view(session: Session, log_length: int, complete: bool, deadline: int | None = None) -> SessionView:
    """Return everything public about the Session; `deadline` is when its present phase ends by itself."""
    summary = session_summary(session, log_length, complete)
    return SessionView(
        **dict(summary),
        space=space_view(session.opened.space),
        entrants=_entrants(session),
        seed=session.seed,
        transcript_digest=session.transcript_digest,
        judges=_judges(session),
        rounds=_rounds(session),
        settlement=_settlement(session),
        cancelled=_cancelled(session),
        appeals=tuple(_appeals(session)),
        opener_bond=str(session.opened.bond),
        bonds_held=str(bonds_of(session).held),
        refunds=[RefundView(ticket=r.ticket, amount=str(r.amount), transaction=r.transaction) for r in session.refunds],
        transactions=list(_transactions(session)),
        deadline=deadline,
    )


def mark_view(mark: Mark) -> MarkView:
    """Return one mark as it is sent."""
    return MarkView(
        ticket=mark.ticket,
        round=mark.round,
        criterion=mark.criterion,
        score=mark.score,
        reason=mark.reason,
    )


def _standings(session: Session) -> list[StandingView]:
    settled = session.settled
    return [
        StandingView(
            ticket=line.ticket,
            agent=session.entrants[line.ticket].snapshot.agent,
            name=session.entrants[line.ticket].snapshot.name,
            median=line.score,
            provisional=session.phase is not Phase.SETTLED,
            place=None if line.score is None else line.place,
            payout=None if settled is None else str(settled.payouts[line.ticket]),
        )
        for line in standings(session)
    ]


def _entrants(session: Session) -> list[EntrantView]:
    return [
        EntrantView(
            ticket=e.ticket,
            agent=e.snapshot.agent,
            name=e.snapshot.name,
            owner=e.snapshot.owner,
            payee=e.payee,
            snapshot_digest=e.snapshot.digest(),
            prompt_version=e.snapshot.prompt_version,
            adapter=e.snapshot.adapter,
            transaction=e.transaction,
        )
        for e in session.entrants
    ]


def _judges(session: Session) -> list[JudgeView]:
    reveals = {r.judge: r for r in session.reveals}
    sheets = {s.judge: s for s in session.sheets}
    return [
        JudgeView(
            address=judge,
            committed=judge in session.committed,
            revealed=judge in reveals,
            scores=list(reveals[judge].scores) if judge in reveals else [],
            verdict=reveals[judge].verdict if judge in reveals else None,
            sheet=_sheet(sheets[judge]) if judge in sheets else None,
        )
        for judge in session.judges
    ]


def _sheet(sheet: Sheet) -> SheetView:
    marks = [mark_view(mark) for mark in sheet.marks]
    return SheetView(model=sheet.model, wording=sheet.wording, marks=marks)


def _rounds(session: Session) -> list[RoundView]:
    if session.seed is None:
        return []
    prompts = [task.prompt for task in tasks_of(session.opened.space, session.seed)]
    played = {reply.place.round for reply in session.replies}
    return [
        RoundView(round=number, prompt=prompt, entries=_entries(session, number))
        for number, prompt in enumerate(prompts)
        if number in played  # what is still to come is not told
    ]


def _entries(session: Session, number: int) -> list[EntryView]:
    by_ticket: dict[int, list[Reply]] = {}
    for reply in sorted(session.replies, key=lambda r: r.place):
        if reply.place.round == number:
            by_ticket.setdefault(reply.place.ticket, []).append(reply)
    return [
        EntryView(
            ticket=ticket,
            replies=[_reply(reply) for reply in replies],
            scores=[_judge_marks(session, sheet, ticket, number) for sheet in session.sheets],
        )
        for ticket, replies in sorted(by_ticket.items())
    ]


def _reply(reply: Reply) -> ReplyView:
    return ReplyView(
        duel=reply.place.duel,
        turn=reply.place.turn,
        text=reply.text,
        model=reply.model,
        finish=reply.finish,
    )


def _judge_marks(session: Session, sheet: Sheet, ticket: int, number: int) -> JudgeMarksView:
    return JudgeMarksView(
        judge=sheet.judge,
        score=sheet.round_score(session.opened.space.criteria, ticket, number),
        marks=[mark_view(m) for m in sheet.marks if (m.ticket, m.round) == (ticket, number)],
    )


def slash_views(slashes: Iterable[Slash]) -> list[SlashView]:
    """Return lost stakes as they are sent."""
    return [SlashView(node=s.node, amount=str(s.amount), reason=s.reason) for s in slashes]


def _settlement(session: Session) -> SettlementView | None:
    settled = session.settled
    if settled is None:
        return None
    fees = [CreditView(account=c.account, amount=str(c.amount), reason=c.reason) for c in settled.judge_fees]
    return SettlementView(
        medians=list(settled.medians),
        payouts=[str(payout) for payout in settled.payouts],
        judge_fees=fees,
        treasury=str(settled.treasury),
        slashes=slash_views(settled.slashes),
        transaction=settled.transaction,
    )


def _appeals(session: Session) -> list[ContestView]:
    scores = list(session.scored.medians) if session.scored is not None else []
    views: list[ContestView] = []
    for appeal in session.appeals:
        panel = session.appeal_panels[appeal.round - 1] if appeal.round <= len(session.appeal_panels) else ()
        view = ContestView(
            ticket=appeal.ticket,
            name=session.entrants[appeal.ticket].snapshot.name,
            appellant=appeal.appellant,
            round=appeal.round,
            bond=str(appeal.bond),
            contested=scores[appeal.ticket],
            outcome=appeal.outcome,
            score=appeal.score,
            judges=sum(reveal.judge in panel for reveal in session.appeal_reveals),
        )
        if appeal.outcome == "upheld" and appeal.score is not None:
            scores[appeal.ticket] = appeal.score
        views.append(view)
    return views


def _cancelled(session: Session) -> CancelledView | None:
    cancelled = session.cancelled
    if cancelled is None:
        return None
    return CancelledView(
        reason=cancelled.reason,
        bond_lost=bonds_of(session).forfeited > 0,
        slashes=slash_views(cancelled.slashes),
        transaction=cancelled.transaction,
    )


def _transactions(session: Session) -> Iterable[TransactionView]:
    yield TransactionView(what="opened", hash=session.opened.transaction)
    for entrant in session.entrants:
        yield TransactionView(what=f"{entrant.snapshot.name} entered", hash=entrant.transaction)
    for reveal in session.reveals:
        yield TransactionView(what=f"{reveal.judge} revealed", hash=reveal.transaction)
    if session.settled is not None:
        yield TransactionView(what="settled", hash=session.settled.transaction)
    if session.cancelled is not None:
        yield TransactionView(what="cancelled", hash=session.cancelled.transaction)
    for refund in session.refunds:
        name = session.entrants[refund.ticket].snapshot.name
        yield TransactionView(what=f"{name} refunded", hash=refund.transaction)
