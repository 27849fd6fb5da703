"""Webhooks: an account's own programs are told what happened to its agents; signed, at least once each.

hook ──▶ job: look ─ look … ──▶ a delivery for each happening ──▶ job: post ─ wait ─ post … ──▶ delivered | given up

Both jobs are the durable engine's, so a kill loses nothing; a delivery that was received but not noted is sent again
under the same id. Signatures: https://github.com/standard-webhooks/standard-webhooks (`v1`: HMAC-SHA256 over
`id.timestamp.body` with a secret of 256 bits). The secret must be kept to sign with, so it is stored as it is.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from enum import Enum

from pydantic import TypeAdapter

from fraction.app.happenings import KINDS, Happening, Happenings
from fraction.app.outward import Outward
from fraction.app.platform import Platform
from fraction.app.ports import Progress
from fraction.app.tokens import Secrets
from fraction.base import (
    Address,
    Instant,
    JsonObject,
    NotFound,
    Rejected,
    Unavailable,
    canonical_json,
    digest_of,
)

WATCH = "webhook"
"""The kind of the engine's jobs that look for what happened."""
DELIVER = "delivery"
"""The kind of those that tell it."""

MOST_HOOKS = 10
SHOWN_DELIVERIES = 50
WAITS = (5, 30, 120, 600, 3_600, 21_600, 86_400, 86_400)
"""Seconds after the first failed attempt, the second …; after the last one it is given up."""
PING = "ping"

_LOOK = Progress(done=False, wait_seconds=2)
_DONE = Progress(done=True, wait_seconds=0)
_GONE = 410
_OK = range(200, 300)


