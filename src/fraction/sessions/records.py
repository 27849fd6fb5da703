"""What finished Sessions tell about each judge: draws answered, and scores beside those of the rest of the panel."""

from collections.abc import Iterable, Sequence

from fraction.base import Address, Score
from fraction.judging import lower_median
from fraction.judging.record import Record, Verdict
from fraction.sessions.events import Revealed
from fraction.sessions.session import Session


def records_of(sessions: Iterable[Session]) -> dict[Address, Record]:
    """Return the record of every judge that was drawn; gold and repeats are added by who planted them."""
    found: dict[Address, Record] = {}
    for session in sessions:
        if session.settled is None and session.cancelled is None:
            continue
        revealed = {reveal.judge: reveal for reveal in session.reveals}
        for judge in session.judges:
            reveal = revealed.get(judge)
            verdicts = _verdicts(session, reveal) if reveal is not None else ()
            record = Record(verdicts=verdicts, answered=int(reveal is not None), drawn=1)
            found[judge] = found.get(judge, Record()) + record
    return found


def _verdicts(session: Session, mine: Revealed) -> tuple[Verdict, ...]:
    """Return the judge's scores beside the lower median of the others; none if there were no others."""
    others = [reveal for reveal in session.reveals if reveal.judge != mine.judge]
    if not others:
        return ()
    model = next((sheet.model for sheet in session.sheets if sheet.judge == mine.judge), "")
    return tuple(
        Verdict(
            score=Score(mine.scores[entrant.ticket]),
            reference=lower_median([Score(other.scores[entrant.ticket]) for other in others]),
            position=entrant.ticket,
            length=_length(session, entrant.ticket),
            kin=family_of(entrant.snapshot.base_model) == family_of(model),
        )
        for entrant in session.entrants
    )


def _length(session: Session, ticket: int) -> int:
    return sum(len(reply.text) for reply in session.replies if reply.place.ticket == ticket)


def family_of(model: str) -> str:
    """Return the family that a model's name tells: its letters up to the first digit or separator.

    >>> family_of("Qwen/Qwen3-4B"), family_of("llama-3.1:8b"), family_of("base")
    ('qwen', 'llama', 'base')
    """
    name = model.rpartition("/")[2].lower()
    letters = next((place for place, sign in enumerate(name) if not sign.isalpha()), len(name))
    return name[:letters]


def kin_alone(judges: Sequence[str], entrant: str) -> bool:
    """Return whether the models of a panel are all of the entrant's family: then nobody else looks at it.

    >>> kin_alone(["qwen3-4b", "qwen2"], "qwen3-8b"), kin_alone(["qwen3-4b", "llama-3"], "qwen3-8b")
    (True, False)
    """
    return bool(judges) and {family_of(judge) for judge in judges} == {family_of(entrant)}
