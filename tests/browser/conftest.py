"""One browser for all tests of a worker; what starts a whole world runs with `make chaos` only."""

import os
from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium, chromium

collect_ignore = [] if os.environ.get("FRACTION_CHAOS") == "full" else ["test_first_minute.py"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """A running browser."""
    with chromium() as browser:
        yield browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a browser drop a connection without a word: sockets that it leaves open are closed when they are found."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
