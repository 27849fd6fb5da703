"""The web application: API, streams and read-only pages over one backend."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from fraction import __version__
from fraction.faces.web.api import api_routes
from fraction.faces.web.backend import Backend
from fraction.faces.web.guard import Guard
from fraction.faces.web.pages import Pages
from fraction.faces.web.problems import add_problems
from fraction.faces.web.streams import Changes, Stopping

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")

_STATIC = Path(__file__).parent / "static"


def create_app(backend: Backend, hosts: Sequence[str] = LOOPBACK_HOSTS, stopping: Stopping | None = None) -> FastAPI:
    """Return the application.

    Args:
        backend: the platform
        hosts: names under which the platform may be asked, without port
        stopping: set it when the server is to stop; endless streams end then
    """
    # /docs would load scripts from elsewhere, which the content security policy forbids anyway
    app = FastAPI(title="Fraction", version=__version__, docs_url=None, redoc_url=None)
    changes = Changes(backend)
    pages = Pages(backend)
    app.include_router(api_routes(backend, changes, stopping or Stopping()))
    app.include_router(pages.routes())
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    add_problems(app, pages.problem)
    app.add_middleware(Guard, hosts=hosts)
    return app
