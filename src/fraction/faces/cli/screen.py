"""What the commands print: tables and progress for people, plain lines when piped, JSON for programs."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 110


class Screen:
    """Standard output, with or without colours."""

    def __init__(self) -> None:
        """Look at what standard output is."""
        console = Console(highlight=False, emoji=False)
        self.console = (
            console
            if console.is_terminal
            else Console(highlight=False, emoji=False, width=PIPED_WIDTH, no_color=True, force_terminal=False)
        )

    def say(self, line: str, style: str = "") -> None:
        """Print one line, as it is."""
        self.console.print(cell(line), style=style or None)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> None:
        """Print a table; its last `numbers` columns are right-aligned."""
        self.console.print(table_of(title, columns, rows, numbers))

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Announce a stage of a longer work; say how long it took when it is done."""
        started = time.monotonic()
        self.console.print(cell(f"── {title}"), style="bold")
        yield
        self.console.print(cell(f"   {time.monotonic() - started:.1f} s"), style="dim")

    @contextmanager
    def live(self) -> Iterator["Board"]:
        """Give a place whose content can be replaced; when piped, nothing of it is printed."""
        if not self.console.is_terminal:
            yield Board(None)
            return
        with Live(console=self.console, refresh_per_second=4, transient=True) as live:
            yield Board(live)

    @contextmanager
    def steps(self, title: str, total: int) -> Iterator["Steps"]:
        """Give a progress bar; when piped, one line a step."""
        if not self.console.is_terminal:
            yield Steps(self, None, total)
            return
        columns = (TextColumn("   {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            progress.add_task(title, total=total)
            yield Steps(self, progress, total)


class Board:
    """A place on the screen whose content is replaced."""

    def __init__(self, live: Live | None) -> None:
        """Show on `live`; nowhere if there is none."""
        self._live = live

    def show(self, content: RenderableType) -> None:
        """Replace what is shown."""
        if self._live is not None:
            self._live.update(content)


class Steps:
    """The progress of one piece of work."""

    def __init__(self, screen: Screen, progress: Progress | None, total: int) -> None:
        """Begin with nothing done."""
        self._screen, self._progress, self._total, self._done = screen, progress, total, 0

    def done(self, what: str) -> None:
        """Note that a step is done."""
        self._done += 1
        if self._progress is not None:
            self._progress.advance(self._progress.task_ids[0])
        else:
            self._screen.say(f"   {self._done}/{self._total} {what}")


def table_of(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> Table:
    """Return a table; its last `numbers` columns are right-aligned."""
    table = Table(
        title=cell(title) if title else None, title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    for index, column in enumerate(columns):
        number = index >= len(columns) - numbers
        table.add_column(cell(column), justify="right" if number else "left", no_wrap=number, header_style="dim")
    for row in rows:
        table.add_row(*(cell(text) for text in row))
    return table


def cell(text: str) -> Text:
    """Return text that prints as it is: no markup, and no control characters that a terminal would obey."""
    return Text(printable(text))


def printable(text: str) -> str:
    r"""Return the text with every control character but the line break replaced.

    >>> printable("red: \x1b[31m")
    'red: \ufffd[31m'
    """
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def print_json(value: object) -> None:
    """Print a message of the wire, a list of them, or plain JSON."""
    json.dump(_plain(value), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
