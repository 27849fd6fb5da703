"""The next token of a row, from its logits and its own seed; no generator is shared, so no row disturbs another."""

import hashlib
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


def choose(logits: Tensor, sampling: Sampling, step: int, allowed: Tensor | None = None) -> int:
    """Return the token that comes next.

    Args:
        logits: float (vocabulary,)
        sampling: temperature, top-p and seed
        step: number of the token in its reply, from 0
        allowed: bool (vocabulary,), or None if every token may come

    Source: Holtzman et al. 2020, arXiv:1904.09751, section 3.1 (top-p).
    """
    scores = logits.double()
    if allowed is not None:
        scores = scores.masked_fill(~allowed, float("-inf"))
    if sampling.temperature_percent == 0:
        return int(scores.argmax())
    probabilities = (scores * (100 / sampling.temperature_percent)).softmax(dim=0)
    top_p = sampling.top_p_percent / 100
    kept, tokens = probabilities.topk(min(HEAD, len(probabilities)))
    if float(kept.sum()) < top_p:
        kept, tokens = probabilities.sort(descending=True, stable=True)
    sums = kept.cumsum(0)
    if top_p < 1:
        count = int((sums < top_p).sum()) + 1
        sums = sums[:count]
    place = int(torch.searchsorted(sums, uniform(sampling.seed, step) * float(sums[-1]), right=True))
    return int(tokens[min(place, len(sums) - 1)])


def logprobs(logits: Tensor, token: int, count: int) -> tuple[float, list[tuple[int, float]]]:
    """Return the token's log-probability at temperature 1, and the `count` likeliest tokens with theirs."""
    scores = logits.double().log_softmax(dim=0)
    if not count:
        return float(scores[token]), []
    values, tokens = scores.topk(count)
    return float(scores[token]), list(zip(tokens.tolist(), values.tolist(), strict=True))
