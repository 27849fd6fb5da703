"""Who may do what: guests, wallets, keys, and everything that must not work."""

from html import unescape
from typing import Any

import httpx
import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from fraction.base import SessionId
from fraction_sdk import ApiError, Fraction
from tests.faces.memory_platform import MemoryPlatform, paid_log
from tests.faces.web.test_api import problem

WALLET = Account.from_key("0x" + "4b" * 32)
ANOTHER = Account.from_key("0x" + "4c" * 32)


def signature_of(message: str) -> str:
    signed: Any = WALLET.sign_message(encode_defunct(text=message))
    return "0x" + bytes(signed.signature).hex()


def message_for(browser: httpx.Client, address: str = WALLET.address) -> str:
    answer = browser.post("/sign-in/message", json={"address": address})
    assert answer.status_code == 200, answer.text
    return answer.json()["message"]


def signed_in(browser: httpx.Client) -> None:
    message = message_for(browser)
    assert browser.post("/sign-in", json={"message": message, "signature": signature_of(message)}).status_code == 200


def test_a_wallet_signs_in_with_a_lower_case_address_and_stays_signed_in(browser: httpx.Client) -> None:
    message = message_for(browser, WALLET.address.lower())
    assert WALLET.address in message
    answer = browser.post("/sign-in", json={"message": message, "signature": signature_of(message)})
    assert answer.json() == {"next": "/me"}
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert WALLET.address in browser.get("/me").text


def test_a_signature_is_good_for_one_sign_in(browser: httpx.Client) -> None:
    message = message_for(browser)
    body = {"message": message, "signature": signature_of(message)}
    assert browser.post("/sign-in", json=body).status_code == 200
    assert browser.post("/sign-in", json=body).status_code == 400


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (WALLET.address, ANOTHER.address),
        ("127.0.0.1", "evil.example"),
        ("Chain ID: 31337", "Chain ID: 1"),
        ("costs no gas", "costs all you have"),
        ("Version: 1", "Version: 1\nResources:\n- https://evil.example"),
        ("Nonce: ", "Nonce: 0"),
    ],
)
def test_a_message_that_is_not_ours_is_refused_even_if_it_is_signed(
    browser: httpx.Client, ours: str, theirs: str
) -> None:
    message = message_for(browser).replace(ours, theirs, 1)
    answer = browser.post("/sign-in", json={"message": message, "signature": signature_of(message)})
    assert answer.status_code == 400
    assert browser.get("/me").status_code == 303


@pytest.mark.parametrize("signature", ["0x", "0xzz", "0x" + "00" * 65, "0x" + "ff" * 65, signature_of("another text")])
def test_a_wrong_signature_is_refused_and_burns_nobodys_nonce(browser: httpx.Client, signature: str) -> None:
    message = message_for(browser)
    assert browser.post("/sign-in", json={"message": message, "signature": signature}).status_code == 400
    assert browser.post("/sign-in", json={"message": message, "signature": signature_of(message)}).status_code == 200


def test_signing_in_never_keeps_the_session_that_the_browser_came_with(browser: httpx.Client) -> None:
    signed_in(browser)
    before = browser.cookies["fraction-session"]
    signed_in(browser)
    assert browser.cookies["fraction-session"] != before
    stale = browser.get("/me", headers={"cookie": f"fraction-session={before}"})
    assert stale.status_code == 303


def test_a_session_that_somebody_made_up_is_nobody(browser: httpx.Client) -> None:
    assert browser.get("/me", headers={"cookie": "fraction-session=chosen-by-an-attacker"}).status_code == 303


def test_signing_out_everywhere_ends_every_browser(browser: httpx.Client) -> None:
    signed_in(browser)
    elsewhere = browser.cookies["fraction-session"]
    browser.cookies.clear()
    signed_in(browser)
    assert browser.post("/sign-out-everywhere").status_code == 303
    assert browser.get("/me", headers={"cookie": f"fraction-session={elsewhere}"}).status_code == 303


