"""Which sentences of an entry talk to the judge instead of doing the task.

A judge never reads those sentences: what is said to the judge earns nothing, and the player is shown what was left
out. The rules are published, so an attacker may write around them; what then still gets through is measured
(`bench/injection.py`) and bounded by the second stage of judging, which does not see the text at all.

A sentence is suspicious if its weights reach `THRESHOLD`. Words of the task do not count, so that an entry about
credit scores may speak of scores.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fraction.judging.canonical import canonical
from fraction.judging.cues import CUES

THRESHOLD = 2
"""Weight from which a sentence is left out."""

_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?]+(?=\s|$)|\n|$|[.!?])", re.DOTALL)
_DECORATION = re.compile(r"(?:#\w+|[^\w\s\"'(\[{<]|\s)*")
"""Hashtags and emoji with which a sentence may begin; they stay."""
_REMARK = re.compile(r"#[^\n]*|\"{3}.*?\"{3}|'{3}.*?'{3}|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)
"""A comment or a string of a program."""
_FRAGMENT_WORDS = 3
"""Sentences of so few words are weighed together with their neighbours."""
_WORD = re.compile(r"[^\W_]+")
_LEET = str.maketrans("013457@$", "oieastas")
_SPACED = re.compile(r"(?:\b\w[ .\-_*]){3,}\w\b")
_BLOB = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
_MIN_READABLE = 8

_COMPILED = tuple((weight, re.compile(pattern, re.IGNORECASE)) for weight, pattern in CUES)


@dataclass(frozen=True, slots=True)
class Cleared:
    """An entry without what talks to the judge."""

    text: str
    """What the judge reads."""
    left_out: tuple[str, ...]
    """Sentences that talk to the judge, as they stood."""


def clear(text: str, task: str) -> Cleared:
    """Return the entry, canonical, without the sentences that talk to the judge.

    Args:
        text: the entrant's text
        task: the prompt that the entrant was given; its words are not held against the entry
    """
    allowed = frozenset(word.lower() for word in _WORD.findall(task))
    kept: list[str] = []
    left_out: list[str] = []
    for sentence in _sentences(canonical(text)):
        if _weight(sentence, allowed) < THRESHOLD:
            kept.append(sentence)
            continue
        decoration = _DECORATION.match(sentence)
        length = len(decoration[0]) if decoration else 0
        kept.append(sentence[:length])
        left_out.append(sentence[length:].strip())
    return Cleared("".join(kept).strip(), tuple(part for part in left_out if part))


def clear_code(text: str, task: str) -> Cleared:
    """Return a program, canonical, without the comments and strings that talk to the judge.

    Names and numbers of the program itself are never held against it: `score = 9` is a statement, not a plea.
    """
    allowed = frozenset(word.lower() for word in _WORD.findall(task))
    left_out: list[str] = []

    def checked(match: re.Match[str]) -> str:
        if _weight(match[0], allowed) < THRESHOLD:
            return match[0]
        left_out.append(match[0].strip())
        return "" if match[0].startswith("#") else '""'

    kept = _REMARK.sub(checked, canonical(text))
    return Cleared(kept.strip(), tuple(left_out))


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences in order; neighbours of a few words each come as one, so that cutting up hides nothing."""
    fragments = ""
    for match in _SENTENCE.finditer(text):
        if len(_WORD.findall(match[0])) <= _FRAGMENT_WORDS:
            fragments += match[0]
            continue
        yield from _some(fragments)
        fragments = ""
        yield match[0]
    yield from _some(fragments)


def _some(text: str) -> Iterator[str]:
    if text:
        yield text


def _weight(sentence: str, allowed: frozenset[str]) -> int:
    """Return how much of the sentence talks to the judge, in any of the disguises that are tried."""
    return max(_plain_weight(form, allowed) for form in _forms(sentence))


def _plain_weight(sentence: str, allowed: frozenset[str]) -> int:
    total = 0
    for weight, pattern in _COMPILED:
        match = pattern.search(sentence)
        if match and not allowed.issuperset(word.lower() for word in _WORD.findall(match[0])):
            total += weight
    return total


def _forms(sentence: str) -> Iterator[str]:
    """Yield the sentence as it stands, and with each of the usual disguises taken off."""
    yield sentence
    yield _SPACED.sub(lambda match: re.sub(r"[ .\-_*]", "", match[0]), sentence)
    yield sentence.translate(_LEET)
    yield sentence[::-1]
    yield codecs.encode(sentence, "rot13")
    for blob in _BLOB.findall(sentence):
        yield from _decoded(blob)


def _decoded(blob: str) -> Iterator[str]:
    """Yield the readable texts that a long run of letters and digits may stand for."""
    padded = blob.rstrip("=") + "=" * (-len(blob.rstrip("=")) % 4)
    attempts = (lambda: base64.b64decode(padded, validate=True), lambda: bytes.fromhex(blob))
    for attempt in attempts:
        try:
            text = attempt().decode("utf-8")
        except (ValueError, binascii.Error):
            continue
        if len(text) >= _MIN_READABLE and text.isprintable():
            yield text
