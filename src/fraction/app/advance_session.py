"""Move one Session on by one step: load, decide, keep, act.

    chain facts ──▶ log ──fold──▶ Session ──▶ the one thing to do now ──▶ chain | model server | log

Every action is harmless when repeated: the chain refuses a second closing, a signed transaction is kept
before it is sent, and a reply that is in the log is not asked again.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from fraction.agents import Snapshot
from fraction.app.chain import ChainFact, EntryFact, EscrowPhase, EscrowState, Role
from fraction.app.emissions import record_session
from fraction.app.generation import ChatReply, ChatRequest
from fraction.app.platform import Platform
from fraction.app.ports import Progress
from fraction.app.snapshots import find_snapshot
from fraction.base import Digest, NotFound, Rejected, SessionId, Unavailable, canonical_json
from fraction.sessions import (
    Entered,
    Event,
    IllegalEvent,
    Phase,
    Replied,
    Session,
    Settled,
    SheetRead,
    advance,
    replay,
    sheet_from_bytes,
)
from fraction.sessions.play import Ask, asks_due
from fraction.transcripts import Reply

POLL = Progress(done=False, wait_seconds=0.3)
AGAIN = Progress(done=False, wait_seconds=0)
DONE = Progress(done=True, wait_seconds=0)

PARALLEL_ASKS = 64
CREDITED_AT_ONCE = 128
"""Winners that the contract credits by itself (`SessionPayments.MAX_CREDITED`); more are to be claimed."""
SHEET_PATIENCE_SECONDS = 120
"""How long after the end of a Session a judge's sheet is still looked for."""


def advance_session(platform: Platform, name: str) -> Progress:
    """Do the next thing that Session `name` needs; say whether it is over or when to look again.

    Raises:
        Unavailable: the chain or the model server does not answer; try again later.
    """
    id = SessionId(name)
    session = _learn(platform, id)
    if _finished(platform, session):
        record_session(platform.own.emissions, session.opened.number)
        return DONE
    state = platform.own.escrow.state(session.opened.number)
    action = _ACTIONS.get(state.phase)
    return action(platform, session, state) if action else _read_sheets(platform, session)


def _learn(platform: Platform, id: SessionId) -> Session:
    """Append what the chain has decided since the last look; return the Session."""
    log = platform.logs.read(id)
    session = replay(log)
    facts = platform.own.escrow.facts(session.opened.number)
    known = {key for key in map(_fact_key, log) if key is not None}
    news: list[Event] = []
    for fact in facts:
        event = _event_of(platform, fact)
        if _fact_key(event) in known:
            continue
        try:
            session = advance(session, event)
        except IllegalEvent:
            break  # a later look, after the log has caught up with what it waits for
        news.append(event)
    if news:
        platform.logs.append(id, len(log), news)
    return session


def _fact_key(event: Event) -> tuple[str, ...] | None:
    """Return what makes a chain fact itself; None for events that the chain does not know."""
    transaction = getattr(event, "transaction", None)
    if transaction is None:
        return None
    who = getattr(event, "judge", getattr(event, "ticket", ""))
    return (event.kind, str(who), getattr(event, "commitment", ""), str(transaction))


def _event_of(platform: Platform, fact: ChainFact) -> Event:
    if not isinstance(fact, EntryFact):
        return fact
    snapshot = find_snapshot(platform.records, fact.snapshot) or _unknown_snapshot(platform, fact)
    return Entered(ticket=fact.ticket, snapshot=snapshot, payee=fact.payee, transaction=fact.transaction)


def _unknown_snapshot(platform: Platform, fact: EntryFact) -> Snapshot:
    """Return a stand-in for an entrant that paid without telling the platform what it is.

    Its place is kept, as it paid for one; it plays as the bare base without instructions.
    """
    return Snapshot(fact.agent, fact.owner, fact.agent[:12], platform.base_model, 0, "", None)


def _finished(platform: Platform, session: Session) -> bool:
    if not session.over:
        return False
    missing = {r.judge for r in session.reveals} - {s.judge for s in session.sheets}
    return not missing or _age(platform, session) > SHEET_PATIENCE_SECONDS


def _age(platform: Platform, session: Session) -> int:
    timing = session.opened.space.timing
    longest = timing.entry_seconds + timing.play_seconds + timing.commit_seconds + timing.reveal_seconds
    return platform.clock.now() - session.opened.at - longest


def _wait(platform: Platform, session: Session, state: EscrowState) -> Progress:
    return POLL


def _close(platform: Platform, session: Session, state: EscrowState) -> Progress:
    return _send(lambda: platform.own.escrow.close(session.opened.number))


def _fix_seed(platform: Platform, session: Session, state: EscrowState) -> Progress:
    return _send(lambda: platform.own.escrow.fix_seed(session.opened.number))


def _draw(platform: Platform, session: Session, state: EscrowState) -> Progress:
    return _send(lambda: platform.own.escrow.draw(session.opened.number))


def _settle(platform: Platform, session: Session, state: EscrowState) -> Progress:
    return _send(lambda: platform.own.escrow.settle(session.opened.number))


def _redraw(platform: Platform, session: Session, state: EscrowState) -> Progress:
    return _send(lambda: platform.own.escrow.redraw(session.opened.number))


