"""The first minute, on a real world: from the landing page to a finished Session in five clicks, as a guest.

And what happens when the server is killed meanwhile: the page takes up where it was, with nothing missed or doubled.
Long, so it belongs to `make chaos`.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fraction.faces.cli.processes import Supervisor
from fraction.faces.cli.screen import Screen
from fraction.faces.cli.start_world import start_world
from fraction.faces.cli.world import World, plan_world
from fraction_sdk import Fraction
from tests.browser.chromium import Chromium, Look

PATIENCE_MILLISECONDS = 300_000
MOST_CLICKS = 5
NOW = "#state li[aria-current=step]"

pytestmark = [pytest.mark.chain, pytest.mark.model, pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class Running:
    """A world that runs."""

    supervisor: Supervisor
    world: World


@pytest.fixture(scope="module")
def running(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A whole world; not started where there is no browser."""
    folder = tmp_path_factory.mktemp("world")
    world = plan_world(folder, "", {})
    with Supervisor(folder) as supervisor:
        start_world(Screen(), supervisor, world)
        yield Running(supervisor, world)


def test_a_guest_reaches_a_result_although_the_server_is_killed_on_the_way(browser: Chromium, running: Running) -> None:
    with browser.page(running.world.platform, Look("light")) as page:
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        clicks, seconds = play_once(page, running.world.platform)
        sys.stdout.write(f"from the landing page to a finished Session: {seconds:.0f} s, {clicks} clicks\n")
        assert clicks <= MOST_CLICKS
        page.goto(running.world.platform + "/me")
        page.locator("#mine h2 a").click()
        page.locator("#space").select_option("writing-tweets")
        page.locator("section[aria-labelledby=h-enter] button").click()
        page.wait_for_url("**/sessions/*")
        wait_for_phase(page, "playing")
        os.kill(running.supervisor.pid_of("platform"), signal.SIGKILL)
        page.locator("#live[data-state=reconnecting]").wait_for()
        wait_for_phase(page, "settled")  # nobody reloads the page
        shown = [page.locator(f"#round-{number} .entry").count() for number in range(4)]
        id = page.url.rpartition("/")[2]
    with Fraction(running.world.platform, timeout_seconds=60) as platform:
        session = platform.session(id)
    assert shown == [len(r.entries) for r in session.rounds] == [6] * 4


def play_once(page: Any, url: str) -> tuple[int, float]:  # noqa: ANN401 - playwright's page
    """Play as a guest by one sentence; return clicks and seconds until the Session is settled."""
    started = time.monotonic()
    page.goto(url)
    page.get_by_label("What should your agent do?").fill("Keep to the topic, be warm, and end with a question.")
    page.get_by_role("button", name="Play now").click()
    page.wait_for_url("**/sessions/*")
    wait_for_phase(page, "settled")
    page.get_by_text("Why:").first.click()
    return 2, time.monotonic() - started


def wait_for_phase(page: Any, phase: str) -> None:  # noqa: ANN401
    """Return once the page shows that phase, without reloading it."""
    page.locator(NOW, has_text=phase).wait_for(state="attached")
