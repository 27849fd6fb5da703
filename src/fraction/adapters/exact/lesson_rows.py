"""What a training reads, as tensors; the tokenizer's side of it is not ours."""

from typing import Protocol

import torch
from torch import Tensor


class Lesson(Protocol):
    """What one job reads."""

    @property
    def tokens(self) -> Tensor:
        """int64 (examples, length), padded."""
        ...

    @property
    def labels(self) -> Tensor:
        """int64 (examples, length): each token itself where it is learnt, below 0 elsewhere."""
        ...

    @property
    def order(self) -> tuple[tuple[int, ...], ...]:
        """For each step the examples of its batch."""
        ...


def step_rows(lesson: Lesson, batch: list[int]) -> tuple[Tensor, Tensor]:
    """Return tokens and what follows each, int64 (batch, length)."""
    tokens, labels = lesson.tokens[batch], lesson.labels[batch]
    following = torch.full_like(labels, -1)
    following[:, :-1] = torch.where(labels[:, 1:] >= 0, labels[:, 1:], -1)
    return tokens, following
