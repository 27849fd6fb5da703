"""Pack a Session so that anyone can re-derive it: its log and the blobs that the chain binds."""

from fraction.app.platform import Platform
from fraction.base import Json, SessionId, canonical_json
from fraction.sessions import event_to_json

FORMAT = "fraction-bundle/1"


def make_bundle(platform: Platform, id: SessionId) -> bytes:
    """Return the bundle of a Session: canonical JSON of its format and its log.

    Sheets and replies are in the log; transcript and Space follow from it, so nothing else is needed.

    Raises:
        NotFound: there is no such Session.
    """
    log: list[Json] = [event_to_json(event) for event in platform.logs.read(id)]
    return canonical_json({"format": FORMAT, "log": log})
