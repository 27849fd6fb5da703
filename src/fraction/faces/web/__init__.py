"""HTTP: the JSON API, the streams and the read-only pages. `create_app(backend)` makes the application."""

from fraction.faces.web.app import create_app
from fraction.faces.web.backend import Backend, LogPage

__all__ = ["Backend", "LogPage", "create_app"]
