"""Where the bonds of a Session are: the opener's, who answers for a result, and those of players who contest scores."""

from dataclasses import dataclass

from fraction.base import Wei
from fraction.sessions.session import Appeal, Session

_BLAMELESS = ("by-opener", "too-few-entrants")
"""Ends before anybody could know more than others: the opener's bond comes back."""


@dataclass(frozen=True, slots=True)
class Bonds:
    """A Session's bonds, in the smallest unit of its asset."""

    held: Wei
    """In the contract, for what is not decided yet."""
    returned: Wei
    """Back with players whose appeals were upheld or found no panel."""
    denied: Wei
    """Of appeals in vain: part of what judges and treasury were paid."""
    forfeited: Wei
    """The opener's, gone to the treasury for want of a result."""


def bonds_of(session: Session) -> Bonds:
    """Return where every bond that was paid for a Session is now."""
    own = session.opened.bond
    is_lost = session.cancelled is not None and session.cancelled.reason not in _BLAMELESS
    is_free = any(end is not None for end in (session.scored, session.settled, session.cancelled))
    kept = [a.bond for a in session.appeals if a.outcome == "pending" or (a.outcome == "denied" and not session.over)]
    return Bonds(
        held=Wei(sum(kept) + (0 if is_free else own)),
        returned=Wei(sum(appeal.bond for appeal in session.appeals if is_returned(appeal))),
        denied=Wei(sum(a.bond for a in session.appeals if a.outcome == "denied") if session.over else 0),
        forfeited=Wei(own if is_lost else 0),
    )


def is_returned(appeal: Appeal) -> bool:
    """Return whether an appeal's bond was credited back."""
    return appeal.outcome in ("upheld", "lapsed")
