"""Planted entries keep the words of real ones, and carry no mark of their own."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Dice
from fraction.judging.planted import (
    Entry,
    format_pairs,
    gold_pairs,
    length_pairs,
    padded,
    repeat_pairs,
    retold,
    stammer,
)

SENTENCES = ("Tea calms.", "We all like a cup of tea.", "Will you try some today?", "Join us at the corner shop!")
REPLIES = st.tuples(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4),
    st.lists(st.sampled_from(["#tea", "#calm"]), max_size=3),
).map(lambda parts: " ".join([*parts[0], *parts[1]]))
SEEDS = st.integers(0, 999).map(str)


@given(REPLIES, SEEDS)
def test_a_stammer_says_one_sentence_of_the_entry_twice(reply: str, seed: str) -> None:
    more = Counter(stammer(reply, Dice(seed)).split()) - Counter(reply.split())
    assert all(word in reply.split() for word in more)
    assert not Counter(reply.split()) - Counter(stammer(reply, Dice(seed)).split())


@given(REPLIES, SEEDS)
def test_retelling_keeps_every_word(reply: str, seed: str) -> None:
    def words(text: str) -> list[str]:
        return sorted(word.strip(".") for word in text.split() if word.strip("."))

    assert words(retold(reply, Dice(seed))) == words(reply)


@given(REPLIES, SEEDS)
def test_padding_only_adds(reply: str, seed: str) -> None:
    assert not Counter(reply.split()) - Counter(padded(reply, Dice(seed)).split())
    assert len(padded(reply, Dice(seed))) > len(reply)


@given(st.lists(REPLIES, min_size=1, max_size=8))
def test_spreading_moves_no_word(replies: list[str]) -> None:
    pairs = format_pairs([Entry("task", reply) for reply in replies])
    assert all(pair.second.reply.split() == pair.first.reply.split() for pair in pairs)
    assert all("\n" in pair.second.reply for pair in pairs)


@given(st.lists(REPLIES, min_size=2, max_size=8), SEEDS)
def test_every_entry_makes_a_pair_of_each_kind(replies: list[str], seed: str) -> None:
    entries = [Entry(f"task {place}", reply) for place, reply in enumerate(replies)]
    gold = gold_pairs(entries, Dice(seed))
    assert [pair.first for pair in gold] == entries
    assert all(pair.first != pair.second for pair in gold)
    assert all(pair.second.reply == pair.first.reply for pair in gold if pair.kind == "elsewhere")
    for pairs in (repeat_pairs(entries, Dice(seed)), length_pairs(entries, Dice(seed))):
        assert [(p.first, p.second.task) for p in pairs] == [(e, e.task) for e in entries]
