"""What one training job reads, as tensors: examples tokenised and padded, in an order that only its recipe decides.

    tokens   int64 (examples, sides, length)   prompt, reply, end; then padding
    labels   int64 (examples, sides, length)   the reply and its end where they are; elsewhere IGNORED

Side 0 is the reply to learn; in preference training side 1 is the one that lost to it. All batches of a job have
the same shape, so a row's gradient does not depend on what shares its batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from fraction.adapters.lora.prompts import ChatFormat
from fraction.base import Dice, Rejected
from fraction.training import Example, Method, Recipe
from fraction.transcripts import Message

IGNORED = -100
"""The label of a token that is not learnt."""
PAD_TO = 32


@dataclass(frozen=True, slots=True)
class Lesson:
    """The rows of one job, and which of them each step reads."""

    tokens: Tensor
    """int64 (examples, sides, length)"""
    labels: Tensor
    """int64 (examples, sides, length)"""
    order: tuple[tuple[int, ...], ...]
    """For each step the examples of its batch."""
    beta: float = 0.0
    """How closely preference training holds to the base."""
    references: Tensor | None = None
    """float (examples, 2): the logarithm of each reply's probability by the bare base; for preference training."""

    @property
    def length(self) -> int:
        """Tokens a row, padding included: a multiple of 32 that holds the job's longest example."""
        return self.tokens.shape[2]

    @property
    def rows(self) -> int:
        """Rows a step."""
        return self.tokens.shape[1] * len(self.order[0])

    def tokens_of(self, batch: Sequence[int]) -> Tensor:
        """Return int64 (rows, length): all winners, then all losers."""
        return self.tokens[list(batch)].transpose(0, 1).flatten(0, 1)

    def labels_of(self, batch: Sequence[int]) -> Tensor:
        """Return int64 (rows, length), as `tokens_of`."""
        return self.labels[list(batch)].transpose(0, 1).flatten(0, 1)

    def references_of(self, batch: Sequence[int]) -> Tensor:
        """Return float (2, pairs): of winners and of losers."""
        assert self.references is not None  # noqa: S101 - preference training has them
        return self.references[list(batch)].t()


def read_lesson(chat: ChatFormat, examples: Sequence[Example], recipe: Recipe) -> Lesson:
    """Return the job's rows; preference training still lacks its references.

    Raises:
        Rejected: no example is short enough for the recipe, or none has a loser where the recipe needs one.
    """
    paired = recipe.method is Method.PREFERENCE
    if paired and not any(example.loser for example in examples):
        raise Rejected("No example has a reply that lost to it; preference training needs both, so use another recipe.")
    sides = [_sides(chat, example, paired) for example in examples if example.loser or not paired]
    fitting = [rows for rows in sides if all(len(tokens) <= recipe.max_tokens for tokens, _ in rows)]
    if not fitting:
        raise Rejected(
            f"None of the {len(examples)} examples fits into {recipe.max_tokens} tokens; "
            "play more Sessions, or raise the recipe's max_tokens."
        )
    longest = max(len(tokens) for rows in fitting for tokens, _ in rows)
    length = -(-longest // PAD_TO) * PAD_TO
    pad = min(chat.ends, default=0)
    return Lesson(
        tokens=torch.tensor([[tokens + [pad] * (length - len(tokens)) for tokens, _ in rows] for rows in fitting]),
        labels=torch.tensor([[labels + [IGNORED] * (length - len(labels)) for _, labels in rows] for rows in fitting]),
        order=_order(len(fitting), recipe),
        beta=recipe.beta_percent / 100,
    )


def with_references(lesson: Lesson, logprobs: Callable[[Tensor, Tensor], Tensor]) -> Lesson:
    """Return the lesson with what `logprobs(tokens, labels)` gives each row: float (rows,) for int64 (rows, length).

    It is asked for as many rows at a time as a step of the job has, so the answer is the job's alone.
    """
    tokens, labels = lesson.tokens.flatten(0, 1), lesson.labels.flatten(0, 1)  # (examples * sides, length)
    count, rows = len(tokens), lesson.rows
    places = [[at % count for at in range(begin, begin + rows)] for begin in range(0, count, rows)]
    found = torch.cat([logprobs(tokens[part], labels[part]).cpu() for part in places])[:count]
    return replace(lesson, references=found.view(lesson.tokens.shape[:2]))


def _sides(chat: ChatFormat, example: Example, paired: bool) -> list[tuple[list[int], list[int]]]:
    replies = [example.reply]
    if paired and example.loser is not None:
        replies.append(example.loser.reply)
    return [_row(chat, example, reply) for reply in replies]


def _row(chat: ChatFormat, example: Example, reply: str) -> tuple[list[int], list[int]]:
    """Return tokens and labels of one reply."""
    messages = [Message("user", example.prompt)]
    if example.system:
        messages.insert(0, Message("system", example.system))
    prompt = chat.prompt_tokens(messages)
    answer = chat.reply_tokens(messages, reply)
    return prompt + answer, [IGNORED] * len(prompt) + answer


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
