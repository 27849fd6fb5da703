"""What a job's rows are to teach: the loss of each job, from the logits of all jobs' rows.

    supervised   mean over the reply's tokens of -log p(token)
    preference   mean over pairs of -log sigmoid(beta (gain of the winner - gain of the loser)), where a reply's
                 gain is the logarithm of its probability over that by the bare base

Source of the second: Rafailov et al. 2023, arXiv:2305.18290, equation 7 (DPO).
"""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from fraction.adapters.lora.lesson import IGNORED, Lesson

Batches: TypeAlias = Sequence[Sequence[int]]


class Objective(Protocol):
    """One kind of loss; jobs of one kind can share a batch."""

    def __call__(self, logits: Tensor, lessons: Sequence[Lesson], batches: Batches) -> Tensor:
        """Return float (jobs,) for float (rows, length - 1, vocabulary); rows are sorted by job."""
        ...


class Supervised(Objective):
    """Imitate the replies."""

    def __call__(self, logits: Tensor, lessons: Sequence[Lesson], batches: Batches) -> Tensor:
        """Return float (jobs,): each job's mean over its reply tokens."""
        labels = _labels(lessons, batches).to(logits.device)
        losses = _negative_logprobs(logits, labels).view(len(lessons), -1)
        counts = (labels.reshape(len(lessons), -1) != IGNORED).sum(dim=1).clamp_min(1)
        return losses.sum(dim=1) / counts


class Preference(Objective):
    """Make the winners likelier against the losers; `beta` holds the adapter near the base."""

    def __call__(self, logits: Tensor, lessons: Sequence[Lesson], batches: Batches) -> Tensor:
        """Return float (jobs,): each job's mean over its pairs; rows are all winners, then all losers, by job."""
        labels = _labels(lessons, batches).to(logits.device)
        logprobs = -_negative_logprobs(logits, labels).sum(dim=1).view(len(lessons), 2, -1)  # (jobs, 2, pairs)
        gains = logprobs - _references(lessons, batches).to(logits.device)
        betas = torch.tensor([lesson.losers.beta for lesson in lessons if lesson.losers], device=logits.device)[:, None]
        return -functional.logsigmoid(betas * (gains[:, 0] - gains[:, 1])).mean(dim=1)


def reply_logprobs(logits: Tensor, labels: Tensor) -> Tensor:
    """Return float (rows,): the logarithm of each reply's probability.

    Args:
        logits: float (rows, length - 1, vocabulary)
        labels: int64 (rows, length)
    """
    return -_negative_logprobs(logits, labels[:, 1:].to(logits.device)).sum(dim=1)


def _negative_logprobs(logits: Tensor, labels: Tensor) -> Tensor:
    """Return float (rows, length - 1); 0 where nothing is learnt."""
    flat = functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none", ignore_index=IGNORED)
    return flat.view(labels.shape)


def _labels(lessons: Sequence[Lesson], batches: Batches) -> Tensor:
    return torch.cat([lesson.labels_of(batch) for lesson, batch in zip(lessons, batches, strict=True)])[:, 1:]


def _references(lessons: Sequence[Lesson], batches: Batches) -> Tensor:
    """Return float (jobs, 2, pairs): what the bare base gives the batch's winners and losers."""
    return torch.stack([lesson.references_of(batch) for lesson, batch in zip(lessons, batches, strict=True)])
