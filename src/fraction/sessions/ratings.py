"""The ratings that Sessions come to, as they are shown and used for matchmaking."""

from collections.abc import Sequence

from fraction.base import AgentId, Instant, Score
from fraction.judging.rating import Rating, fit_ratings
from fraction.sessions.session import Session

_DAY = 24 * 3600


def ratings_of(sessions: Sequence[Session], now: Instant) -> dict[AgentId, Rating]:
    """Return the rating of every agent that finished one of the Sessions; older ones count less.

    Args:
        sessions: of one Space, or of all; only settled ones are looked at
        now: the present, for how long ago each Session was opened
    """
    settled = [(session, session.settled) for session in sessions if session.settled is not None]
    return fit_ratings(
        [{e.snapshot.agent: Score(end.medians[e.ticket]) for e in session.entrants} for session, end in settled],
        [max(0, now - session.opened.at) // _DAY for session, _ in settled],
    )
