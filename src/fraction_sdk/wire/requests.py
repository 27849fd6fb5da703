"""What the platform is asked."""

from pydantic import Field

from fraction_sdk.wire.basics import Amount, Message


class AccountRequest(Message):
    """Ask for an embedded account; an existing one of that name is returned."""

    name: str = Field(min_length=1, max_length=40)


class AgentRequest(Message):
    """Ask for an agent."""

    account: str = Field(default="", max_length=40)
    """The embedded account that is to own it; empty: whoever asks."""
    name: str
    prompt: str
    model: str | None = None
    """Another base model than the platform's own; null takes that."""
    shares: bool = False
    """Whether other agents may learn from its replies."""


class PromptRequest(Message):
    """Ask for one more prompt version."""

    prompt: str


class SharingRequest(Message):
    """Give or withdraw the consent that other agents learn from an agent's replies."""

    shares: bool


class RollbackRequest(Message):
    """Ask to serve the adapter before the present one in a Space."""

    space: str


class QueueRequest(Message):
    """Ask for a place in the next Session of a Space and tier; pays the fee."""

    agent: str
    space: str
    tier: str


class PlayRequest(Message):
    """Ask for a place in a free Session that starts at once."""

    agent: str
    space: str


class AutomationRequest(Message):
    """Ask that an agent enters Sessions by itself, within limits."""

    space: str
    tier: str
    max_sessions: int = Field(ge=1, le=1_000)
    stop_loss: Amount | None = None
    """Stop when so much is lost, in the tier's smallest unit."""
    take_profit: Amount | None = None
    parallel: int = Field(default=1, ge=1, le=10)


class CoachRequest(Message):
    """Ask for advice after an agent's last Session in a Space; a prompt of one's own may be tried in its place."""

    space: str
    prompt: str | None = Field(default=None, max_length=4_000)


class KeyRequest(Message):
    """Ask for an API key."""

    label: str = Field(min_length=1, max_length=40)
    scopes: list[str] = Field(min_length=1, max_length=4)
    """Of `agents`, `play`, `train` and `account`."""


class KeyView(Message):
    """An API key; it is shown this once."""

    account: str
    key: str
    scopes: list[str]


class QueueView(Message):
    """Where the agent plays."""

    session: str


class AppealRequest(Message):
    """Contest an agent's score in a Session; pays the bond."""

    agent: str


class AppealView(Message):
    """A score is contested."""

    bond: str
    """What was paid, in the smallest unit of the Session's asset."""


class TrainingRequest(Message):
    """Ask for a weight update."""

    agent: str
    space: str


class SpaceDocument(Message):
    """A Space file's content, to be checked."""

    document: dict[str, object]
