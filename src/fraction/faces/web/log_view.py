"""One entry of a Session's log as the public stream shows it."""

from fraction.sessions import Entered, Event, event_to_json
from fraction_sdk.wire import LogEntryView


def log_entry(length: int, event: Event) -> LogEntryView:
    """Return the entry with which the log has `length` entries.

    An entrant's prompt is left out: while entries are open, others could copy it. It is in the bundle, which
    is given out when the Session is over.
    """
    document: dict[str, object] = dict(event_to_json(event))
    if isinstance(event, Entered):
        document["snapshot"] = {
            "agent": event.snapshot.agent,
            "name": event.snapshot.name,
            "digest": event.snapshot.digest(),
        }
    return LogEntryView(length=length, kind=event.kind, event=document)
