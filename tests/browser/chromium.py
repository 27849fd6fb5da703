"""A real browser for tests: Debian's Chromium through Playwright; a clear skip where none can be had."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import SkipTest

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync")
PATIENCE_MILLISECONDS = 60_000


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at: `light`, `dark`, or on a `phone`."""

    name: str

    @property
    def options(self) -> dict[str, Any]:
        """The browser context's options."""
        size = {"width": 390, "height": 844} if self.name == "phone" else {"width": 1280, "height": 900}
        return {
            "viewport": size,
            "color_scheme": "dark" if self.name == "dark" else "light",
            "reduced_motion": "reduce",
        }


class Chromium:
    """A running browser."""

    def __init__(self, browser: Any) -> None:  # noqa: ANN401 - playwright is imported only where there is a browser
        self._browser = browser

    @contextmanager
    def page(self, url: str, look: Look, cookie: str = "") -> Generator[Any]:
        """Give a page of a fresh profile; `cookie` is a session of the platform at `url`."""
        context = self._browser.new_context(**look.options)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        if cookie:
            context.add_cookies([{"name": "fraction-session", "value": cookie, "url": url}])
        try:
            yield context.new_page()
        finally:
            context.close()


@contextmanager
def chromium() -> Generator[Chromium]:
    """Run a browser.

    Raises:
        SkipTest: there is no browser or no Playwright here; it says what to install.
    """
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise SkipTest("No browser is here; install one with: apt-get install chromium (or set CHROMIUM=/path/to/it).")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise SkipTest("Playwright is not here; install it with: pip install playwright") from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield Chromium(browser)
        finally:
            browser.close()
