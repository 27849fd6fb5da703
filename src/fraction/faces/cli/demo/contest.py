"""A player contests a score, beside the Sessions: the bond is paid as soon as the first panel has spoken."""

import time
from contextlib import suppress

from fraction.faces.cli.waiting import patiently
from fraction_sdk import ApiError, Fraction

_LOOK_SECONDS = 0.3
_PATIENCE_SECONDS = 1_500.0


def contest_last(platform: Fraction, session: str) -> str:
    """Contest the score of whoever is last in a Session, for its owner; return the agent's name.

    Returns "" if the time to contest passed, or the Session ended, before that could be done.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        view = patiently(lambda: platform.session(session))
        if view.appeals:
            return view.appeals[0].name
        if view.over:
            return ""
        if sum(judge.revealed for judge in view.judges) >= view.space.quorum:
            last = max(view.standings, key=lambda standing: standing.place or 0)
            with suppress(ApiError):  # too early, or too late: the next look says which
                platform.appeal(session, last.agent)
                return last.name
        time.sleep(_LOOK_SECONDS)
    return ""