def test_a_guest_plays_by_one_sentence(
    world: MemoryPlatform, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.keep_log(paid_log())

    def joined(*_asked: object) -> SessionId:
        return session

    monkeypatch.setattr("fraction.app.house.join_session", joined)  # the chain is not here
    form = {"prompt": "Be warm.", "space": "writing-tweets", "name": ""}
    answer = browser.post("/play", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sessions/{session}")
    agents = world.platform.agents.all()
    assert [agent.prompt.text for agent in agents] == ["Be warm."]
    page = browser.get("/me").text
    assert agents[0].name in page
    assert "You play as a guest" in page
    browser.post("/play", data=form)  # the same guest's second agent
    assert len({agent.owner for agent in world.platform.agents.all()}) == 1


def test_what_is_somebody_elses_cannot_be_changed(client: Fraction, browser: httpx.Client) -> None:
    client.create_account("victim")
    agent = client.create_agent("victim", "a", "write").id
    forms = {
        f"/agents/{agent}/prompt": {"prompt": "mine now"},
        f"/agents/{agent}/enter": {"space": "writing-tweets", "tier": "eth"},
        f"/agents/{agent}/train": {"space": "writing-tweets"},
        f"/agents/{agent}/rollback": {"space": "writing-tweets"},
    }
    for path, form in forms.items():
        assert browser.post(path, data=form).status_code == 401, path
    signed_in(browser)
    for path, form in forms.items():
        assert browser.post(path, data=form).status_code == 403, path
    with Fraction(client.url, key=client_key(browser)) as thief:
        for attempt in (
            lambda: thief.refine(agent, "mine now"),
            lambda: thief.rollback(agent, "writing-tweets"),
            lambda: thief.queue(agent, "writing-tweets", "eth"),
            lambda: thief.play_now(agent, "writing-tweets"),
            lambda: thief.train(agent, "writing-tweets"),
            lambda: thief.create_agent("victim", "b", "write"),
        ):
            with pytest.raises(ApiError) as refused:
                attempt()
            assert refused.value.status == 403
        assert [account.address for account in thief.accounts()] == [WALLET.address]
    assert client.agent(agent).prompt == "write"


def client_key(browser: httpx.Client) -> str:
    page = browser.post("/me/keys", data={"label": "laptop", "agents": "1", "play": "1", "train": "1"}).text
    return page.partition('id="new-key">')[2].partition("<")[0]


def test_a_key_does_what_its_scopes_say_until_it_is_dropped(
    client: Fraction, browser: httpx.Client, world: MemoryPlatform
) -> None:
    signed_in(browser)
    with Fraction(client.url, key=client_key(browser)) as program:
        assert program.create_agent("", "a", "write").owner == WALLET.address
        with pytest.raises(ApiError, match="scope 'account'"):
            program.make_key("another", ["agents"])
        (token,) = (t for t in world.people.keys(world.people.principal(browser.cookies["fraction-session"], "")))
        assert browser.post(f"/keys/{token.digest}/drop").status_code == 303
        with pytest.raises(ApiError, match="unknown or was dropped"):
            program.create_agent("", "b", "write")


def test_an_api_guest_gets_an_account_and_a_key(client: Fraction) -> None:
    with Fraction(client.url) as visitor:
        guest = visitor.create_guest()
        with pytest.raises(ApiError) as refused:
            visitor.create_agent("", "a", "write")
        assert refused.value.status == 401
    with Fraction(client.url, key=guest.key) as program:
        assert program.create_agent("", "a", "write").owner == guest.account
        assert program.make_key("narrow", ["play"]).scopes == ["play"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
        {},
    ],
)
def test_a_form_of_another_site_changes_nothing(browser: httpx.Client, headers: dict[str, str]) -> None:
    signed_in(browser)
    with httpx.Client(base_url=browser.base_url, cookies=browser.cookies, trust_env=False, timeout=60) as tricked:
        answer = tricked.post("/sign-out-everywhere", headers=headers)
    problem(answer, 403)
    assert browser.get("/me").status_code == 200


def test_visitors_are_limited_and_told_when_to_come_back(client: Fraction) -> None:
    with httpx.Client(base_url=client.url, trust_env=False, timeout=60) as visitor:
        answers = [visitor.post("/v1/guests") for _ in range(32)]
    assert answers[0].headers["ratelimit-policy"] == '"visitors";q=30;w=600'
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["retry-after"]) <= 600


def test_an_unknown_account_and_somebody_elses_look_alike_to_a_visitor(client: Fraction) -> None:
    client.create_account("someone")
    with Fraction(client.url) as visitor:
        assert visitor.accounts() == []


def test_the_deadline_of_a_running_session_counts_down(world: MemoryPlatform, browser: httpx.Client) -> None:
    session = world.keep_log(paid_log()[:3])
    assert 'data-until="1045"' in browser.get(f"/sessions/{session}").text


def test_a_space_file_is_previewed_or_its_fault_is_named(browser: httpx.Client) -> None:
    example = unescape(browser.get("/create-space").text.partition('class="code">')[2].partition("</textarea>")[0])
    preview = browser.post("/create-space", data={"document": example})
    assert preview.status_code == 200
    assert "Digest of these rules" in preview.text
    for document, fault in (("id = ", "not TOML"), (f"{example}\nfree_lunch = 1", "free_lunch")):
        answer = browser.post("/create-space", data={"document": document})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
        assert fault in answer.text
