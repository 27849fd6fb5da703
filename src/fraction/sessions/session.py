"""A Session is the fold of its log.

    OPEN ─Closed▶ CLOSED ─SeedFixed▶ PLAYING ─Published▶ PUBLISHED ─JudgesDrawn▶ JUDGING ─Settled▶ SETTLED
      └──────────────┴──────────────────┴────────Cancelled▶ CANCELLED ◀──┴───────────────────┘

JUDGING lasts until everybody is paid: judges who stay away are replaced in it, and scores contested.

Nothing here reads a clock, rolls a die or touches a network: the same log gives the same Session on every
node. Whatever is random or slow happened before, and is in the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import reduce
from typing import Literal, TypeAlias

from fraction.base import Address, Conflict, Digest, Score, Wei
from fraction.judging import Sheet, entry_scores
from fraction.sessions.events import (
    Appealed,
    AppealsDecided,
    AppealsLapsed,
    Cancelled,
    Closed,
    Committed,
    Convened,
    Entered,
    Event,
    JudgesDrawn,
    Opened,
    Published,
    Redrawn,
    Refunded,
    Replied,
    Revealed,
    Scored,
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


Outcome: TypeAlias = Literal["pending", "upheld", "denied", "lapsed"]
"""What became of an appeal: an upheld one's score replaces the contested one."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """One contested score."""

    ticket: int
    appellant: Address
    round: int
    """Of the panel that decides, from 1."""
    bond: Wei
    outcome: Outcome = "pending"
    score: Score | None = None
    """What that panel found."""


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
    """All that were drawn for the first panel, those included who were replaced."""
    committed: tuple[Address, ...] = ()
    reveals: tuple[Revealed, ...] = ()
    """The first panel's."""
    sheets: tuple[Sheet, ...] = ()
    """The first panel's."""
    scored: Scored | None = None
    appeals: tuple[Appeal, ...] = ()
    """In the order in which they were made."""
    appeal_panels: tuple[tuple[Address, ...], ...] = ()
    """By round, from 1: all that were drawn for it."""
    appeal_reveals: tuple[Revealed, ...] = ()
    settled: Settled | None = None
    cancelled: Cancelled | None = None
    refunds: tuple[Refunded, ...] = ()

    @property
    def over(self) -> bool:
        """Whether money has found its owner: settled, or cancelled with every fee credited back."""
        if self.phase is Phase.CANCELLED:
            return len(self.refunds) == len(self.entrants)
        return self.phase is Phase.SETTLED

    @property
    def scores(self) -> tuple[Score, ...]:
        """Return the scores by ticket after the appeals so far; none before the first panel's are known."""
        if self.scored is None:
            return ()
        found = [Score(median) for median in self.scored.medians]
        for appeal in self.appeals:
            if appeal.outcome == "upheld" and appeal.score is not None:
                found[appeal.ticket] = appeal.score
        return tuple(found)

    def contested(self, round: int) -> tuple[Appeal, ...]:
        """Return the appeals that the panel of `round` decides, in its order."""
        return tuple(appeal for appeal in self.appeals if appeal.round == round)

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
        case JudgesDrawn():
            return _judges_drawn(session, event)
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
            return _advance_appeals(session, event)


def _advance_appeals(session: Session, event: Event) -> Session:
    match event:
        case Redrawn():
            return session  # who is missing loses stake when the Session ends; the next draw says who comes
        case Scored():
            return replace(session, scored=event)
        case Appealed():
            return _appealed(session, event)
        case Convened():
            return replace(session, appeal_panels=(*session.appeal_panels, ()))
        case AppealsDecided(round=round):
            _check_length(session, len(event.scores), len(session.contested(round)))
            outcomes: list[Outcome] = ["upheld" if upheld else "denied" for upheld in event.is_upheld]
            return _ruled(session, round, tuple(zip(outcomes, map(Score, event.scores), strict=True)))
        case AppealsLapsed(round=round):
            lapsed: tuple[Outcome, Score | None] = ("lapsed", None)
            return _ruled(session, round, (lapsed,) * len(session.contested(round)))
        case _:
            raise IllegalEvent("A Session opens once.")


_ALLOWED: dict[type[Event], tuple[Phase, ...]] = {
    Entered: (Phase.OPEN,),
    Closed: (Phase.OPEN,),
    SeedFixed: (Phase.CLOSED,),
    Replied: (Phase.PLAYING,),
    Published: (Phase.PLAYING,),
    JudgesDrawn: (Phase.PUBLISHED, Phase.JUDGING),
    Redrawn: (Phase.JUDGING,),
    Committed: (Phase.JUDGING,),
    Revealed: (Phase.JUDGING,),
    SheetRead: (Phase.JUDGING, Phase.SETTLED, Phase.CANCELLED),
    Scored: (Phase.JUDGING,),
    Appealed: (Phase.JUDGING,),
    Convened: (Phase.JUDGING,),
    AppealsDecided: (Phase.JUDGING,),
    AppealsLapsed: (Phase.JUDGING,),
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


def _judges_drawn(session: Session, event: JudgesDrawn) -> Session:
    if event.round == 0:
        return replace(session, phase=Phase.JUDGING, judges=_joined(session.judges, event.judges))
    if event.round != len(session.appeal_panels):
        raise IllegalEvent(f"Judges were drawn for round {event.round}, which was not convened.")
    *before, panel = session.appeal_panels
    return replace(session, appeal_panels=(*before, _joined(panel, event.judges)))


def _joined(known: tuple[Address, ...], drawn: tuple[Address, ...]) -> tuple[Address, ...]:
    return tuple(dict.fromkeys((*known, *drawn)))


def _appealed(session: Session, event: Appealed) -> Session:
    if session.scored is None or event.ticket >= len(session.entrants):
        raise IllegalEvent(f"Ticket {event.ticket} has no score that could be contested.")
    appeal = Appeal(event.ticket, event.appellant, event.round, event.bond)
    return replace(session, appeals=(*session.appeals, appeal))


def _ruled(session: Session, round: int, outcomes: tuple[tuple[Outcome, Score | None], ...]) -> Session:
    """Return the Session with what became of a round's appeals."""
    _check_length(session, len(outcomes), len(session.contested(round)))
    found = iter(outcomes)
    appeals: list[Appeal] = []
    for appeal in session.appeals:
        if appeal.round == round:
            outcome, score = next(found)
            appeal = replace(appeal, outcome=outcome, score=score)
        appeals.append(appeal)
    return replace(session, appeals=tuple(appeals))


def _check_length(session: Session, given: int, wanted: int) -> None:
    if given != wanted:
        raise IllegalEvent(f"Session {session.opened.session} has {wanted} contested scores; {given} were decided.")


def _revealed(session: Session, event: Revealed) -> Session:
    if event.judge in session.judges and len(event.scores) == len(session.entrants):
        return replace(session, reveals=(*session.reveals, event))
    round = len(session.appeal_panels)
    if round and event.judge in session.appeal_panels[-1] and len(event.scores) == len(session.contested(round)):
        return replace(session, appeal_reveals=(*session.appeal_reveals, event))
    raise IllegalEvent(f"{event.judge} was not drawn, or did not score every entry it was drawn for.")


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
