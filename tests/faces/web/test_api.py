"""The API: errors are problem documents, bodies are bounded, other hosts are refused."""

import httpx
import pytest

from fraction.faces.web.guard import MAX_BODY_BYTES
from fraction_sdk import Fraction
from tests.faces.memory_platform import MemoryPlatform, paid_log


def problem(answer: httpx.Response, status: int) -> str:
    """Return the sentence of a problem document, having checked its form."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["type"] == "about:blank"
    assert document["title"]
    return document["detail"]


def test_what_is_not_there_is_a_404_that_says_so(http: httpx.Client) -> None:
    assert "no Session 31337-9" in problem(http.get("/v1/sessions/31337-9"), 404)
    assert "no Space 'chess'" in problem(http.get("/v1/spaces/chess"), 404)
    assert "64 of 0-9 and a-f" in problem(http.get("/blobs/..%5c..%5cetc%5cpasswd"), 404)
    problem(http.get("/v1/nothing"), 404)


def test_a_refusal_is_a_400_with_the_rule(http: httpx.Client) -> None:
    http.post("/v1/accounts", json={"name": "me"})
    long = {"account": "me", "name": "x", "prompt": "w" * 100_000}
    assert "4000" in problem(http.post("/v1/agents", json=long), 400)


def test_a_conflict_is_a_409(http: httpx.Client) -> None:
    http.post("/v1/accounts", json={"name": "me"})
    agent = {"account": "me", "name": "x", "prompt": "write"}
    assert http.post("/v1/agents", json=agent).status_code == 201
    assert "choose another name" in problem(http.post("/v1/agents", json=agent), 409)


def test_a_body_that_is_no_message_is_a_400_that_names_the_field(http: httpx.Client) -> None:
    assert "name" in problem(http.post("/v1/accounts", json={}), 400)
    problem(http.post("/v1/accounts", content=b"{", headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_the_limit_is_a_413(http: httpx.Client, announced: bool) -> None:
    body = b" " * (MAX_BODY_BYTES + 1)
    content = body if announced else iter([body[:1000], body[1000:]])
    answer = http.post("/v1/accounts", content=content, headers={"content-type": "application/json"})
    assert "1,000,000 bytes" in problem(answer, 413)


def test_a_form_from_another_page_cannot_post(http: httpx.Client) -> None:
    answer = http.post("/v1/accounts", content=b'{"name": "me"}', headers={"content-type": "text/plain"})
    problem(answer, 400)
    assert http.get("/v1/accounts").json() == []


def test_another_host_name_is_refused(http: httpx.Client) -> None:
    assert "host name" in problem(http.get("/v1/health", headers={"host": "evil.example"}), 400)


def test_a_chain_that_is_away_is_a_503_that_says_when_to_ask_again(world: MemoryPlatform, http: httpx.Client) -> None:
    def away(asset: object) -> int:
        from fraction.base import Unavailable

        raise Unavailable("The chain does not answer; is it running?")

    object.__setattr__(world.platform.own, "escrow", type("Away", (), {"held": staticmethod(away)})())
    answer = http.get("/v1/money")
    assert problem(answer, 503) == "The chain does not answer; is it running?"
    assert int(answer.headers["retry-after"]) > 0


def test_an_unexpected_fault_is_a_500_that_tells_nothing_inner(world: MemoryPlatform, http: httpx.Client) -> None:
    object.__setattr__(world.platform.own, "escrow", None)
    assert "NoneType" not in problem(http.get("/v1/health"), 500)


def test_a_blob_is_immutable_and_the_bundle_is_a_file(world: MemoryPlatform, http: httpx.Client) -> None:
    digest = world.platform.blobs.keep(b"some bytes")
    answer = http.get(f"/blobs/{digest}")
    assert answer.content == b"some bytes"
    assert "immutable" in answer.headers["cache-control"]
    session = world.keep_log(paid_log())
    bundle = http.get(f"/v1/sessions/{session}/bundle")
    assert bundle.headers["content-type"] == "application/json"
    assert bundle.headers["content-disposition"] == f'attachment; filename="session-{session}.json"'
    assert len(bundle.json()["log"]) == len(paid_log())


def test_no_bundle_before_the_end(world: MemoryPlatform, http: httpx.Client) -> None:
    session = world.keep_log(paid_log()[:5])
    assert "ask when it is over" in problem(http.get(f"/v1/sessions/{session}/bundle"), 409)


def test_the_open_log_tells_no_prompt(world: MemoryPlatform, client: Fraction) -> None:
    session = world.keep_log(paid_log())
    entries = list(client.session_events(session))
    assert not any("prompt 0" in str(entry.event) for entry in entries)
