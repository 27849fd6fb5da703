"""Events as JSON and back; a log that does not fit is refused with the place where it does not."""

from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from fraction.base import JsonObject, Rejected
from fraction.judging import Sheet
from fraction.sessions.events import Event

_EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
_SHEETS: TypeAdapter[Sheet] = TypeAdapter(Sheet)


def event_to_json(event: Event) -> JsonObject:
    """Return `event` as JSON without floats."""
    return _EVENTS.dump_python(event, mode="json")


def event_from_json(document: object) -> Event:
    """Return the event that `document` describes.

    Raises:
        Rejected: it describes none; the text says where.
    """
    try:
        return _EVENTS.validate_python(document)
    except ValidationError as error:
        raise Rejected(f"An entry of the log is not valid: {_first(error)}.") from error


def sheet_from_bytes(blob: bytes) -> Sheet:
    """Return the judge's sheet that a blob holds.

    Raises:
        Rejected: it holds none.
    """
    try:
        return _SHEETS.validate_json(blob)
    except ValidationError as error:
        raise Rejected(f"A judge's sheet is not valid: {_first(error)}.") from error


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
