"""Planted entries: gold pairs whose order is known by construction, repeats, and entries that are only longer.

Each is made of real entries by an edit that weak or wordy agents make themselves, so that it stands among others
without a mark; who planted it, and where, is told when the Session is over. Every edit keeps the Space's language,
length class and signs.

    elsewhere   the entry as an answer to another task: as well written, and off the task
    stammer     one sentence said twice
    retold      the same entry with its hashtags turned and its marks varied: no better and no worse
    padded      the same entry with a sentence that adds nothing
    spread      the same entry with its sentences on lines of their own
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Dice

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]+")
_WORD = re.compile(r"[^\W\d_]{4,}")
_TAGS = re.compile(r"(?:#\w+\s*){2,}$")
_PADS = (
    "That is how it is.",
    "There is more to say another time.",
    "It is what it is in the end.",
    "So much for now.",
    "We keep it at that.",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A task and a reply to it."""

    task: str
    reply: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries and what is known of them."""

    kind: str
    """`elsewhere` or `stammer`: the first is better. `retold`: equal. `padded`, `spread`: the second has more
    characters or lines, and is no better."""
    first: Entry
    second: Entry


def gold_pairs(entries: Sequence[Entry], dice: Dice) -> tuple[Pair, ...]:
    """Return a pair whose first entry is better for each of `entries`; stammering where there is a sentence for it.

    Args:
        entries: good answers to different tasks, at least two
        dice: decide what is taken from where
    """
    pairs: list[Pair] = []
    for place, entry in enumerate(entries):
        stammered = stammer(entry.reply, dice) if dice.chance(50) else entry.reply
        if stammered != entry.reply:
            pairs.append(Pair("stammer", entry, Entry(entry.task, stammered)))
            continue
        others = [other.task for at, other in enumerate(entries) if at != place]
        pairs.append(Pair("elsewhere", entry, Entry(_farthest(others, entry.reply, dice), entry.reply)))
    return tuple(pairs)


def _farthest(tasks: Sequence[str], reply: str, dice: Dice) -> str:
    """Return one of the quarter of tasks whose words the reply has least of."""
    said = set(_WORD.findall(reply.lower()))
    order = sorted(dice.shuffled(tasks), key=lambda task: len(said & set(_WORD.findall(task.lower()))))
    return dice.choice(order[: max(1, len(order) // 4)])


def repeat_pairs(entries: Sequence[Entry], dice: Dice) -> tuple[Pair, ...]:
    """Return each entry with itself retold."""
    return tuple(Pair("retold", entry, Entry(entry.task, retold(entry.reply, dice))) for entry in entries)


def length_pairs(entries: Sequence[Entry], dice: Dice) -> tuple[Pair, ...]:
    """Return each entry with itself padded."""
    return tuple(Pair("padded", entry, Entry(entry.task, padded(entry.reply, dice))) for entry in entries)


def format_pairs(entries: Sequence[Entry]) -> tuple[Pair, ...]:
    """Return each entry of several sentences with itself spread over lines."""
    pairs = [Pair("spread", entry, Entry(entry.task, spread(entry.reply))) for entry in entries]
    return tuple(pair for pair in pairs if pair.second != pair.first)


def stammer(reply: str, dice: Dice) -> str:
    """Return the reply with one of its sentences of four words or more said twice.

    Unchanged if it has none, or says one twice already.

    >>> stammer("We like tea. It keeps a whole day calm.", Dice("doc"))
    'We like tea. It keeps a whole day calm. It keeps a whole day calm.'
    """
    sentences = [match for match in _SENTENCE.finditer(reply) if len(match[0].split()) >= 4]
    if not sentences or len({match[0].strip() for match in sentences}) < len(sentences):
        return reply
    said = dice.choice(sentences)
    return f"{reply[: said.end()]} {said[0].strip()}{reply[said.end() :]}"


def retold(reply: str, dice: Dice) -> str:
    """Return the reply with hashtags at its end in another order, or a mark varied; the words stay as they are.

    >>> retold("Tea is calm. #tea #calm", Dice("doc"))
    'Tea is calm. #calm #tea'
    """
    tags = _TAGS.search(reply)
    if tags:
        words = tags[0].split()
        return reply[: tags.start()] + " ".join(words[1:] + words[:1])
    if reply.endswith(".") and "\n" not in reply:
        return reply[:-1] + dice.choice(("", " ."))
    return reply.replace(". ", ".  ", 1)


def padded(reply: str, dice: Dice) -> str:
    """Return the reply with a sentence in it that adds nothing, before the hashtags that it may end with."""
    tags = re.search(r"(?:\s*#\w+)+\s*$", reply)
    end = tags.start() if tags else len(reply)
    return f"{reply[:end].rstrip()} {dice.choice(_PADS)}{reply[end:]}"


def spread(reply: str) -> str:
    r"""Return the reply with a line for each sentence.

    >>> spread("Tea is calm. Is it not?")
    'Tea is calm.\nIs it not?'
    """
    return re.sub(r"(?<=[.!?]) +(?=\S)", "\n", reply)
