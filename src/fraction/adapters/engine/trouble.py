"""DBOS's own log, turned into calls of `on_trouble`."""

import logging
from collections.abc import Callable

from fraction.adapters.engine.loop import JobFailed


class TroubleLog(logging.Handler):
    """Passes errors on that DBOS logs, in place of printing them."""

    def __init__(self, on_trouble: Callable[[str], None]) -> None:
        """Pass them to `on_trouble`."""
        super().__init__(logging.ERROR)
        self._on_trouble = on_trouble
        self._logger = logging.getLogger("dbos")

    def attach(self) -> None:
        """Take the place of the handler that DBOS adds if it finds none."""
        self._logger.propagate = False
        self._logger.addHandler(self)

    def detach(self) -> None:
        """Undo `attach`."""
        self._logger.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one error on; failed jobs were reported already."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, JobFailed):
            return
        cause = f" {first_line(error)}" if error else ""
        self._on_trouble(f"The engine reports: {first_line(record.getMessage())}{cause}")


def first_line(text: object) -> str:
    """Return what `text` says before it goes into details such as a statement of SQL."""
    return str(text).strip().partition("\n")[0][:300]
