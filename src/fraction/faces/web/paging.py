"""Lists in pages: a cursor names the last item that was seen, so new items never shift a page."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fraction.base import Rejected

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, and how to ask for those that follow."""

    items: list[T]
    next: str | None
    """The cursor of the following page; None on the last one."""


def page_of(items: Sequence[T], keys: Sequence[str], cursor: str | None, limit: int) -> Page[T]:
    """Return the `limit` items that follow the one which `cursor` names.

    Args:
        items: all of them, newest first
        keys: a name for each that never changes
        cursor: from an earlier page; None begins at the newest
        limit: at least 1

    Raises:
        Rejected: the cursor names nothing in this list.
    """
    start = 0 if cursor is None else _place(keys, cursor) + 1
    end = min(start + limit, len(items))
    return Page(list(items[start:end]), _cursor(keys[end - 1]) if start < end < len(items) else None)


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _place(keys: Sequence[str], cursor: str) -> int:
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return keys.index(key)
    except (binascii.Error, ValueError) as error:
        raise Rejected("That cursor is of another list; ask for the list without one.") from error
