"""Webhooks: what is asked, answered, and sent to the receiver."""

from pydantic import Field

from fraction_sdk.wire.basics import Message


class WebhookRequest(Message):
    """Ask to be told at `url` whenever one of `events` happens to one's agents."""

    url: str = Field(min_length=1, max_length=500)
    events: list[str] = Field(min_length=1, max_length=10)
    """Of `session.entered`, `session.settled`, `session.cancelled` and `training.over`."""


class WebhookView(Message):
    """A webhook."""

    id: str
    url: str
    events: list[str]
    secret: str | None = None
    """What its messages are signed with; shown once, when it is made."""
    made_at: int
    stopped: str | None = None
    """Why nothing is sent any more; null while it is."""


class DeliveryView(Message):
    """One message to a webhook."""

    id: str
    event: str
    state: str
    """`waiting`, `delivered` or `given up`."""
    attempts: int
    said: str
    """What came of the last attempt."""
    next_at: int | None = None
    """When it is tried next, in seconds since 1970."""


class WebhookEvent(Message):
    """What a receiver is sent."""

    id: str
    """The same when it is sent again."""
    type: str
    timestamp: int
    data: dict[str, object]
