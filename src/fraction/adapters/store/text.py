"""JSON as the text that a row holds."""

from fraction.base import Json, Rejected, canonical_json


def stored_text(value: Json) -> str:
    """Return `value` as canonical JSON.

    Raises:
        Rejected: a text in it is not valid Unicode, so no database could give it back.
    """
    try:
        return canonical_json(value).decode()
    except UnicodeEncodeError as error:
        raise Rejected("A text holds half of a character pair (a lone surrogate); remove it.") from error
