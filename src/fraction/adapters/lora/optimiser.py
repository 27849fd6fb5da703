"""AdamW over stacked adapters, written in plain products and sums: each job is clipped and moved by itself.

Source: Loshchilov & Hutter 2019, arXiv:1711.05101 (algorithm 2, without decay); Pascanu et al. 2013,
arXiv:1211.5063 (clipping by norm).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
MAX_NORM = 1.0
"""A job's gradient is scaled down to this length, over all its parameters."""


class Optimiser:
    """The state of AdamW for parameters float (jobs, ...)."""

    def __init__(self, parameters: Sequence[nn.Parameter], rate: float, warmup_steps: int) -> None:
        """Begin; the step size grows linearly to `rate` over `warmup_steps` steps."""
        self._parameters, self._rate, self._warmup, self._count = list(parameters), rate, warmup_steps, 0
        self._means = [torch.zeros_like(p) for p in parameters]
        self._squares = [torch.zeros_like(p) for p in parameters]

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter by its gradient, and drop the gradients."""
        self._count += 1
        rate = self._rate * min(1.0, self._count / (self._warmup + 1))
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in self._parameters]
        factors = _clip_factors(gradients)  # (jobs,)
        for place, parameter in enumerate(self._parameters):
            gradient = gradients[place] * factors[:, None, None]
            mean = self._means[place] * BETA_1 + gradient * (1 - BETA_1)
            square = self._squares[place] * BETA_2 + gradient * gradient * (1 - BETA_2)
            self._means[place], self._squares[place] = mean, square
            unbiased = mean / (1 - BETA_1**self._count)
            spread = (square / (1 - BETA_2**self._count)).sqrt() + EPSILON
            parameter.copy_(parameter - rate * (unbiased / spread))
            parameter.grad = None


def _clip_factors(gradients: Sequence[Tensor]) -> Tensor:
    """Return float (jobs,): what each job's gradients are multiplied by."""
    squares = torch.stack([g.double().square().sum(dim=(1, 2)) for g in gradients])  # (parameters, jobs)
    norms = squares.sum(dim=0).sqrt()
    return (MAX_NORM / norms.clamp_min(MAX_NORM)).to(gradients[0].dtype)
