"""Idempotency keys: whoever repeats a request with the same key gets the first answer and pays once.

Source: draft-ietf-httpapi-idempotency-key-header. Refusals are not kept: a repetition tries again. The answer is kept
when the effect is there, so a platform killed between the two may do it twice; the fee's own transaction is never
sent twice, but a second place may be taken.
"""

import zlib
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from fraction.app.ports import Records
from fraction.base import Conflict, NotFound, Rejected, digest_of
from fraction_sdk.wire import Message

M = TypeVar("M", bound=Message)

MAX_KEY_CHARACTERS = 100
_KIND = "idempotency"
_LOCKS = 64


class Once:
    """Does things once for each key; safe to use from many threads of one process."""

    def __init__(self, records: Records) -> None:
        """Keep answers in `records`."""
        self._records = records
        self._locks = [Lock() for _ in range(_LOCKS)]

    def __call__(self, who: str, key: str, request: Message, answer: type[M], do: Callable[[], M]) -> M:
        """Return what `do` returns, or what it returned when `who` first sent `key`; without a key just do it.

        Raises:
            Rejected: the key is too long or not printable.
            Conflict: the key was used for another request.
        """
        if not key:
            return do()
        if len(key) > MAX_KEY_CHARACTERS or not key.isprintable():
            raise Rejected(f"An Idempotency-Key has at most {MAX_KEY_CHARACTERS} printable characters.")
        name = digest_of([who, key])
        asked = digest_of([type(request).__name__, request.model_dump_json()])
        with self._locks[zlib.crc32(name.encode()) % _LOCKS]:
            try:
                kept = self._records.get(_KIND, name)
            except NotFound:
                done = do()
                self._records.keep(_KIND, name, {"request": asked, "answer": done.model_dump_json()})
                return done
        if kept["request"] != asked:
            raise Conflict("That Idempotency-Key was used for another request; take a new key for a new request.")
        return answer.model_validate_json(str(kept["answer"]))
