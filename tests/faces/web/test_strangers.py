"""Every route that changes what an id names, asked by somebody whose it is not: refused, and nothing is changed."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from fraction.app.happenings import KINDS
from fraction.faces.web.app import create_app
from fraction_sdk.wire import AgentRequest
from tests.faces.memory_platform import MemoryPlatform, memory_platform, paid_log, served

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
BODY: dict[str, Any] = {
    "prompt": "mine now",
    "space": "writing-tweets",
    "tier": "free",
    "shares": True,
    "max_sessions": 1,
    "parallel": 1,
    "label": "x",
    "scopes": ["play"],
}
"""What any of the routes takes, and more."""


@dataclass(frozen=True, slots=True)
class Victim:
    """Somebody's things."""

    world: MemoryPlatform
    ids: dict[str, str]

    def state(self) -> tuple[object, ...]:
        """Return all of it, to see whether anything was changed."""
        world, owner = self.world, self.world.platform.agents.all()[0].owner
        keys = world.people.keys(world.people.principal(self.ids["secret"], ""))
        hooks = [(hook.id, hook.dropped) for hook in world.backend.webhooks.of(owner)]
        told = world.backend.webhooks.deliveries(owner, self.ids["webhook"])
        agent = self.ids["agent"]
        return world.backend.agent(agent), world.backend.automation(agent), keys, hooks, told


def victim() -> Victim:
    world = memory_platform(private=True)
    session, secret = world.keep_log(paid_log()), world.people.new_guest()
    caller = world.people.principal(secret, "")
    agent = world.backend.create_agent(AgentRequest(name="a", prompt="Write."), caller.whoever())
    hook = world.backend.webhooks.add(caller.whoever(), "http://127.0.0.1:9", KINDS)
    world.people.make_key(caller, "laptop", ("play",))
    (key,) = world.people.keys(caller)
    ids = {"agent": agent.id, "session": session, "webhook": hook.id, "digest": key.digest, "secret": secret}
    return Victim(world, ids)


def routes_with_ids(world: MemoryPlatform) -> list[tuple[str, str]]:
    routers: list[Any] = [getattr(r, "original_router", r) for r in create_app(world.backend, world.people).routes]
    inner: list[Any] = [route for router in routers for route in getattr(router, "routes", [])]
    found = [route for route in inner if isinstance(route, APIRoute) and "{" in route.path]
    return sorted((str(method), route.path) for route in found for method in UNSAFE & set(route.methods or ()))


@pytest.mark.parametrize("signed_in", [False, True], ids=["visitor", "stranger"])
def test_nobody_changes_what_is_somebody_elses(signed_in: bool) -> None:
    it = victim()
    before, routes = it.state(), routes_with_ids(it.world)
    assert len(routes) >= 15
    with served(it.world) as platform:
        headers = {"origin": platform.url, "sec-fetch-site": "same-origin"}
        with httpx.Client(base_url=platform.url, trust_env=False, headers=headers, timeout=60) as browser:
            if signed_in:
                browser.cookies.set("fraction-session", it.world.people.new_guest())
            for method, path in routes:
                body = BODY | {"agent": it.ids["agent"]}
                as_json = path.startswith("/v1/") and method != "DELETE"
                as_form = None if path.startswith("/v1/") else body
                answer = browser.request(method, path.format(**it.ids), json=body if as_json else None, data=as_form)
                harmless = (401, 403, 404) if signed_in else (401,)
                allowed = (*harmless, 303) if path == "/keys/{digest}/drop" and signed_in else harmless
                assert answer.status_code in allowed, (method, path, answer.text)
    assert it.state() == before


def test_what_leads_on_leads_to_our_own_pages_only(browser: httpx.Client) -> None:
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
        for answer in (
            browser.get("/me", params={"next": elsewhere}),
            browser.get("/me/webhooks", params={"next": elsewhere}),
            browser.post("/sign-out", data={"next": elsewhere}),
            browser.get(f"{str(browser.base_url).rstrip('/')}//evil.example/spaces/"),
        ):
            location = answer.headers.get("location", "/")
            assert location.startswith(("/", str(browser.base_url)))
            assert not location.startswith(("//", "/\\"))
