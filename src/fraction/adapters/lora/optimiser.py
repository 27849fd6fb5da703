"""AdamW on one adapter's row of numbers, in plain products and sums: each job is clipped and moved by itself.

A row fits into a core's cache, which a stack of them does not.

Source: Loshchilov & Hutter 2019, arXiv:1711.05101 (algorithm 2, without decay); Pascanu et al. 2013,
arXiv:1211.5063 (clipping by norm).
"""

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
def move(state: Moving, values: Tensor, gradient: Tensor, means: Tensor, squares: Tensor) -> None:
    """Move one job's row by its gradient, which is used up.

    Args:
        state: its recipe and its count of steps
        values: float (length,)
        gradient: float (length,)
        means: float (length,): running mean of the gradients
        squares: float (length,): running mean of their squares
    """
    count = state.step + 1
    gradient.mul_(_clip_factor(gradient))
    means.mul_(BETA_1).add_(gradient * (1 - BETA_1))
    squares.mul_(BETA_2).add_(gradient.mul_(gradient).mul_(1 - BETA_2))
    spread = (squares * (1 / (1 - BETA_2**count))).sqrt_().add_(EPSILON)
    moves = means * (rate_at(state.recipe, state.step) / (1 - BETA_1**count))
    values.sub_(moves.div_(spread))


def rate_at(recipe: Recipe, step: int) -> float:
    """Return the step size after `step` steps: it grows linearly to the full one over the warm-up."""
    return recipe.learning_rate_ppm / 1e6 * min(1.0, (step + 1) / (recipe.warmup_steps + 1))


def _clip_factor(gradient: Tensor) -> float:
    """Return what a job's gradient is multiplied by."""
    norm = float(gradient.double().square_().sum().sqrt())
    return MAX_NORM / max(norm, MAX_NORM)
