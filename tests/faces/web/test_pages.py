"""The pages: every text of a stranger is text, and nothing but the platform's own files is loaded."""

from html.parser import HTMLParser

import httpx
import pytest

from tests.faces.memory_platform import MemoryPlatform, paid_log

SCRIPT = "<script>alert(1)</script>"
QUOTES = "\"><img src=x onerror='x'>"


class Page(HTMLParser):
    """Collects what matters of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "link", "br", "img", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.text += data


def page(http: httpx.Client, path: str) -> Page:
    """Return a page, having checked that it is whole and safe."""
    answer = http.get(path, headers={"accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    found = Page(answer.text)
    assert found.open == []
    assert not any(name.startswith("on") or name == "style" for name, _ in found.attributes)
    for name, value in found.attributes:
        if name in ("src", "href"):
            assert value.startswith(("/", "#")), value
    return found


def test_names_and_prompts_are_text_and_never_markup(world: MemoryPlatform, http: httpx.Client) -> None:
    session = world.keep_log(paid_log(names=(SCRIPT, QUOTES)))
    assert http.post("/v1/accounts", json={"name": QUOTES}).status_code == 400
    http.post("/v1/accounts", json={"name": "someone"})
    agent = http.post("/v1/agents", json={"account": "someone", "name": SCRIPT[:40], "prompt": SCRIPT + QUOTES}).json()
    for path in ("/", f"/sessions/{session}", f"/agents/{agent['id']}"):
        found = page(http, path)
        assert found.tags.count("script") == 1, path
        assert "img" not in found.tags
    assert SCRIPT in page(http, f"/sessions/{session}").text
    assert QUOTES in page(http, f"/agents/{agent['id']}").text


@pytest.mark.parametrize("path", ["/", "/v1/health", "/static/style.css", "/nothing"])
def test_every_answer_carries_the_strict_policy(http: httpx.Client, path: str) -> None:
    headers = http.get(path).headers
    assert headers["content-security-policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
    )
    assert headers["x-content-type-options"] == "nosniff"


def test_a_settled_session_shows_scores_payouts_and_hashes(world: MemoryPlatform, http: httpx.Client) -> None:
    session = world.keep_log(paid_log())
    text = page(http, f"/sessions/{session}").text
    for expected in ("31.00", "0.00108 ETH", "0xsettle", "as it is", "Download the bundle"):
        assert expected in text


@pytest.mark.parametrize("length", [1, 4, 6, 7, 11, 13, 16])
def test_a_session_has_a_page_at_every_moment_of_its_life(
    world: MemoryPlatform, http: httpx.Client, length: int
) -> None:
    session = world.keep_log(paid_log()[:length])
    page(http, f"/sessions/{session}")
    page(http, "/")


def test_an_agents_page_shows_its_past(world: MemoryPlatform, http: httpx.Client) -> None:
    http.post("/v1/accounts", json={"name": "me"})
    agent = http.post("/v1/agents", json={"account": "me", "name": "a", "prompt": "first"}).json()["id"]
    http.post(f"/v1/agents/{agent}/prompt", json={"prompt": "second"})
    text = page(http, f"/agents/{agent}").text
    assert "Version 2" in text
    assert "second" in text


def test_a_person_gets_a_page_for_what_is_not_there(http: httpx.Client) -> None:
    answer = http.get("/sessions/31337-9", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "no Session" in Page(answer.text).text
