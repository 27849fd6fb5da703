"""The web application: API, streams, pages and their forms over one backend."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from fastapi import FastAPI, Request, Response
from starlette.staticfiles import StaticFiles

from fraction import __version__
from fraction.faces.web.api import api_routes, blob_routes
from fraction.faces.web.backend import Backend
from fraction.faces.web.description import describe
from fraction.faces.web.forms import Forms
from fraction.faces.web.guard import Guard
from fraction.faces.web.member_pages import MemberPages
from fraction.faces.web.pages import Pages
from fraction.faces.web.people import People
from fraction.faces.web.problems import add_problems
from fraction.faces.web.rates import Rates
from fraction.faces.web.rendering import USD_PER_ETH, Renderer
from fraction.faces.web.streams import Changes, Stopping
from fraction_sdk.wire import Problem

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")

_STATIC = Path(__file__).parent / "static"


def create_app(
    backend: Backend,
    people: People,
    hosts: Sequence[str] = LOOPBACK_HOSTS,
    stopping: Stopping | None = None,
    usd_per_eth: int = USD_PER_ETH,
) -> FastAPI:
    """Return the application.

    Args:
        backend: the platform
        people: who is let in
        hosts: names under which the platform may be asked, without port
        stopping: set it when the server is to stop; endless streams end then
        usd_per_eth: the rate at which pages show dollars
    """
    # /docs would load scripts from elsewhere, which the content security policy forbids anyway
    app = FastAPI(title="Fraction", version=__version__, docs_url=None, redoc_url=None)
    changes = Changes(backend)

    def problem_page(_request: Request, problem: Problem) -> Response:
        return renderer.page("problem.html", status=problem.status, problem=problem)

    renderer = Renderer(usd_per_eth)
    app.state.people, app.state.rates = people, Rates(monotonic)
    app.include_router(api_routes(backend, people, changes, stopping or Stopping()))
    app.include_router(blob_routes(backend))
    app.include_router(Pages(backend, people, renderer).routes())
    app.include_router(MemberPages(backend, people, renderer).routes())
    app.include_router(Forms(backend, people).routes())
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    add_problems(app, problem_page)
    describe(app)
    app.add_middleware(Guard, hosts=hosts)
    return app
