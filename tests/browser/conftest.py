"""One browser for all tests of a worker."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Chromium, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """A running browser."""
    with chromium() as browser:
        yield browser
