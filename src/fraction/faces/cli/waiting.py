"""Waiting for Sessions and trainings, with what is known so far on the screen."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from rich.console import Group

from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.screen import Screen
from fraction.faces.cli.tables import standings_table, training_line
from fraction_sdk import ApiError, Fraction
from fraction_sdk.wire import SessionView, SpaceView, TierView, TrainingView

POLL_SECONDS = 0.5
TROUBLE_SECONDS = 60.0
"""How long the platform may be away (it may be starting again) before a wait gives up."""

T = TypeVar("T")


def paid_tier(space: SpaceView) -> TierView:
    """Return a Space's first tier that costs something; its first one if none does."""
    return next((tier for tier in space.tiers if tier.fee != "0"), space.tiers[0])


def wait_for_sessions(screen: Screen, platform: Fraction, ids: Sequence[str], seconds: float) -> list[SessionView]:
    """Return the Sessions when all are complete; their standings are on the screen meanwhile.

    Raises:
        Refusal: they are not after so many seconds.
    """
    deadline = time.monotonic() + seconds
    phases: dict[str, str] = {}
    with screen.live() as board:
        while True:
            views = [patiently(lambda id=id: platform.session(id)) for id in ids]
            board.show(Group(*(standings_table(view) for view in views)))
            if not screen.console.is_terminal:
                _say_changes(screen, views, phases)
            if all(view.complete for view in views):
                return views
            if time.monotonic() > deadline:
                late = ", ".join(f"{v.id} ({v.phase})" for v in views if not v.complete)
                raise Refusal(f"Not over after {seconds:.0f} seconds: {late}; see the logs of the world.")
            time.sleep(POLL_SECONDS)


def wait_for_training(screen: Screen, platform: Fraction, name: str, seconds: float = 3_600) -> TrainingView:
    """Return the training when it is decided.

    Raises:
        Refusal: it is not after so many seconds.
    """
    deadline = time.monotonic() + seconds
    said = ""
    while True:
        view = patiently(lambda: platform.training(name))
        if (line := training_line(view)) != said:
            screen.say(f"   {line}")
            said = line
        if view.over:
            return view
        if time.monotonic() > deadline:
            raise Refusal(f"Training {name} is still {view.status} after {seconds:.0f} seconds.")
        time.sleep(POLL_SECONDS)


def patiently(ask: Callable[[], T]) -> T:
    """Return what `ask` returns; a platform that is away or busy is asked again for a while."""
    deadline = time.monotonic() + TROUBLE_SECONDS
    while True:
        try:
            return ask()
        except ApiError as error:
            if error.retry_after is None or time.monotonic() > deadline:
                raise
            time.sleep(min(error.retry_after, 5))


def _say_changes(screen: Screen, views: Sequence[SessionView], phases: dict[str, str]) -> None:
    for view in views:
        if phases.get(view.id) != view.phase:
            phases[view.id] = view.phase
            screen.say(f"   {view.space_title}, Session {view.id}: {view.phase}")
