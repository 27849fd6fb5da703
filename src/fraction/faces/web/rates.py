"""How often one may change something: a bucket of requests for everyone, refilled steadily.

Automation is welcome and has its class. What counts is the account of a key or session; visitors are counted together
by where they come from. Limits are told in every answer, in the fields of draft-ietf-httpapi-ratelimit-headers.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from fastapi import Request

from fraction.base import Rejected
from fraction.faces.web.people import Principal

MOST_BUCKETS = 10_000
"""Beyond this, full buckets are forgotten."""


@dataclass(frozen=True, slots=True)
class RateClass:
    """So many requests in so many seconds."""

    name: str
    requests: int
    seconds: int


VISITORS = RateClass("visitors", 30, 600)
"""Guests are made by visitors, and each costs transactions."""
ATTEMPTS = RateClass("attempts at one account's secrets", 20, 600)
ACCOUNTS = RateClass("accounts", 120, 60)
OPERATOR = RateClass("operator", 100_000, 60)


class TooMany(Rejected):
    """The limit is reached for now."""

    def __init__(self, rate: RateClass, wait_seconds: int) -> None:
        """Say when to come back."""
        super().__init__(
            f"{rate.requests} changes in {rate.seconds} seconds are allowed for {rate.name}; "
            f"ask again in {wait_seconds} seconds."
        )
        self.wait_seconds = wait_seconds


class Rates:
    """Counts requests in memory; safe to use from many threads."""

    def __init__(self, seconds_now: Callable[[], float]) -> None:
        """Measure time with `seconds_now`, which never goes back."""
        self._now = seconds_now
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def class_of(self, request: Request, principal: Principal) -> tuple[str, RateClass]:
        """Return whose bucket a request is taken from, and how large it is."""
        if principal.is_operator:
            return "operator", OPERATOR
        if principal.account is not None:
            return principal.account, ACCOUNTS
        return f"visitor {request.client.host if request.client else ''}", VISITORS

    def take(self, who: str, rate: RateClass) -> dict[str, str]:
        """Count one request; return the headers that tell what is left.

        Raises:
            TooMany: nothing is left; it says when there will be.
        """
        now = self._now()
        per_second = rate.requests / rate.seconds
        with self._lock:
            left, then = self._buckets.get(who, (float(rate.requests), now))
            left = min(float(rate.requests), left + (now - then) * per_second)
            if left >= 1:
                self._buckets[who] = (left - 1, now)
            self._forget(now)
        if left < 1:
            raise TooMany(rate, math.ceil((1 - left) / per_second))
        reset = math.ceil((rate.requests - left + 1) / per_second)
        return {
            "RateLimit-Policy": f'"{rate.name}";q={rate.requests};w={rate.seconds}',
            "RateLimit": f'"{rate.name}";r={int(left - 1)};t={reset}',
        }

    def _forget(self, now: float) -> None:
        if len(self._buckets) > MOST_BUCKETS:
            old = now - max(rate.seconds for rate in (VISITORS, ACCOUNTS))
            self._buckets = {who: kept for who, kept in self._buckets.items() if kept[1] > old}
