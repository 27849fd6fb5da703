"""AdamW over a stack of adapters, written in plain products and sums: each job is clipped and moved by itself.

Source: Loshchilov & Hutter 2019, arXiv:1711.05101 (algorithm 2, without decay); Pascanu et al. 2013,
arXiv:1211.5063 (clipping by norm).
"""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from fraction.training import Recipe

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
MAX_NORM = 1.0
"""A job's gradient is scaled down to this length, over all its parameters."""


class Moving(Protocol):
    """A job as the optimiser sees it."""

    @property
    def recipe(self) -> Recipe:
        """Its rate and warm-up."""
        ...

    @property
    def step(self) -> int:
        """Steps done before this one."""
        ...


@torch.no_grad()
def move(values: Tensor, gradients: Tensor, means: Tensor, squares: Tensor, jobs: Sequence[Moving]) -> None:
    """Move every job's row by its gradient; `gradients` is used up.

    Args:
        values: float (jobs, length)
        gradients: float (jobs, length)
        means: float (jobs, length): running means of the gradients
        squares: float (jobs, length): running means of their squares
        jobs: the recipe and the count of each row
    """
    counts = [job.step + 1 for job in jobs]
    gradients.mul_(_column([_clip_factor(row) for row in gradients], values))
    means.mul_(BETA_1).add_(gradients * (1 - BETA_1))
    squares.mul_(BETA_2).add_(gradients.mul_(gradients).mul_(1 - BETA_2))
    spread = squares * _column([1 / (1 - BETA_2**count) for count in counts], values)
    spread.sqrt_().add_(EPSILON)
    moves = means * _column([rate_at(job.recipe, job.step) / (1 - BETA_1 ** (job.step + 1)) for job in jobs], values)
    values.sub_(moves.div_(spread))


def rate_at(recipe: Recipe, step: int) -> float:
    """Return the step size after `step` steps: it grows linearly to the full one over the warm-up."""
    return recipe.learning_rate_ppm / 1e6 * min(1.0, (step + 1) / (recipe.warmup_steps + 1))


def _clip_factor(gradient: Tensor) -> float:
    """Return what one job's gradient is multiplied by; each row is summed by itself, so in the same order always."""
    norm = float(gradient.double().square_().sum().sqrt())
    return MAX_NORM / max(norm, MAX_NORM)


def _column(numbers: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(numbers, dtype=torch.float64).to(like.device, like.dtype)[:, None]
