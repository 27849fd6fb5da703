"""From a request to who asks, and how often they may; from a secret to a cookie."""

from typing import Annotated

from fastapi import Depends, Request, Response, Security
from fastapi.security import HTTPBearer

from fraction.faces.web.people import People, Principal
from fraction.faces.web.rates import Rates

COOKIE = "fraction-session"
MAX_AGE_SECONDS = 30 * 24 * 3600

_BEARER = "bearer "


def people_of(request: Request) -> People:
    """Return who lets people in at this application."""
    people = request.app.state.people
    assert isinstance(people, People)  # noqa: S101  (set when the application is made)
    return people


def principal_of(request: Request) -> Principal:
    """Return who asks."""
    header = request.headers.get("authorization", "")
    bearer = header[len(_BEARER) :].strip() if header.lower().startswith(_BEARER) else ""
    return people_of(request).principal(request.cookies.get(COOKIE, ""), bearer)


_KEYS = HTTPBearer(scheme_name="key", description="An API key, from your page or POST /v1/keys.", auto_error=False)


def _caller(request: Request, _described: Annotated[object, Security(_KEYS)]) -> Principal:
    return principal_of(request)


Caller = Annotated[Principal, Depends(_caller)]
"""Who asks, as a route's parameter."""


def limited(request: Request, response: Response) -> None:
    """Count a request that changes something; raise `TooMany` over the limit."""
    rates = request.app.state.rates
    assert isinstance(rates, Rates)  # noqa: S101  (set when the application is made)
    response.headers.update(rates.take(*rates.class_of(request, principal_of(request))))


def remember(response: Response, request: Request, secret: str) -> None:
    """Let the browser come back with `secret`; scripts cannot read it and other sites cannot send it."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=MAX_AGE_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def forget(response: Response) -> None:
    """Let the browser forget who it was."""
    response.delete_cookie(COOKIE, path="/")
