"""What one training job reads, as tensors: examples tokenised and padded, in an order that only its recipe decides.

    tokens   int64 (batch, length)      prompt, reply, end; then padding
    labels   int64 (batch, length)      the reply and its end where they are; elsewhere IGNORED

All batches of a job have the same shape, so a row's gradient does not depend on what shares its batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fraction.adapters.lora.prompts import ChatFormat
from fraction.base import Dice, Rejected
from fraction.training import Example, Recipe
from fraction.transcripts import Message

IGNORED = -100
"""The label of a token that is not learnt."""
PAD_TO = 32


@dataclass(frozen=True, slots=True)
class Lesson:
    """The rows of one job, and which of them each step reads."""

    tokens: Tensor
    """int64 (examples, length)"""
    labels: Tensor
    """int64 (examples, length)"""
    order: tuple[tuple[int, ...], ...]
    """For each step the examples of its batch."""

    @property
    def length(self) -> int:
        """Tokens a row, padding included: a multiple of 32 that holds the job's longest example."""
        return self.tokens.shape[1]


def read_lesson(chat: ChatFormat, examples: Sequence[Example], recipe: Recipe) -> Lesson:
    """Return the job's rows.

    Raises:
        Rejected: no example is short enough for the recipe.
    """
    rows = [row for row in (_row(chat, example) for example in examples) if len(row[0]) <= recipe.max_tokens]
    if not rows:
        raise Rejected(
            f"None of the {len(examples)} examples fits into {recipe.max_tokens} tokens; "
            "play more Sessions, or raise the recipe's max_tokens."
        )
    length = min(-(-max(len(tokens) for tokens, _ in rows) // PAD_TO) * PAD_TO, _ceiling(recipe.max_tokens))
    pad = min(chat.ends, default=0)
    return Lesson(
        tokens=torch.tensor([tokens + [pad] * (length - len(tokens)) for tokens, _ in rows]),
        labels=torch.tensor([labels + [IGNORED] * (length - len(labels)) for _, labels in rows]),
        order=_order(len(rows), recipe),
    )


def _row(chat: ChatFormat, example: Example) -> tuple[list[int], list[int]]:
    """Return tokens and labels of one example."""
    messages = [Message("user", example.prompt)]
    if example.system:
        messages.insert(0, Message("system", example.system))
    prompt = chat.prompt_tokens(messages)
    reply = chat.reply_tokens(messages, example.reply)
    return prompt + reply, [IGNORED] * len(prompt) + reply


def _order(examples: int, recipe: Recipe) -> tuple[tuple[int, ...], ...]:
    """Return each step's examples: every one once an epoch, each epoch shuffled anew."""
    needed = recipe.steps * recipe.batch_size
    stream: list[int] = []
    epoch = 0
    while len(stream) < needed:
        stream += Dice(str(recipe.seed), "lesson", epoch).shuffled(range(examples))
        epoch += 1
    size = recipe.batch_size
    return tuple(tuple(stream[at : at + size]) for at in range(0, needed, size))


def _ceiling(tokens: int) -> int:
    return -(-tokens // PAD_TO) * PAD_TO
