"""A player contests a score, beside the Sessions: the bond is paid as soon as the first panel has spoken."""

import time

from fraction.faces.cli.waiting import patiently
from fraction_sdk import ApiError, Fraction
from fraction_sdk.wire import SessionView

_LOOK_SECONDS = 0.3
_PATIENCE_SECONDS = 1_500.0
_CONFLICT = 409
"""HTTP status of what is too early, or too late."""


def contest_last(platform: Fraction, session: str) -> str:
    """Contest the score of whoever is last in a Session, for its owner; return the agent's name.

    Returns "" if the time to contest passed, or the Session ended, before that could be done.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        view = patiently(lambda: platform.session(session))
        if view.over or view.appeals:
            return ""
        if _is_judged(view):
            last = max(view.standings, key=lambda standing: standing.place or 0)
            try:
                platform.appeal(session, last.agent)
                return last.name
            except ApiError as error:
                if error.status != _CONFLICT:
                    raise
        time.sleep(_LOOK_SECONDS)
    return ""


def _is_judged(view: SessionView) -> bool:
    return bool(view.judges) and all(judge.revealed for judge in view.judges)
