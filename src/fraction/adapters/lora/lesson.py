"""What one training job reads, as tensors: examples tokenised and padded, in an order that only its recipe decides.

    tokens   int64 (examples, length)   prompt, reply, end; then padding
    labels   int64 (examples, length)   the reply and its end where they are; elsewhere IGNORED

In preference training the replies that lost are such rows too. All batches of a job have the same shape, so a row's
gradient does not depend on what shares its batch.
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
class Losers:
    """The replies that lost, row by row beside those that won; for preference training."""

    tokens: Tensor
    """int64 (examples, length)"""
    labels: Tensor
    """int64 (examples, length)"""
    beta: float
    """How closely the adapter is held to the base."""
    references: Tensor | None = None
    """float (2, examples): the logarithm of the probability of winner and loser by the bare base."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """The rows of one job, and which of them each step reads."""

    tokens: Tensor
    """int64 (examples, length)"""
    labels: Tensor
    """int64 (examples, length)"""
    order: tuple[tuple[int, ...], ...]
    """For each step the examples of its batch."""
    losers: Losers | None = None

    @property
    def length(self) -> int:
        """Tokens a row, padding included: a multiple of 32 that holds the job's longest example."""
        return self.tokens.shape[1]

    @property
    def rows(self) -> int:
        """Rows a step."""
        return len(self.order[0]) * (1 if self.losers is None else 2)

    def tokens_of(self, batch: Sequence[int]) -> Tensor:
        """Return int64 (rows, length): all winners, then all losers."""
        chosen = self.tokens[list(batch)]
        return chosen if self.losers is None else torch.cat([chosen, self.losers.tokens[list(batch)]])

    def labels_of(self, batch: Sequence[int]) -> Tensor:
        """Return int64 (rows, length), as `tokens_of`."""
        chosen = self.labels[list(batch)]
        return chosen if self.losers is None else torch.cat([chosen, self.losers.labels[list(batch)]])

    def references_of(self, batch: Sequence[int]) -> Tensor:
        """Return float (2, pairs): of winners and of losers."""
        assert self.losers is not None  # noqa: S101 - preference training has them
        assert self.losers.references is not None  # noqa: S101 - added before the first step
        return self.losers.references[:, list(batch)]


def read_lesson(chat: ChatFormat, examples: Sequence[Example], recipe: Recipe) -> Lesson:
    """Return the job's rows; preference training still lacks its references.

    Raises:
        Rejected: no example is short enough for the recipe, or none has a loser where the recipe needs one.
    """
    paired = recipe.method is Method.PREFERENCE
    if paired and not any(example.loser for example in examples):
        raise Rejected("No example has a reply that lost to it; preference training needs both, so use another recipe.")
    found = [_sides(chat, example, paired) for example in examples if example.loser or not paired]
    fitting = [sides for sides in found if all(len(row.tokens) <= recipe.max_tokens for row in sides)]
    if not fitting:
        raise Rejected(
            f"None of the {len(examples)} examples fits into {recipe.max_tokens} tokens; "
            "play more Sessions, or raise the recipe's max_tokens."
        )
    longest = max(len(row.tokens) for sides in fitting for row in sides)
    length, pad = -(-longest // PAD_TO) * PAD_TO, min(chat.ends, default=0)
    tokens, labels = _stacked([sides[0] for sides in fitting], length, pad)
    losers = None
    if paired:
        losers = Losers(*_stacked([sides[1] for sides in fitting], length, pad), recipe.beta_percent / 100)
    return Lesson(tokens, labels, _order(len(fitting), recipe), losers)


def with_references(lesson: Lesson, logprobs: Callable[[Tensor, Tensor], Tensor]) -> Lesson:
    """Return the lesson with what `logprobs(tokens, labels)` gives each row: float (rows,) for int64 (rows, length).

    It is asked for as many rows at a time as a step of the job has, so the answer is the job's alone.
    """
    assert lesson.losers is not None  # noqa: S101 - preference training has them
    every = range(len(lesson.tokens))
    tokens, labels = lesson.tokens_of(every), lesson.labels_of(every)  # (2 * examples, length)
    count = len(tokens)
    places = [[at % count for at in range(begin, begin + lesson.rows)] for begin in range(0, count, lesson.rows)]
    found = torch.cat([logprobs(tokens[part], labels[part]).cpu() for part in places])[:count]
    return replace(lesson, losers=replace(lesson.losers, references=found.view(2, -1)))


@dataclass(frozen=True, slots=True)
class _Row:
    tokens: list[int]
    labels: list[int]


def _stacked(rows: Sequence[_Row], length: int, pad: int) -> tuple[Tensor, Tensor]:
    tokens = [row.tokens + [pad] * (length - len(row.tokens)) for row in rows]
    labels = [row.labels + [IGNORED] * (length - len(row.labels)) for row in rows]
    return torch.tensor(tokens), torch.tensor(labels)


def _sides(chat: ChatFormat, example: Example, paired: bool) -> list[_Row]:
    replies = [example.reply]
    if paired and example.loser is not None:
        replies.append(example.loser.reply)
    return [_row(chat, example, reply) for reply in replies]


def _row(chat: ChatFormat, example: Example, reply: str) -> _Row:
    messages = [Message("user", example.prompt)]
    if example.system:
        messages.insert(0, Message("system", example.system))
    prompt = chat.prompt_tokens(messages)
    answer = chat.reply_tokens(messages, reply)
    return _Row(prompt + answer, [IGNORED] * len(prompt) + answer)


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
