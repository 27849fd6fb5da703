"""Idempotency keys: one effect, one answer, whatever is repeated and by how many at once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from fraction.adapters.memory import MemoryRecords
from fraction.base import Conflict, Rejected
from fraction.faces.web.once import Once
from fraction_sdk.wire import QueueRequest, QueueView

ASKED = QueueRequest(agent="a", space="s", tier="t")


def test_many_at_once_get_the_one_answer() -> None:
    once, made = Once(MemoryRecords()), count(1)

    def ask(_place: int) -> str:
        return once("me", "k", ASKED, QueueView, lambda: QueueView(session=f"1-{next(made)}")).session

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(24))) == {"1-1"}


def test_the_key_of_one_request_serves_no_other_and_nobody_else() -> None:
    once, made = Once(MemoryRecords()), count(1)

    def enter() -> QueueView:
        return QueueView(session=f"1-{next(made)}")

    assert once("me", "k", ASKED, QueueView, enter).session == "1-1"
    assert once("you", "k", ASKED, QueueView, enter).session == "1-2"
    assert once("me", "", ASKED, QueueView, enter).session == "1-3"
    with pytest.raises(Conflict, match="another request"):
        once("me", "k", QueueRequest(agent="b", space="s", tier="t"), QueueView, enter)
    with pytest.raises(Rejected, match="100 printable"):
        once("me", "x" * 101, ASKED, QueueView, enter)


def test_a_refusal_is_not_kept() -> None:
    once = Once(MemoryRecords())

    def refuse() -> QueueView:
        raise Rejected("The owner has no money.")

    with pytest.raises(Rejected, match="no money"):
        once("me", "k", ASKED, QueueView, refuse)
    assert once("me", "k", ASKED, QueueView, lambda: QueueView(session="1-1")).session == "1-1"
