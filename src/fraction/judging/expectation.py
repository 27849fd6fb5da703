"""The expected level of a judge's answer: finer than the digit it wrote, and harder to push over an edge.

A judge answers `{"reason": "...", "score": 7}`. The digit is one token, so the probabilities of the ten digits at
that place give the mean level that the model had in mind.

Source: Liu et al. 2023, arXiv:2303.16634 (G-Eval), section 2, "Scoring Function".
"""

import math
import re
from collections.abc import Sequence
from typing import Protocol

_SCORE = re.compile(r'"score"\s*:\s*"?([0-9])')
MIN_MASS = 0.5
"""Digits with less probability than this together say nothing: the model meant to write something else."""


class Option(Protocol):
    """A token that could have come, with the natural logarithm of its probability."""

    @property
    def text(self) -> str:
        """The token as text."""
        ...

    @property
    def logprob(self) -> float:
        """The natural logarithm of its probability."""
        ...


class Token(Option, Protocol):
    """The token that came, with the likeliest alternatives."""

    @property
    def top(self) -> Sequence[Option]:
        """The likeliest tokens at this place."""
        ...


class Answer(Protocol):
    """A reply, with its tokens if the server tells them."""

    @property
    def tokens(self) -> Sequence[Token] | None:
        """The reply's tokens in order; None if unknown."""
        ...


def expected_level(reply: Answer) -> int | None:
    """Return the expected level in thousandths, 0..9000; None if the reply does not tell.

    The reply tells if it has log-probabilities, the score's digit is a token of its own (perhaps after a
    space), and the ten digits have at least half of the probability there.
    """
    token = _score_token(reply.tokens or ())
    if token is None:
        return None
    weights = _digit_weights(token)
    mass = sum(weights.values())
    if mass < MIN_MASS:
        return None
    return round(1_000 * sum(level * weight for level, weight in weights.items()) / mass)


def _score_token(tokens: Sequence[Token]) -> Token | None:
    """Return the token that is the digit after the last `"score":`."""
    text = "".join(token.text for token in tokens)
    matches = list(_SCORE.finditer(text))
    if not matches:
        return None
    place, start = matches[-1].start(1), 0
    for token in tokens:
        if start <= place < start + len(token.text):
            return token if _level(token.text) is not None else None
        start += len(token.text)
    return None


def _digit_weights(token: Token) -> dict[int, float]:
    """Return the probability of each level at the token's place; the chosen token always counts."""
    weights: dict[int, float] = {}
    seen: set[str] = set()
    for option in (token, *token.top):
        level = _level(option.text)
        if level is not None and option.text not in seen:
            seen.add(option.text)
            weights[level] = weights.get(level, 0.0) + math.exp(min(0.0, option.logprob))
    return weights


def _level(text: str) -> int | None:
    stripped = text.strip(' "')
    return int(stripped) if len(stripped) == 1 and stripped in "0123456789" else None
