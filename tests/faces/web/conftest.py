"""The application in this process, over a platform in memory."""

from collections.abc import Iterator

import httpx
import pytest

from fraction_sdk import Fraction
from tests.faces.memory_platform import OPERATOR, MemoryPlatform, memory_platform, served


@pytest.fixture
def world() -> MemoryPlatform:
    """A platform on which nothing was played yet."""
    return memory_platform()


@pytest.fixture
def client(world: MemoryPlatform) -> Iterator[Fraction]:
    """A client of that platform, over real HTTP."""
    with served(world) as client:
        yield client


@pytest.fixture
def http(client: Fraction) -> Iterator[httpx.Client]:
    """Plain HTTP to that platform, with the operator's key."""
    headers = {"authorization": f"Bearer {OPERATOR}"}
    with httpx.Client(base_url=client.url, trust_env=False, headers=headers, timeout=60) as http:
        yield http


@pytest.fixture
def browser(client: Fraction) -> Iterator[httpx.Client]:
    """HTTP as a browser without JavaScript sends it: cookies are kept, and forms say where they come from."""
    headers = {"accept": "text/html", "origin": client.url, "sec-fetch-site": "same-origin"}
    with httpx.Client(base_url=client.url, trust_env=False, headers=headers, timeout=60) as http:
        yield http
