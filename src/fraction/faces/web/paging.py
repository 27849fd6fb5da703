"""Lists in pages: a cursor names the last item that was seen, so new items never shift a page."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request, Response

from fraction.base import Rejected

T = TypeVar("T")

LIMIT = 50
"""So many items are in an answer of the API that was not asked for another number."""
MOST = 200


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


@dataclass(frozen=True, slots=True)
class Sliced:
    """The part of a list that a request of the API asks for."""

    request: Request
    response: Response
    cursor: str | None
    limit: int

    def of(self, items: Sequence[T], name: Callable[[T], str]) -> list[T]:
        """Return the items that were asked for; where more follow, a `Link` header leads to them (RFC 8288)."""
        return self._cut(items, [name(item) for item in items])

    def of_log(self, items: Sequence[T]) -> list[T]:
        """Return the items that were asked for from a log, newest first: their names are their places in it."""
        return self._cut(items, [str(len(items) - place) for place in range(len(items))])

    def _cut(self, items: Sequence[T], names: Sequence[str]) -> list[T]:
        page = page_of(items, names, self.cursor, self.limit)
        if page.next is not None:
            url = self.request.url.include_query_params(cursor=page.next)
            self.response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return page.items


def _sliced(
    request: Request,
    response: Response,
    cursor: Annotated[str | None, Query(max_length=400, description="From the Link header of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = LIMIT,
) -> Sliced:
    return Sliced(request, response, cursor, limit)


Slice = Annotated[Sliced, Depends(_sliced)]
"""The part of a list, as a route's parameter."""
