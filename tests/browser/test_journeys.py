"""Journeys in a real browser, over a platform in memory: live pages, a wallet, a page that names what it shows."""

from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct

from fraction.base import SessionId
from tests.browser.chromium import Chromium, Look
from tests.browser.gallery import gallery, told_log
from tests.faces.memory_platform import memory_platform, served

WALLET = Account.from_key("0x" + "4b" * 32)

PROVIDER = """
(() => {
  const provider = { request: async ({ method, params }) => {
    if (method === "eth_requestAccounts") return [await window.walletAddress()];
    if (method === "personal_sign") return await window.walletSign(params[0]);
    const refusal = new Error("unsupported"); refusal.code = 4200; throw refusal;
  } };
  const detail = Object.freeze({ info: Object.freeze({ uuid: "350670db-19fa-4704-a166-e52e178b59d2",
    name: "Test wallet", icon: "data:image/svg+xml,<svg/>", rdns: "test.wallet" }), provider });
  const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  addEventListener("eip6963:requestProvider", announce);
})();
"""


def test_a_wallet_signs_in_makes_an_agent_and_signs_out(browser: Chromium) -> None:
    world = memory_platform()
    with served(world) as client, browser.page(client.url, Look("phone")) as page:
        _give_wallet(page)
        page.goto(client.url + "/sign-in")
        page.get_by_role("button", name="Sign in with Test wallet").click()
        page.wait_for_url("**/me")
        page.get_by_label("Name").fill("Mine")
        page.get_by_label("What should it do?").fill("Be kind.")
        page.get_by_role("button", name="Make it").click()
        page.wait_for_url("**/agents/*")
        assert [agent.owner for agent in world.platform.agents.all()] == [WALLET.address]
        page.goto(client.url + "/me")
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("link", name="Sign in", exact=True).wait_for()


def test_a_declined_signature_says_so(browser: Chromium) -> None:
    with served(memory_platform()) as client, browser.page(client.url, Look("light")) as page:
        page.expose_function("walletAddress", lambda: WALLET.address.lower())
        page.add_init_script(PROVIDER.replace("await window.walletSign(params[0])", "Promise.reject({code: 4001})"))
        page.goto(client.url + "/sign-in")
        page.get_by_role("button", name="Sign in with Test wallet").click()
        page.get_by_text("You declined in the wallet").wait_for()


def test_two_people_see_each_other_arrive_without_reloading(browser: Chromium) -> None:
    world, log = memory_platform(), told_log()
    session = world.keep_log(log[:2])
    with (
        served(world) as client,
        browser.page(client.url, Look("light")) as one,
        browser.page(client.url, Look("dark")) as other,
    ):
        for page in (one, other):
            page.goto(f"{client.url}/sessions/{session}")
            page.get_by_role("link", name="Patient Fox").wait_for()
        world.platform.logs.append(SessionId(session), 2, log[2:3])
        for page in (one, other):
            page.get_by_role("link", name="Thorough Owl").wait_for()


def test_scores_appear_as_judges_reveal_them(browser: Chromium) -> None:
    world, log = memory_platform(), told_log()
    reveal = next(place for place, event in enumerate(log) if event.kind == "revealed")
    session = world.keep_log(log[:reveal])
    with served(world) as client, browser.page(client.url, Look("light")) as page:
        page.goto(f"{client.url}/sessions/{session}")
        page.get_by_text("drawn").first.wait_for()
        assert "Why:" not in page.inner_text("#rounds")
        world.platform.logs.append(SessionId(session), reveal, log[reveal : reveal + 2])
        page.get_by_text("Why: 1 judge").first.wait_for()
        page.get_by_text("Why: 1 judge").first.click()
        page.get_by_text("Names the topic but never speaks").first.wait_for()


def test_pages_read_without_scripts(browser: Chromium) -> None:
    shown = gallery()
    with served(shown.world) as client, browser.page(client.url, Look("light")) as page:
        page.route("**/*.js", lambda route: route.abort())  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]
        page.goto(client.url + shown.pages["session"])
        assert "Kind Otter" in page.inner_text("#standings")
        page.goto(client.url + "/")
        assert page.get_by_role("button", name="Play now").is_visible()


def _give_wallet(page: Any) -> None:  # noqa: ANN401 - playwright's page
    def sign(text: str) -> str:
        message = encode_defunct(hexstr=text)
        signed: Any = WALLET.sign_message(message)
        return "0x" + bytes(signed.signature).hex()

    page.expose_function("walletAddress", lambda: WALLET.address.lower())
    page.expose_function("walletSign", sign)
    page.add_init_script(PROVIDER)
