"""Webhooks over the API and on a page of one's own."""

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from fraction.app.happenings import KINDS
from fraction.app.webhooks import Delivery, DeliveryState, Webhook, Webhooks
from fraction.faces.web.callers import Caller, limited
from fraction.faces.web.description import PREFIX, PROBLEMS
from fraction.faces.web.forms import SEE_OTHER, Fields
from fraction.faces.web.paging import Slice
from fraction.faces.web.people import People, Principal
from fraction.faces.web.rendering import Renderer
from fraction_sdk.wire import DeliveryView, WebhookRequest, WebhookView

SCOPE = "account"
CHANGING = [Depends(limited)]


def webhook_routes(hooks: Webhooks) -> APIRouter:
    """Return the API's routes."""
    router = APIRouter(prefix=PREFIX, responses=PROBLEMS)

    @router.get("/webhooks")
    def webhooks(slice: Slice, caller: Caller) -> list[WebhookView]:
        mine = [webhook_view(hook) for hook in hooks.of(caller.may(SCOPE))]
        return slice.of(mine, lambda hook: hook.id)

    @router.post("/webhooks", status_code=201, dependencies=CHANGING)
    def create_webhook(request: WebhookRequest, caller: Caller) -> WebhookView:
        hook = hooks.add(caller.may(SCOPE), request.url, tuple(request.events))
        return webhook_view(hook, secret=hook.secret)

    @router.delete("/webhooks/{webhook}", dependencies=CHANGING)
    def drop_webhook(webhook: str, caller: Caller) -> WebhookView:
        account = caller.may(SCOPE)
        return webhook_view(hooks.drop(account, webhook))

    @router.post("/webhooks/{webhook}/ping", dependencies=CHANGING)
    def ping_webhook(webhook: str, caller: Caller) -> DeliveryView:
        return delivery_view(hooks.ping(caller.may(SCOPE), webhook))

    @router.get("/webhooks/{webhook}/deliveries")
    def deliveries(webhook: str, slice: Slice, caller: Caller) -> list[DeliveryView]:
        told = [delivery_view(delivery) for delivery in hooks.deliveries(caller.may(SCOPE), webhook)]
        return slice.of(told, lambda delivery: delivery.id)

    return router


class WebhookPages:
    """The page and its forms."""

    def __init__(self, hooks: Webhooks, people: People, renderer: Renderer) -> None:
        """Show and change `hooks` for `people`, written with `renderer`."""
        self._hooks = hooks
        self._people = people
        self._render = renderer

    def routes(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
        router.add_api_route("/me/webhooks", self.show, methods=["GET"])
        router.add_api_route("/me/webhooks", self.add, methods=["POST"], dependencies=CHANGING)
        router.add_api_route("/me/webhooks/{webhook}/drop", self.drop, methods=["POST"], dependencies=CHANGING)
        router.add_api_route("/me/webhooks/{webhook}/ping", self.ping, methods=["POST"], dependencies=CHANGING)
        return router

    def show(self, request: Request, caller: Caller) -> Response:
        """Return my webhooks and what they were told."""
        return RedirectResponse("/sign-in", SEE_OTHER) if caller.account is None else self._page(caller, None)

    def add(self, caller: Caller, fields: Fields) -> Response:
        """Make a webhook and show its secret once."""
        kinds = tuple(kind for kind in KINDS if fields.get(kind))
        return self._page(caller, self._hooks.add(caller.may(SCOPE), fields.get("url", "").strip(), kinds))

    def drop(self, webhook: str, caller: Caller) -> Response:
        """Tell a webhook nothing more."""
        self._hooks.drop(caller.may(SCOPE), webhook)
        return RedirectResponse("/me/webhooks", SEE_OTHER)

    def ping(self, webhook: str, caller: Caller) -> Response:
        """Send a webhook something to try it with."""
        self._hooks.ping(caller.may(SCOPE), webhook)
        return RedirectResponse("/me/webhooks", SEE_OTHER)

    def _page(self, caller: Principal, made: Webhook | None) -> Response:
        account = caller.may(SCOPE)
        mine = self._hooks.of(account)
        return self._render.page(
            "webhooks.html",
            section="/me",
            viewer=self._people.viewer(caller),
            hooks=[
                (webhook_view(h), [delivery_view(d) for d in self._hooks.deliveries(account, h.id, 10)]) for h in mine
            ],
            made=made,
            kinds=KINDS,
        )


def webhook_view(hook: Webhook, secret: str | None = None) -> WebhookView:
    """Return a webhook as it is sent; its secret only when it is made."""
    return WebhookView(
        id=hook.id,
        url=hook.url,
        events=list(hook.events),
        secret=secret,
        made_at=hook.made_at,
        stopped=hook.dropped or None,
    )


def delivery_view(delivery: Delivery) -> DeliveryView:
    """Return a delivery as it is sent."""
    waits = delivery.state is DeliveryState.WAITING
    return DeliveryView(
        id=delivery.id,
        event=delivery.event,
        state=delivery.state.value,
        attempts=delivery.attempts,
        said=delivery.said,
        next_at=delivery.next_at if waits else None,
    )
