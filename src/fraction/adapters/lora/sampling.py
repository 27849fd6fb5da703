"""The next token of each row, from its logits and its own seed; no generator is shared, so no row disturbs another."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

HEAD = 256
"""Candidates looked at first; the whole vocabulary is sorted only if they do not hold enough probability."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How one row's tokens are chosen."""

    temperature_percent: int
    top_p_percent: int
    seed: int


def uniform(seed: int, step: int) -> float:
    """Return the row's random number in [0, 1) for its token number `step`: the first 53 bits of a SHA-256."""
    block = hashlib.sha256(f"fraction/sample/{seed}/{step}".encode()).digest()
    return (int.from_bytes(block[:8], "big") >> 11) / (1 << 53)


@dataclass(frozen=True, slots=True)
class Choice:
    """What decides one row's next token, beside its logits."""

    sampling: Sampling
    step: int
    """Number of the token in its reply, from 0."""
    allowed: Tensor | None = None
    """bool (vocabulary,), or None if every token may come."""


def choose(logits: Tensor, choices: Sequence[Choice]) -> list[int]:
    """Return the token that comes next in each row; no row's token depends on the others.

    A row's probabilities are laid end to end, the likeliest first, up to its top-p, and `uniform` times their sum falls
    into one of them. A temperature of zero takes the likeliest.

    Args:
        logits: float (rows, vocabulary)
        choices: one for each row

    Source: Holtzman et al. 2020, arXiv:1904.09751, section 3.1 (top-p).
    """
    scores = logits.to(torch.double, copy=True)
    for row, choice in enumerate(choices):
        if choice.allowed is not None:
            scores[row].masked_fill_(~choice.allowed, float("-inf"))
    warm = [row for row, choice in enumerate(choices) if choice.sampling.temperature_percent]
    tokens = scores.argmax(dim=1).tolist() if len(warm) < len(choices) else [0] * len(choices)
    if warm:
        drawn = _draw(scores[warm], [choices[row] for row in warm])
        for row, token in zip(warm, drawn, strict=True):
            tokens[row] = token
    return tokens


def _draw(scores: Tensor, choices: Sequence[Choice]) -> list[int]:
    """Return a token for each row, float64 (rows, vocabulary); only rows that need it are sorted as a whole."""
    warmth = torch.tensor([[100 / choice.sampling.temperature_percent] for choice in choices], dtype=torch.double)
    probabilities = (scores * warmth).softmax(dim=1)
    kept, tokens = probabilities.topk(min(HEAD, probabilities.shape[1]))
    places = _places(kept, choices)
    drawn: list[int] = tokens.gather(1, places.clamp(max=kept.shape[1] - 1)[:, None])[:, 0].tolist()
    for row in (places == kept.shape[1]).nonzero()[:, 0].tolist():
        whole, order = probabilities[row].sort(descending=True, stable=True)
        place = min(int(_places(whole[None], [choices[row]])), int((whole > 0).sum()) - 1)
        drawn[row] = int(order[place])
    return drawn


def _places(kept: Tensor, choices: Sequence[Choice]) -> Tensor:
    """Return where each row's random number falls.

    Args:
        kept: float64 (rows, count), each row's likeliest probabilities, descending
        choices: one for each row

    Returns: int64 (rows,); `count` where it falls beyond them
    """
    sums, count = kept.cumsum(dim=1), kept.shape[1]
    chances = torch.tensor([[uniform(choice.sampling.seed, choice.step)] for choice in choices], dtype=torch.double)
    top_p = torch.tensor([[choice.sampling.top_p_percent / 100] for choice in choices], dtype=torch.double)
    ends = (sums < top_p).sum(dim=1, keepdim=True)  # (rows, 1): place of the last candidate
    masses = sums.gather(1, ends.clamp(max=count - 1)).where(ends < count, 1.0)
    places = torch.minimum((sums <= chances * masses).sum(dim=1, keepdim=True), ends)
    return places.where((ends < count) | (top_p == 1), count)[:, 0]


def logprobs(logits: Tensor, token: int, count: int) -> tuple[float, list[tuple[int, float]]]:
    """Return the token's log-probability at temperature 1, and the `count` likeliest tokens with theirs."""
    scores = logits.double().log_softmax(dim=0)
    if not count:
        return float(scores[token]), []
    values, tokens = scores.topk(count)
    return float(scores[token]), list(zip(tokens.tolist(), values.tolist(), strict=True))