class DeliveryState(Enum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where an account wants to be told, and of what."""

    id: str
    account: Address
    url: str
    events: tuple[str, ...]
    secret: str
    """`whsec_` and 256 bits in base64; empty once it is dropped."""
    made_at: Instant
    before: tuple[str, ...] = ()
    """What had happened before it was made, which it is not told."""
    dropped: str = ""
    """Why nothing is sent any more; empty while it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One thing that a webhook is told."""

    id: str
    """The same at every attempt, so a receiver knows a repetition."""
    hook: str
    event: str
    body: str
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    said: str = ""
    """What came of the last attempt."""
    next_at: Instant


_HOOKS: TypeAdapter[Webhook] = TypeAdapter(Webhook)
_DELIVERIES: TypeAdapter[Delivery] = TypeAdapter(Delivery)


class Webhooks:
    """Keeps webhooks and serves them."""

    def __init__(self, platform: Platform, outward: Outward, secrets: Secrets) -> None:
        """Tell by `outward` what happens on `platform`."""
        self._platform = platform
        self._records = platform.records
        self._outward = outward
        self._secrets = secrets
        self._happenings = Happenings(platform)

    def register(self) -> None:
        """Tell the engine how webhooks are served; before it is launched."""
        self._platform.engine.register(WATCH, self.look)
        self._platform.engine.register(DELIVER, self.deliver)

    def resume(self) -> None:
        """Start every job that is not done, in case a kill came before its first start."""
        for name in self._records.names(WATCH):
            if not self._hook(name).dropped:
                self._platform.engine.start(WATCH, name)
        for name in self._records.names(DELIVER):
            if self._delivery(name).state is DeliveryState.WAITING:
                self._platform.engine.start(DELIVER, name)

    def add(self, account: Address, url: str, events: tuple[str, ...]) -> Webhook:
        """Return a new webhook of `account`, its secret in it.

        Raises:
            Rejected: the URL may not be called, an event is unknown, or there are too many.
        """
        if not events or set(events) - set(KINDS):
            raise Rejected(f"A webhook is told one or more of {', '.join(KINDS)}.")
        if len(self.of(account)) >= MOST_HOOKS:
            raise Rejected(f"An account has at most {MOST_HOOKS} webhooks; drop one that is not used.")
        self._outward.check(url)
        hook = Webhook(
            id=f"{digest_of([account])[:12]}-{self._secrets.new()[:16]}",
            account=account,
            url=url,
            events=tuple(dict.fromkeys(events)),
            secret="whsec_" + base64.b64encode(bytes.fromhex(self._secrets.new())).decode(),
            made_at=self._platform.clock.now(),
            before=tuple(happening.name for happening in self._happenings.of(account)),
        )
        self._keep(hook)
        self._platform.engine.start(WATCH, hook.id)
        return hook

    def of(self, account: Address) -> list[Webhook]:
        """Return the webhooks of `account` that were not dropped by it, oldest first."""
        mine = f"{digest_of([account])[:12]}-"
        found = [self._hook(name) for name in self._records.names(WATCH) if name.startswith(mine)]
        return [hook for hook in found if hook.secret]

    def find(self, account: Address, id: str) -> Webhook:
        """Return a webhook of `account`; raise NotFound for one that is somebody else's, or was dropped."""
        for hook in self.of(account):
            if hook.id == id:
                return hook
        raise NotFound("You have no such webhook; your page lists those that you have.")

    def drop(self, account: Address, id: str) -> Webhook:
        """Tell a webhook nothing more, forget its secret, and return what is left."""
        dropped = replace(self.find(account, id), secret="", dropped="its owner dropped it")
        self._keep(dropped)
        return dropped

    def ping(self, account: Address, id: str) -> Delivery:
        """Send a webhook something to try it with."""
        hook = self.find(account, id)
        number = len(self.deliveries(account, id, most=1_000_000))
        return self._send(hook, Happening(f"ping:{number}", PING, account, {"webhook": hook.id}))

    def deliveries(self, account: Address, id: str, most: int = SHOWN_DELIVERIES) -> list[Delivery]:
        """Return what a webhook of `account` was told, newest first."""
        hook = self.find(account, id)
        names = [name for name in self._records.names(DELIVER) if name.startswith(hook.id)]
        return [self._delivery(name) for name in reversed(names[-most:])]

    def look(self, name: str) -> Progress:
        """Start a delivery for whatever the webhook has not been told."""
        hook = self._hook(name)
        if hook.dropped:
            return _DONE
        told = {*hook.before, *self._records.names(DELIVER)}
        for happening in self._happenings.of(hook.account):
            if happening.kind in hook.events and not {happening.name, _name(hook, happening)} & told:
                self._send(hook, happening)
        return _LOOK

    def deliver(self, name: str) -> Progress:
        """Post a delivery once, if it is due."""
        delivery = self._delivery(name)
        hook, now = self._hook(delivery.hook), self._platform.clock.now()
        if delivery.state is not DeliveryState.WAITING:
            return _DONE
        if hook.dropped:
            self._note(replace(delivery, state=DeliveryState.GIVEN_UP, said=hook.dropped))
            return _DONE
        if now < delivery.next_at:
            return Progress(done=False, wait_seconds=delivery.next_at - now)
        return self._attempt(hook, delivery, now)

    def _attempt(self, hook: Webhook, delivery: Delivery, now: Instant) -> Progress:
        headers = signed_headers(hook.secret, delivery.id, now, delivery.body)
        try:
            status = self._outward.post(hook.url, headers, delivery.body.encode()).status
            said = f"status {status}"
        except (Unavailable, Rejected) as error:
            status, said = 0, str(error)
        tried = replace(delivery, attempts=delivery.attempts + 1, said=said)
        if status in _OK:
            self._note(replace(tried, state=DeliveryState.DELIVERED))
            return _DONE
        if status == _GONE:
            self._keep(replace(hook, dropped="its receiver says that it is gone"))
        if status == _GONE or tried.attempts > len(WAITS):
            self._note(replace(tried, state=DeliveryState.GIVEN_UP))
            return _DONE
        wait = WAITS[tried.attempts - 1]
        self._note(replace(tried, next_at=Instant(now + wait)))
        return Progress(done=False, wait_seconds=wait)

    def _send(self, hook: Webhook, happening: Happening) -> Delivery:
        now, id = self._platform.clock.now(), _name(hook, happening)
        body: JsonObject = {"id": id, "type": happening.kind, "timestamp": now, "data": happening.facts}
        delivery = Delivery(id=id, hook=hook.id, event=happening.kind, body=canonical_json(body).decode(), next_at=now)
        self._note(delivery)
        self._platform.engine.start(DELIVER, id)
        return delivery

    def _hook(self, name: str) -> Webhook:
        return _HOOKS.validate_python(self._records.get(WATCH, name))

    def _delivery(self, name: str) -> Delivery:
        return _DELIVERIES.validate_python(self._records.get(DELIVER, name))

    def _keep(self, hook: Webhook) -> None:
        self._records.keep(WATCH, hook.id, _HOOKS.dump_python(hook, mode="json"))

    def _note(self, delivery: Delivery) -> None:
        self._records.keep(DELIVER, delivery.id, _DELIVERIES.dump_python(delivery, mode="json"))


def signed_headers(secret: str, id: str, now: Instant, body: str) -> dict[str, str]:
    """Return the headers of a delivery, its signature among them."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = hmac.new(key, f"{id}.{now}.{body}".encode(), hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Fraction-Webhooks/1",
        "Webhook-Id": id,
        "Webhook-Timestamp": str(now),
        "Webhook-Signature": "v1," + base64.b64encode(signature).decode(),
    }


def _name(hook: Webhook, happening: Happening) -> str:
    return f"{hook.id}-{digest_of([happening.name])[:24]}"
