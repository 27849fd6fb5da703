"""What the web face needs behind it: every verb of the API, in the words of the wire.

The routes know HTTP and nothing of the platform; a backend knows the platform and nothing of HTTP.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from fraction.app.webhooks import Webhooks
from fraction.base import Address
from fraction_sdk.wire import (
    AccountView,
    AgentRequest,
    AgentSummary,
    AgentView,
    AppealRequest,
    AppealView,
    AutomationRequest,
    AutomationView,
    CoachRequest,
    CoachView,
    HealthView,
    LeaderboardRow,
    LogEntryView,
    Message,
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

M = TypeVar("M", bound=Message)


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

    def publish_space(self, document: Mapping[str, object]) -> SpaceView:
        """Publish the Space that a file's content describes; raise `Conflict` if that version has other rules."""
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

    def owner_of(self, agent: str) -> Address:
        """Return who owns an agent."""
        ...

    def account(self, address: Address) -> AccountView:
        """Return what an account holds and is owed."""
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

    def automation(self, agent: str) -> AutomationView | None:
        """Return what the agent does by itself; None if it never did."""
        ...

    def training_fee(self) -> str:
        """Return what a training costs, in wei of ETH."""
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

    def once(self, who: str, key: str, request: Message, answer: type[M], do: Callable[[], M]) -> M:
        """Return what `do` returns, or what it returned when `who` first sent that idempotency key."""
        ...

    def create_account(self, name: str) -> AccountView:
        """Return the embedded account of that name, made if it is new."""
        ...

    def create_agent(self, request: AgentRequest, owner: Address) -> AgentView:
        """Return a new agent of `owner`; raise `Conflict` if it has one of that name."""
        ...

    def refine(self, agent: str, prompt: str) -> AgentView:
        """Return the agent with one more prompt version."""
        ...

    def share(self, agent: str, shares: bool) -> AgentView:
        """Return the agent with its owner's consent given or withdrawn."""
        ...

    def rollback(self, agent: str, space: str) -> AgentView:
        """Return the agent with the adapter before the present one."""
        ...

    def appeal(self, session: str, request: AppealRequest) -> AppealView:
        """Pay the bond that contests an agent's score."""
        ...

    def queue(self, request: QueueRequest) -> QueueView:
        """Pay the fee and return where the agent plays."""
        ...

    def play_now(self, agent: str, space: str) -> QueueView:
        """Enter a free Session that the house fills at once; return where the agent plays."""
        ...

    def automate(self, agent: str, request: AutomationRequest) -> AutomationView:
        """Let the agent enter Sessions by itself."""
        ...

    def halt(self, agent: str) -> AutomationView:
        """Let the agent enter no more by itself."""
        ...

    def coach(self, agent: str, request: CoachRequest) -> CoachView:
        """Return advice after the agent's last Session, with a prompt tried on its tasks."""
        ...

    def train(self, request: TrainingRequest) -> TrainingView:
        """Start a weight update."""
        ...


class Backend(Reads, Verbs, Protocol):
    """The whole platform, as the web face sees it."""

    @property
    def webhooks(self) -> Webhooks:
        """Return the webhooks of all accounts."""
        ...
