"""An embedded account under a passphrase: what opens it, what does not, and what nobody can tell from outside."""

import httpx
import pytest
from eth_account import Account

from fraction.adapters.memory import ManualClock
from fraction.app.custody import UNLOCKED_SECONDS, Hold
from fraction.base import Rejected
from tests.faces.memory_platform import MemoryPlatform

PASSPHRASE = "four words in a row"


def guest(world: MemoryPlatform, browser: httpx.Client) -> tuple[str, str]:
    """Sign the browser in as a guest; return its name and address."""
    secret = world.people.new_guest()
    browser.cookies.set("fraction-session", secret)
    address = world.people.principal(secret, "").whoever()
    return world.people.name_of(address) or "", address


def protected(browser: httpx.Client) -> str:
    """Choose the passphrase; return the recovery key."""
    page = browser.post("/me/passphrase", data={"passphrase": PASSPHRASE, "again": PASSPHRASE})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    return page.text.partition('id="recovery-key">')[2].partition("<")[0]


def test_a_passphrase_signs_in_from_another_browser(world: MemoryPlatform, browser: httpx.Client) -> None:
    name, address = guest(world, browser)
    protected(browser)
    before = browser.cookies["fraction-session"]
    for account in (name, address, address.lower()):
        browser.cookies.clear()
        answer = browser.post("/sign-in/passphrase", data={"account": account, "passphrase": PASSPHRASE})
        assert (answer.status_code, answer.headers["location"]) == (303, "/me")
        assert address in browser.get("/me").text
        assert browser.cookies["fraction-session"] != before


def test_the_exported_key_is_the_accounts_and_opens_by_the_passphrase_only(
    world: MemoryPlatform, browser: httpx.Client
) -> None:
    _, address = guest(world, browser)
    assert browser.post("/me/keystore").status_code == 404  # there is no passphrase to seal it with
    protected(browser)
    exported = browser.post("/me/keystore")
    assert exported.headers["content-disposition"].startswith("attachment")
    assert Account.from_key(Account.decrypt(exported.json(), PASSPHRASE)).address == address
    with pytest.raises(ValueError, match="MAC"):
        Account.decrypt(exported.json(), PASSPHRASE + "!")


def test_a_recovery_key_gives_the_account_back_once_and_signs_everybody_out(
    world: MemoryPlatform, browser: httpx.Client
) -> None:
    name, address = guest(world, browser)
    recovery, elsewhere = protected(browser), browser.cookies["fraction-session"]
    browser.cookies.clear()
    form = {"account": name, "recovery": recovery, "passphrase": "another one, longer"}
    page = browser.post("/recover", data=form)
    assert page.status_code == 200
    renewed = page.text.partition('id="recovery-key">')[2].partition("<")[0]
    assert len(renewed) == 64
    assert address in browser.get("/me").text
    assert browser.get("/me", headers={"cookie": f"fraction-session={elsewhere}"}).status_code == 303
    assert browser.post("/recover", data=form).status_code == 401
    old = browser.post("/sign-in/passphrase", data={"account": name, "passphrase": PASSPHRASE})
    assert old.status_code == 401


def test_a_locked_account_signs_nothing_until_it_is_unlocked(world: MemoryPlatform, browser: httpx.Client) -> None:
    name, _ = guest(world, browser)
    custody, clock = world.people.custody, world.platform.clock
    key = custody.key_of(name)
    protected(browser)
    assert custody.key_of(name) == key
    assert isinstance(clock, ManualClock)
    clock.advance(UNLOCKED_SECONDS)
    with pytest.raises(Rejected, match="locked"):
        custody.key_of(name)
    assert browser.post("/me/passphrase", data={"passphrase": "x" * 12, "again": "x" * 12}).status_code == 400
    assert browser.post("/me/unlock", data={"passphrase": "not this one at all"}).status_code == 400
    assert browser.post("/me/unlock", data={"passphrase": PASSPHRASE}).status_code == 303
    assert custody.key_of(name) == key
    browser.post("/sign-out-everywhere")
    assert custody.hold(name) is Hold.LOCKED


def test_wrong_secrets_and_unknown_accounts_look_alike(world: MemoryPlatform, browser: httpx.Client) -> None:
    name, _ = guest(world, browser)
    protected(browser)
    browser.cookies.clear()
    for path, secret in (("/sign-in/passphrase", "passphrase"), ("/recover", "recovery")):
        answers = {
            (answer.status_code, answer.text)
            for account in (name, "nobody", "../" + name, "0x" + "12" * 20)
            for answer in [browser.post(path, data={"passphrase": "x" * 20, secret: "0" * 64, "account": account})]
        }
        assert len(answers) == 1, path
        assert {status for status, _ in answers} == {401}


def test_an_accounts_secrets_can_be_guessed_at_a_few_times_only(world: MemoryPlatform, browser: httpx.Client) -> None:
    name, _ = guest(world, browser)
    protected(browser)
    statuses = [
        browser.post("/sign-in/passphrase", data={"account": name, "passphrase": "wrong"}).status_code
        for _ in range(22)
    ]
    assert statuses == [401] * 20 + [429] * 2


@pytest.mark.parametrize(
    ("passphrase", "again"), [("short", "short"), (PASSPHRASE, PASSPHRASE + "!"), ("x" * 201, "x" * 201)]
)
def test_a_passphrase_that_would_not_do_is_refused(
    world: MemoryPlatform, browser: httpx.Client, passphrase: str, again: str
) -> None:
    name, _ = guest(world, browser)
    assert browser.post("/me/passphrase", data={"passphrase": passphrase, "again": again}).status_code == 400
    assert world.people.custody.hold(name) is Hold.OPEN


def test_nobody_without_a_session_and_no_api_key_touches_a_key(world: MemoryPlatform, browser: httpx.Client) -> None:
    secret = world.people.new_guest()
    key = world.people.make_key(world.people.principal(secret, ""), "laptop", ("account",))
    forms = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
    for path in ("/me/passphrase", "/me/unlock", "/me/keystore"):
        assert browser.post(path, data=forms).status_code == 401
        assert browser.post(path, data=forms, headers={"authorization": f"Bearer {key}"}).status_code == 404
