"""What the platform is asked."""

from typing import Literal

from pydantic import Field

from fraction_sdk.wire.basics import Message


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


class KeyRequest(Message):
    """Ask for an API key."""

    label: str = Field(min_length=1, max_length=40)
    scopes: list[Literal["agents", "play", "train", "account"]] = Field(min_length=1, max_length=4)


class KeyView(Message):
    """An API key; it is shown this once."""

    account: str
    key: str
    scopes: list[str]


class QueueView(Message):
    """Where the agent plays."""

    session: str


class TrainingRequest(Message):
    """Ask for a weight update."""

    agent: str
    space: str


class SpaceDocument(Message):
    """A Space file's content, to be checked."""

    document: dict[str, object]
