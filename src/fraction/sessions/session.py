"""A Session is the fold of its log.

    OPEN ─Closed▶ CLOSED ─SeedFixed▶ PLAYING ─Published▶ PUBLISHED ─JudgesDrawn▶ JUDGING ─Settled▶ SETTLED
      └──────────────┴──────────────────┴────────Cancelled▶ CANCELLED ◀──┴───────────────────┘

Nothing here reads a clock, rolls a die or touches a network: the same log gives the same Session on every
node. Whatever is random or slow happened before, and is in the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import reduce

from fraction.base import Address, Conflict, Digest, Score
from fraction.judging import Sheet, entry_scores
from fraction.sessions.events import (
    Cancelled,
    Closed,
    Committed,
    Entered,
    Event,
    JudgesDrawn,
    Opened,
    Published,
    Refunded,
    Replied,
    Revealed,
    SeedFixed,
    Settled,
    SheetRead,
)
from fraction.transcripts import Place, Reply, Transcript


class Phase(Enum):
    """Where a Session stands."""

    OPEN = "open"
    CLOSED = "closed"
    PLAYING = "playing"
    PUBLISHED = "published"
    JUDGING = "judging"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class IllegalEvent(Conflict):
    """The Session's phase, or what is known already, does not allow this event."""


@dataclass(frozen=True, slots=True)
class Session:
    """What the log says so far."""

    opened: Opened
    phase: Phase = Phase.OPEN
    entrants: tuple[Entered, ...] = ()
    seed: str | None = None
    replies: tuple[Reply, ...] = ()
    transcript_digest: Digest | None = None
    judges: tuple[Address, ...] = ()
    committed: tuple[Address, ...] = ()
    reveals: tuple[Revealed, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    settled: Settled | None = None
    cancelled: Cancelled | None = None
    refunds: tuple[Refunded, ...] = ()

    @property
    def over(self) -> bool:
        """Whether money has found its owner: settled, or cancelled with every fee credited back."""
        if self.phase is Phase.CANCELLED:
            return len(self.refunds) == len(self.entrants)
        return self.phase is Phase.SETTLED

    def reply_at(self, place: Place) -> Reply | None:
        """Return the reply at `place`, if it was given."""
        return next((r for r in self.replies if r.place == place), None)

    def transcript(self) -> Transcript:
        """Return what the judges are to judge, as far as it was played.

        Raises:
            IllegalEvent: the seed is not fixed yet.
        """
        if self.seed is None:
            raise IllegalEvent(f"Session {self.opened.session} has no seed yet, so no transcript.")
        return Transcript(
            session=self.opened.session,
            space=self.opened.space.digest(),
            seed=self.seed,
            entrants=len(self.entrants),
            replies=tuple(sorted(self.replies, key=lambda r: r.place)),
        )


def begin(opened: Opened) -> Session:
    """Return a Session of which only the beginning is known."""
    return Session(opened)


def replay(events: Iterable[Event]) -> Session:
    """Return the Session that a log tells.

    Raises:
        IllegalEvent: the log does not begin with `Opened`, or an event does not fit its phase.
    """
    rest = iter(events)
    first = next(rest, None)
    if not isinstance(first, Opened):
        raise IllegalEvent("A Session's log begins with its opening; this one does not.")
    return reduce(advance, rest, begin(first))


def advance(session: Session, event: Event) -> Session:
    """Return the Session after `event`.

    Raises:
        IllegalEvent: the phase, or what is known already, does not allow it.
    """
    _check_phase(session, event)
    match event:
        case Entered():
            return _entered(session, event)
        case Closed():
            return replace(session, phase=Phase.CLOSED)
        case SeedFixed(seed=seed):
            return replace(session, phase=Phase.PLAYING, seed=seed)
        case Replied():
            return _replied(session, event)
        case Published():
            return _published(session, event)
        case JudgesDrawn(judges=judges):
            return replace(session, phase=Phase.JUDGING, judges=judges)
        case _:
            return _advance_judging(session, event)


def _advance_judging(session: Session, event: Event) -> Session:
    match event:
        case Committed(judge=judge):
            return replace(session, committed=(*session.committed, judge))
        case Revealed():
            return _revealed(session, event)
        case SheetRead():
            return _sheet_read(session, event)
        case Settled():
            return replace(session, phase=Phase.SETTLED, settled=event)
        case Cancelled():
            return replace(session, phase=Phase.CANCELLED, cancelled=event)
        case Refunded():
            return replace(session, refunds=(*session.refunds, event))
        case _:
            raise IllegalEvent("A Session opens once.")


_ALLOWED: dict[type[Event], tuple[Phase, ...]] = {
    Entered: (Phase.OPEN,),
    Closed: (Phase.OPEN,),
    SeedFixed: (Phase.CLOSED,),
    Replied: (Phase.PLAYING,),
    Published: (Phase.PLAYING,),
    JudgesDrawn: (Phase.PUBLISHED,),
    Committed: (Phase.JUDGING,),
    Revealed: (Phase.JUDGING,),
    SheetRead: (Phase.JUDGING, Phase.SETTLED, Phase.CANCELLED),
    Settled: (Phase.JUDGING,),
    Cancelled: (Phase.OPEN, Phase.CLOSED, Phase.PLAYING, Phase.PUBLISHED, Phase.JUDGING),
    Refunded: (Phase.CANCELLED,),
}


def _check_phase(session: Session, event: Event) -> None:
    if session.phase not in _ALLOWED.get(type(event), ()):
        raise IllegalEvent(
            f"Session {session.opened.session} is {session.phase.value}; it cannot take the event {event.kind!r}."
        )


def _entered(session: Session, event: Entered) -> Session:
    if event.ticket != len(session.entrants):
        raise IllegalEvent(f"Ticket {event.ticket} came after {len(session.entrants)} entrants.")
    return replace(session, entrants=(*session.entrants, event))


def _replied(session: Session, event: Replied) -> Session:
    known = {reply.place for reply in session.replies}
    for reply in event.replies:
        if reply.place in known:
            raise IllegalEvent(f"There is a reply at {reply.place} already.")
        known.add(reply.place)
    return replace(session, replies=(*session.replies, *event.replies))


def _published(session: Session, event: Published) -> Session:
    return replace(session, phase=Phase.PUBLISHED, transcript_digest=event.transcript)


def _revealed(session: Session, event: Revealed) -> Session:
    if event.judge not in session.judges or len(event.scores) != len(session.entrants):
        raise IllegalEvent(f"{event.judge} was not drawn, or did not score every entrant.")
    return replace(session, reveals=(*session.reveals, event))


def _sheet_read(session: Session, event: SheetRead) -> Session:
    known = {sheet.judge for sheet in session.sheets}
    wanted = {r.judge: r.verdict for r in session.reveals}
    judge = event.sheet.judge
    if judge in known or wanted.get(judge) != event.sheet.digest():
        raise IllegalEvent(f"The sheet of {judge} is known already, or is not the one it revealed.")
    return replace(session, sheets=(*session.sheets, event.sheet))


def sheet_scores(session: Session, sheet: Sheet) -> tuple[Score, ...]:
    """Return the scores by ticket that follow from a judge's sheet."""
    space = session.opened.space
    return entry_scores(sheet, space.criteria, len(session.entrants), space.rounds)
