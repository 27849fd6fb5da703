"""Everything that decides the outcome of a QLoRA run, besides the base and the data."""

from dataclasses import dataclass
from enum import Enum

from fraction.base import JsonObject, Rejected

MAX_STEPS = 10_000
MAX_RANK = 256


class Method(Enum):
    """What an adapter learns from."""

    SUPERVISED = "supervised"
    """Good replies, to be imitated."""
    PREFERENCE = "preference"
    """Pairs of a winner and a loser of the same task, by direct preference optimisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one adapter is trained: what a published recipe comes to for one data set.

    Source of the method: Dettmers et al. 2023, arXiv:2305.14314 (QLoRA).
    """

    method: Method = Method.SUPERVISED
    """Whether good replies are imitated, or winners preferred to losers."""
    beta_percent: int = 10
    """How closely preference training holds to the base, in hundredths (Rafailov et al. 2023, equation 7)."""

    rank: int = 4
    """Columns of A and rows of B, per adapted matrix."""
    alpha: int = 16
    """The update is scaled by alpha / rank."""
    steps: int = 60
    """Optimiser steps."""
    batch_size: int = 8
    """Examples per step."""
    learning_rate_ppm: int = 2_000
    """AdamW's step size in millionths: 2000 is 2e-3."""
    warmup_steps: int = 4
    """Steps over which the step size grows linearly to its full value."""
    max_tokens: int = 256
    """Longer examples are left out; also the padded length, so that a row never depends on others."""
    seed: int = 0
    """Decides the adapter's first values and the order of the examples."""

    def __post_init__(self) -> None:
        """Refuse a recipe that no trainer could run.

        Raises:
            Rejected: a value is out of its range.
        """
        ranges = {
            "beta_percent": (self.beta_percent, 1, 1_000),
            "rank": (self.rank, 1, MAX_RANK),
            "alpha": (self.alpha, 1, 4 * MAX_RANK),
            "steps": (self.steps, 1, MAX_STEPS),
            "batch_size": (self.batch_size, 1, 1_024),
            "learning_rate_ppm": (self.learning_rate_ppm, 1, 1_000_000),
            "warmup_steps": (self.warmup_steps, 0, MAX_STEPS),
            "max_tokens": (self.max_tokens, 8, 1 << 20),
            "seed": (self.seed, 0, 2**31 - 1),
        }
        for name, (value, low, high) in ranges.items():
            if not low <= value <= high:
                raise Rejected(f"The recipe's {name} is {value}; it must be {low} to {high}.")

    def to_json(self) -> JsonObject:
        """Return the recipe as it is published and digested."""
        return {
            "method": self.method.value,
            "beta_percent": self.beta_percent,
            "rank": self.rank,
            "alpha": self.alpha,
            "steps": self.steps,
            "batch_size": self.batch_size,
            "learning_rate_ppm": self.learning_rate_ppm,
            "warmup_steps": self.warmup_steps,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
        }
