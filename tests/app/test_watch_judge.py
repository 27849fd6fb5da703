"""Planted entries tell a reader from a judge by length, a coin and a silent one."""

import json
import re
from collections.abc import Callable
from itertools import count

import pytest

from fraction.adapters.memory import FunctionModel
from fraction.app.evaluate_judge import KnownEntry
from fraction.app.generation import ChatRequest
from fraction.app.judge_session import Judge
from fraction.app.watch_judge import Watched, watch_judge
from fraction.base import Address, Rejected
from fraction.judging.bias import correction_of, slope
from fraction.judging.record import card_of
from fraction.judging.weight import FLOOR, weight_of
from fraction.wiring.judging import known_entries
from tests.app.small_world import CountedTests

TWEETS, KNOWN = known_entries("writing-tweets")
TICKS = count()


def watched(answer: Callable[[str, str], int | None], entries: int = 60) -> Watched:
    """Return what comes of a judge that answers (task, entry) with a level, or with nothing readable."""

    def reply(request: ChatRequest) -> str:
        user = request.messages[-1].content
        entry = re.search(r"<<<\n(.*)\n>>>", user, re.DOTALL)
        task = re.search(r"Task: (.*)\n", user)
        assert entry is not None
        assert task is not None
        level = answer(task[1], entry[1])
        return "no idea" if level is None else json.dumps({"reason": "so it is", "score": level})

    judge = Judge(Address("0x" + "0" * 40), FunctionModel(reply), "base", CountedTests(), 0, "watched")
    return watch_judge(judge, TWEETS, KNOWN[:entries], lambda: float(next(TICKS)), "seed")


def reader(task: str, entry: str) -> int:
    """Look whether the entry keeps to its task's words and says nothing twice."""
    words = set(re.findall(r"[a-z]{5,}", task.lower())) & set(re.findall(r"[a-z]{5,}", entry.lower()))
    sentences = [s.strip() for s in re.split(r"[.!?\n]", entry) if s.strip()]
    return max(0, min(9, 3 * len(words) - 4 * (len(sentences) - len(set(sentences)))))


def test_a_reader_earns_weight() -> None:
    record = watched(reader).record
    card = card_of(record)
    assert card.accuracy.low > 0.6
    assert weight_of(record) > 2 * FLOOR
    assert card.inconsistency is not None
    assert card.inconsistency.value == 0
    assert card.presence.value == 1
    assert card.milliseconds is not None


def test_a_judge_by_length_earns_less_and_its_bias_is_found() -> None:
    found = watched(lambda task, entry: min(9, len(entry) // 20))
    assert weight_of(found.record) < weight_of(watched(reader).record)
    bias = card_of(found.record).length_bias
    assert bias is not None
    assert bias.low > 0
    correction = correction_of(found.padded, found.spread, [entry.reply for entry in KNOWN])
    assert correction.per_character > 0
    assert correction.per_line == 0
    rate = slope(found.padded)
    assert rate is not None
    assert rate.low <= 10_000 / 9 / 20 <= rate.high + 10


def test_who_gives_everybody_the_middle_knows_no_gold() -> None:
    record = watched(lambda task, entry: 5).record
    assert abs(2 * record.gold_right - record.gold_asked) <= 4  # what is over the limit has nothing, by rule
    assert weight_of(record) <= FLOOR


def test_a_judge_without_verdicts_is_absent() -> None:
    record = watched(lambda task, entry: None, 12).record
    assert record.answered == 0
    assert record.drawn > 12
    assert weight_of(record) < FLOOR // 10


def test_bad_entries_make_no_gold() -> None:
    poor = KnownEntry("Topic: tea.", "No.", {"relevance": 0, "engagement": 0, "craft": 0})
    judge = Judge(Address("0x" + "0" * 40), FunctionModel(lambda request: ""), "base", CountedTests(), 0, "watched")
    with pytest.raises(Rejected, match="more entries"):
        watch_judge(judge, TWEETS, [poor] * 5, lambda: 0.0, "seed")