def _convene(platform: Platform, session: Session, state: EscrowState) -> Progress:
    return _send(lambda: platform.own.escrow.convene(session.opened.number))


def _finalize(platform: Platform, session: Session, state: EscrowState) -> Progress:
    """Have everybody paid, also where so many win that the contract leaves it to be claimed."""
    escrow, number = platform.own.escrow, session.opened.number
    progress = _send(lambda: escrow.finalize(number))
    settled = next((fact for fact in escrow.facts(number, confirmed=False) if isinstance(fact, Settled)), None)
    winners = [ticket for ticket, payout in enumerate(settled.payouts) if payout] if settled else []
    if len(winners) > CREDITED_AT_ONCE:
        for first in range(0, len(winners), CREDITED_AT_ONCE):
            _send(lambda first=first: escrow.claim(number, winners[first : first + CREDITED_AT_ONCE]))
    return progress


def _cancel(platform: Platform, session: Session, state: EscrowState) -> Progress:
    return _send(lambda: platform.own.escrow.cancel(session.opened.number))


def _send(transaction: Callable[[], None]) -> Progress:
    """Send; a refusal means that somebody else was first, which the next look will show."""
    try:
        transaction()
    except Rejected:
        return POLL
    return AGAIN


def _play(platform: Platform, session: Session, state: EscrowState) -> Progress:
    """Ask what can be asked; when all is said, publish the transcript's digest."""
    if session.phase is not Phase.PLAYING or len(session.entrants) != state.entrants:
        return POLL  # the seed or an entry is not final yet: nothing may be played on it
    asks = asks_due(session)
    if asks:
        replies = _ask_all(platform, session, asks)
        length = len(platform.logs.read(session.opened.session))
        platform.logs.append(session.opened.session, length, [Replied(replies=replies)])
        return AGAIN
    blob = session.transcript().to_bytes()
    platform.blobs.keep(canonical_json(session.opened.space.to_json()))
    digest = platform.blobs.keep(blob)
    return _send(lambda: platform.own.escrow.publish(session.opened.number, digest))


def _ask_all(platform: Platform, session: Session, asks: Sequence[Ask]) -> tuple[Reply, ...]:
    limits = session.opened.space.limits

    def ask(one: Ask) -> Reply:
        request = ChatRequest(
            model=one.model,
            messages=one.messages,
            max_tokens=limits.max_tokens,
            temperature_percent=limits.temperature_percent,
            top_p_percent=limits.top_p_percent,
            seed=one.seed,
        )
        try:
            return _reply(one, platform.models.complete(request))
        except Rejected as refusal:  # the entrant's own fault: an unknown adapter, too long a prompt
            return _reply(one, ChatReply(f"({refusal})", "failed", 0, 0))

    with ThreadPoolExecutor(max_workers=min(PARALLEL_ASKS, len(asks))) as pool:
        return tuple(pool.map(ask, asks))


def _reply(ask: Ask, answer: ChatReply) -> Reply:
    _, _, adapter = ask.model.partition(":")
    return Reply(
        place=ask.place,
        text="" if answer.finish == "failed" else answer.text,
        model=ask.model,
        adapter=Digest(adapter) if adapter else None,
        seed=ask.seed,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        finish=answer.finish,
    )


def _refund(platform: Platform, session: Session, state: EscrowState) -> Progress:
    due = [t for t in range(state.entrants) if t not in state.refunded]
    for ticket in due:
        _send(lambda ticket=ticket: platform.own.escrow.refund(session.opened.number, ticket))
    return POLL


def _read_sheets(platform: Platform, session: Session, state: EscrowState | None = None) -> Progress:
    """Fetch the sheets of judges that have revealed, from the judges themselves."""
    missing = [r for r in session.reveals if r.judge not in {sheet.judge for sheet in session.sheets}]
    for reveal in missing:
        endpoint = platform.vault.endpoint_of(Role.JUDGE, reveal.judge)
        try:
            blob = platform.blobs_at(endpoint).fetch(reveal.verdict)
            event = SheetRead(sheet=sheet_from_bytes(blob))
            session = advance(session, event)
        except (NotFound, Unavailable, Rejected):
            continue  # the scores on chain count without it; the next look tries again
        platform.blobs.keep(blob)
        length = len(platform.logs.read(session.opened.session))
        platform.logs.append(session.opened.session, length, [event])
    return POLL


_ACTIONS: dict[EscrowPhase, Callable[[Platform, Session, EscrowState], Progress]] = {
    EscrowPhase.OPEN: _wait,
    EscrowPhase.CLOSABLE: _close,
    EscrowPhase.SEEDING: _fix_seed,
    EscrowPhase.PLAYING: _play,
    EscrowPhase.DRAWING: _draw,
    EscrowPhase.COMMITTING: _read_sheets,
    EscrowPhase.REVEALING: _read_sheets,
    EscrowPhase.REDRAWABLE: _redraw,
    EscrowPhase.SETTLEABLE: _settle,
    EscrowPhase.APPEALABLE: _read_sheets,
    EscrowPhase.CONTESTED: _convene,
    EscrowPhase.FINALIZABLE: _finalize,
    EscrowPhase.CANCELLABLE: _cancel,
    EscrowPhase.SETTLED: _read_sheets,
    EscrowPhase.CANCELLED: _refund,
}
