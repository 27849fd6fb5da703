"""Errors as HTTP: `application/problem+json` (RFC 9457) for programs, a page for people.

The only place where our errors meet status codes.
"""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from fraction.base import Conflict, FractionError, NotFound, Rejected, Unavailable
from fraction.faces.web.people import NotAllowed, NotSignedIn
from fraction.faces.web.rates import TooMany
from fraction_sdk.wire import Problem

RETRY_AFTER_SECONDS = 2

ErrorPage = Callable[[Request, Problem], Response]
"""Renders a problem for a browser."""

_STATUSES: tuple[tuple[type[FractionError], int], ...] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (TooMany, 429),
    (NotFound, 404),
    (Conflict, 409),
    (Rejected, 400),
    (Unavailable, 503),
)
"""The first that fits."""

_TITLES = {
    400: "Not allowed",
    401: "Not signed in",
    403: "Not yours",
    429: "Too many requests",
    404: "Not found",
    405: "Method not allowed",
    409: "Out of date",
    413: "Too large",
    500: "A fault of the platform",
    503: "Not available now",
}


def status_of(error: FractionError) -> int:
    """Return the HTTP status of one of our errors.

    >>> status_of(NotFound("There is no such agent."))
    404
    """
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def problem_of(status: int, detail: str) -> Problem:
    """Return the problem document for a status and its sentence."""
    return Problem(title=_TITLES.get(status, "Request failed"), status=status, detail=detail)


def add_problems(app: FastAPI, page: ErrorPage) -> None:
    """Make `app` answer every error as a problem document, or as a page where a browser asks for one."""

    def answer(request: Request, status: int, detail: str, wait: int = 0) -> Response:
        problem = problem_of(status, detail)
        headers = {"Retry-After": str(wait)} if wait else {}
        if _wants_page(request):
            response = page(request, problem)
            response.headers.update(headers)
            return response
        return JSONResponse(problem.model_dump(), status, headers, media_type="application/problem+json")

    def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, FractionError)  # noqa: S101  (registered for this class only)
        wait = RETRY_AFTER_SECONDS if isinstance(error, Unavailable) else getattr(error, "wait_seconds", 0)
        return answer(request, status_of(error), str(error), wait)

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return answer(request, 400, _sentence_of(error))

    def routing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        return answer(request, error.status_code, f"{request.method} {request.url.path}: {error.detail}.")

    def fault(request: Request, error: Exception) -> Response:
        return answer(request, 500, "The platform made a mistake; its log says which. Nothing was lost.")

    handlers: dict[type[Exception], Callable[[Request, Exception], Response | Awaitable[Response]]] = {
        FractionError: ours,
        RequestValidationError: invalid,
        HTTPException: routing,
        Exception: fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return not path.startswith(("/v1/", "/blobs/")) and "text/html" in request.headers.get("accept", "")


def _sentence_of(error: RequestValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
    return f"The request's {where} is not valid: {first['msg']}."
