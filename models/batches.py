"""Chats as token batches: sorted by length in pools, so that little is padding and no chat sees another."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerBase

from models.corpus.mix import Chat, chats

POOL = 512
"""Chats that are sorted together."""

PROMPT_PERCENT = 4
"""How many of 100 prompt tokens are learned as well, drawn anew for each chat."""


SHORT_ANSWER = 12
"""Tokens of an answer that counts as short: a move, a score, a number."""

SHORT_WEIGHT = 8.0
"""What a token of a short answer counts: one token decides such an answer, and would drown among those of long ones."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Tokens, and which of them are learned."""

    tokens: torch.Tensor
    """int64 (chats, length), padded on the right; causal attention never looks there."""
    where: torch.Tensor
    """int64 (learned,): positions in the flattened tokens[:, :-1] whose next token is learned."""
    target: torch.Tensor
    """int64 (learned,): those next tokens."""
    weight: torch.Tensor
    """float32 (learned,): what each of them counts."""


def encode(tokenizer: PreTrainedTokenizerBase, chat: Chat) -> tuple[list[int], int]:
    """Return the tokens of `chat` and where the last message's text begins."""
    text = tokenizer.apply_chat_template([{"role": m.role, "content": m.content} for m in chat[:-1]], tokenize=False)
    start = tokenizer.encode(text + "<|assistant|>", add_special_tokens=False)
    return start + tokenizer.encode(chat[-1].content + "<|end|>", add_special_tokens=False), len(start)


def batches(tokenizer: PreTrainedTokenizerBase, seed: str, size: int, shares: dict[str, int]) -> Iterator[Batch]:
    """Yield batches of about `size` tokens for ever."""
    stream, chance = chats(seed, shares), random.Random(seed)
    while True:
        pool = sorted((encode(tokenizer, next(stream)) for _ in range(POOL)), key=lambda item: len(item[0]))
        groups: list[list[tuple[list[int], int]]] = [[]]
        for item in pool:
            if groups[-1] and (len(groups[-1]) + 1) * len(item[0]) > size:
                groups.append([])
            groups[-1].append(item)
        chance.shuffle(groups)
        yield from (_batch(group, chance) for group in groups)


def _batch(group: list[tuple[list[int], int]], chance: random.Random) -> Batch:
    length = -(-max(len(tokens) for tokens, _ in group) // 8) * 8
    rows = torch.zeros(len(group), length, dtype=torch.int64)
    where: list[int] = []
    weight: list[float] = []
    for row, (tokens, start) in enumerate(group):
        rows[row, : len(tokens)] = torch.tensor(tokens)
        learned = [i for i in range(len(tokens) - 1) if i + 1 >= start or chance.random() * 100 < PROMPT_PERCENT]
        where += [row * (length - 1) + i for i in learned]
        short = len(tokens) - start <= SHORT_ANSWER
        weight += [SHORT_WEIGHT if short and i + 1 >= start else 1.0 for i in learned]
    index = torch.tensor(where)
    return Batch(rows, index, rows[:, 1:].reshape(-1)[index], torch.tensor(weight))
