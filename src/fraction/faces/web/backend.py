"""What the web face needs behind it: every verb of the API, in the words of the wire.

The routes know HTTP and nothing of the platform; a backend knows the platform and nothing of HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from fraction_sdk.wire import (
    AccountView,
    AgentRequest,
    AgentSummary,
    AgentView,
    HealthView,
    LeaderboardRow,
    LogEntryView,
    MoneyView,
    NodeView,
    QueueRequest,
    QueueView,
    ReceiptView,
    SessionSummary,
    SessionView,
    SpaceView,
    TrainingRequest,
    TrainingView,
)


@dataclass(frozen=True, slots=True)
class LogPage:
    """The part of a Session's log that a reader has not seen."""

    entries: list[LogEntryView]
    over: bool
    """Whether nothing can be added any more."""


class Reads(Protocol):
    """What anybody may ask; each raises `NotFound` where it is given a name that nothing has."""

    def health(self) -> HealthView:
        """Return whether the platform works."""
        ...

    def marker(self) -> str:
        """Return a short text that changes whenever something visible has changed; cheap."""
        ...

    def spaces(self) -> list[SpaceView]:
        """Return the Spaces that are open for play."""
        ...

    def space(self, space: str) -> SpaceView:
        """Return the newest version of one Space."""
        ...

    def now(self) -> int:
        """Return the present, in seconds since 1970."""
        ...

    def check_space(self, document: Mapping[str, object]) -> SpaceView:
        """Return the Space that a file's content describes; raise `Rejected` naming the wrong key."""
        ...

    def accounts(self) -> list[AccountView]:
        """Return the embedded accounts."""
        ...

    def agents(self) -> list[AgentSummary]:
        """Return all agents, oldest first."""
        ...

    def agent(self, agent: str) -> AgentView:
        """Return one agent with its past."""
        ...

    def sessions(self) -> list[SessionSummary]:
        """Return all Sessions, newest first."""
        ...

    def session(self, session: str) -> SessionView:
        """Return one Session with everything public about it."""
        ...

    def log(self, session: str, after: int) -> LogPage:
        """Return the entries of a Session's log that follow the first `after`."""
        ...

    def bundle(self, session: str) -> bytes:
        """Return what replays a Session; raise `Conflict` while it is not over."""
        ...

    def trainings(self) -> list[TrainingView]:
        """Return all trainings, newest first."""
        ...

    def training(self, name: str) -> TrainingView:
        """Return one training."""
        ...

    def leaderboard(self, space: str | None) -> list[LeaderboardRow]:
        """Return the agents by average score in `space`, or over all."""
        ...

    def receipts(self, of: str | None) -> list[ReceiptView]:
        """Return every payment and slash, newest first; of one account, agent, Session or training, or all."""
        ...

    def nodes(self) -> list[NodeView]:
        """Return the staked nodes."""
        ...

    def money(self) -> MoneyView:
        """Return the books, against the chain."""
        ...

    def blob(self, digest: str) -> bytes:
        """Return the bytes whose SHA-256 is `digest`."""
        ...


class Verbs(Protocol):
    """What changes something; each raises `Rejected` with the reason where it does not."""

    def create_account(self, name: str) -> AccountView:
        """Return the embedded account of that name, made if it is new."""
        ...

    def create_agent(self, request: AgentRequest) -> AgentView:
        """Return a new agent."""
        ...

    def refine(self, agent: str, prompt: str) -> AgentView:
        """Return the agent with one more prompt version."""
        ...

    def rollback(self, agent: str, space: str) -> AgentView:
        """Return the agent with the adapter before the present one."""
        ...

    def queue(self, request: QueueRequest) -> QueueView:
        """Pay the fee and return where the agent plays."""
        ...

    def train(self, request: TrainingRequest) -> TrainingView:
        """Start a weight update."""
        ...


class Backend(Reads, Verbs, Protocol):
    """The whole platform, as the web face sees it."""
