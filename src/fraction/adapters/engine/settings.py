"""How the engine is set."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where the engine keeps its jobs, and how patient it is."""

    url: str
    """`sqlite:///FILE` or `postgresql://…`; a file of its own, so that its tables and ours stay apart."""
    workers: int = 8
    """How many steps run at once; jobs that wait take none."""
    executor: str = "platform"
    """Which of several processes on one PostgreSQL this is; jobs of a name go on when that name returns."""
    first_retry_seconds: float = 0.1
    """The wait after the first error of a step; it doubles with each error that follows."""
    longest_retry_seconds: float = 5.0
    """No wait after an error is longer, so that a service that returns is noticed soon."""
    tries: int = 5
    """How often a step that raises anything but `Unavailable` is tried before its job has failed."""
    poll_seconds: float = 0.1
    """How often DBOS looks for notes of other processes on SQLite, which cannot call."""
    look_seconds: float = 10.0
    """How often jobs are looked for that stand still because the database was away for a moment."""
