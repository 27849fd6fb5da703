"""Clipping and Adam with every order fixed; a job is clipped by its own norm and moves its own parameters.

Source: Loshchilov & Hutter 2019, arXiv:1711.05101 (algorithm 2, without decay); Pascanu et al. 2013,
arXiv:1211.5063 (clipping by norm).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from fraction.adapters.exact.kernels import AdamRates, Kernels, single

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
MAX_NORM = 1.0


@dataclass(frozen=True, slots=True)
class Moments:
    """Adam's state of one parameter, float32 (jobs, ...) each."""

    mean: Tensor
    square: Tensor


@dataclass(frozen=True, slots=True)
class State:
    """All that a step starts from: with base, batch and recipe it decides the next one."""

    step: int
    """Steps done."""
    parameters: Mapping[str, Tensor]
    moments: Mapping[str, Moments]


def beginning(parameters: Mapping[str, Tensor]) -> State:
    """Return the state before the first step."""
    zeros = {name: Moments(torch.zeros_like(p), torch.zeros_like(p)) for name, p in parameters.items()}
    return State(0, dict(parameters), zeros)


def moved(state: State, gradients: Mapping[str, Tensor], rate_ppm: int, warmup: int, kernels: Kernels) -> State:
    """Return the state after a step along float32 (jobs, ...) gradients.

    Args:
        state: before
        gradients: by parameter
        rate_ppm: the full step size in millionths
        warmup: steps over which it grows to that
        kernels: what computes
    """
    return moved_by(state, gradients, adam_rates(state.step + 1, rate_ppm, warmup), kernels)


def moved_by(state: State, gradients: Mapping[str, Tensor], rates: AdamRates, kernels: Kernels) -> State:
    """Return the state after a step with these rates."""
    clip = clip_factors(gradients, kernels)
    parameters: dict[str, Tensor] = {}
    moments: dict[str, Moments] = {}
    for name in sorted(state.parameters):
        old, own = state.parameters[name], state.moments[name]
        flat = [x.reshape(old.shape[0], -1) for x in (old, gradients[name], own.mean, own.square)]
        p, m, v = kernels.adam(flat[0], flat[1], flat[2], flat[3], clip, rates)
        parameters[name], moments[name] = p.view(old.shape), Moments(m.view(old.shape), v.view(old.shape))
    return State(state.step + 1, parameters, moments)


def clip_factors(gradients: Mapping[str, Tensor], kernels: Kernels) -> Tensor:
    """Return (jobs, 1): what a job's gradients are multiplied by; 1 unless they are longer than 1."""
    sums = [kernels.square_sums(gradients[name].flatten(1)) for name in sorted(gradients)]
    norm = kernels.do("sqrt", kernels.do("row_sum", kernels.do("join", *sums)))
    most = torch.full_like(norm, MAX_NORM)
    return kernels.do("divide", most, kernels.do("row_max", kernels.do("join", norm, most)))


def adam_rates(step: int, rate_ppm: int, warmup: int) -> AdamRates:
    """Return the numbers of a step, from 1: float64 operations in one order, each result rounded to float32 once."""
    first, second = 1.0, 1.0
    for _ in range(step):  # a power function would be a library's own
        first, second = first * BETA_1, second * BETA_2
    return AdamRates(
        rate=single(rate_ppm * min(step, warmup + 1) / (1_000_000 * (warmup + 1))),
        mean_kept=single(BETA_1),
        mean_taken=single(1 - BETA_1),
        square_kept=single(BETA_2),
        square_taken=single(1 - BETA_2),
        mean_unbiased=single(1 / (1 - first)),
        square_unbiased=single(1 / (1 - second)),
        epsilon=single(EPSILON),
    )
