"""Every page in a real browser: accessible, quiet, within its budget, and from one host only."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Chromium, Look
from tests.browser.gallery import Gallery, empty_gallery, gallery
from tests.faces.memory_platform import served

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
FIRST_PAGE_BYTES = 150_000
RUN_AXE = "() => axe.run(document, {resultTypes: ['violations']})"
OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"


class Witness:
    """Notes what a page says, breaks and asks for."""

    def __init__(self, page: Any) -> None:  # noqa: ANN401 - playwright's page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.bytes = 0
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"{error}"))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType, reportUnknownMemberType]
        page.on("requestfinished", self._finished)

    def _said(self, message: Any) -> None:  # noqa: ANN401
        if message.type in ("error", "warning") and "404" not in message.text:
            self.complaints.append(message.text)

    def _finished(self, request: Any) -> None:  # noqa: ANN401
        sizes = request.sizes()
        self.bytes += sizes["responseBodySize"] + sizes["responseHeadersSize"]


@pytest.mark.parametrize("look", [Look("light"), Look("dark"), Look("phone")], ids=lambda look: look.name)
def test_every_page_is_accessible_quiet_and_fits(browser: Chromium, look: Look) -> None:
    look_at_all(browser, gallery(), look)


def test_every_page_is_so_before_anything_was_played(browser: Chromium) -> None:
    look_at_all(browser, empty_gallery(), Look("light"))


def look_at_all(browser: Chromium, shown: Gallery, look: Look) -> None:
    """Check all pages of a platform."""
    axe = AXE.read_text()
    with served(shown.world) as client, browser.page(client.url, look, shown.cookie) as page:
        witness = Witness(page)
        for name, path in shown.pages.items():
            page.goto(client.url + path, wait_until="load")
            page.evaluate(axe)
            found = page.evaluate(RUN_AXE)["violations"]
            assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == [], name
            assert page.evaluate(OVERFLOW) <= 0, f"{name} is wider than the screen"
            assert witness.complaints == [], name
        assert witness.hosts == {client.url.split("/")[2]}


def test_the_first_page_is_small(browser: Chromium) -> None:
    shown = gallery()
    with served(shown.world) as client, browser.page(client.url, Look("light")) as page:
        witness = Witness(page)
        page.goto(client.url, wait_until="load")
        assert 0 < witness.bytes < FIRST_PAGE_BYTES
