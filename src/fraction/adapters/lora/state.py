"""One job in the middle of its training: everything that decides how it goes on, and its form as bytes.

A checkpoint is a safetensors file. It belongs to the machine that wrote it, yet its reader trusts nothing:
it must name the same job, hold the right shapes, and fit its own trail.
"""

from dataclasses import dataclass, field

import safetensors.torch
import torch
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError
from torch import Tensor

from fraction.adapters.lora.adapter_file import read_header, write_safetensors
from fraction.adapters.lora.layout import Layout, first_row
from fraction.adapters.lora.lesson import Lesson
from fraction.base import Digest, Rejected
from fraction.training import Recipe


@dataclass(slots=True)
class JobState:
    """A job's numbers and its trail so far."""

    identity: Digest
    """Names base, data and recipe; a checkpoint of another job is refused."""
    recipe: Recipe
    lesson: Lesson
    layout: Layout
    values: Tensor
    """float (length,): A and B, as the layout says; while the job is in a group, a view of the group's stack."""
    means: Tensor
    squares: Tensor
    leaves: list[Digest] = field(default_factory=list[Digest])
    losses_ppm: list[int] = field(default_factory=list[int])

    @property
    def step(self) -> int:
        """Steps done."""
        return len(self.leaves)

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.step >= self.recipe.steps

    def detach(self) -> None:
        """Keep the numbers apart from the group's stack."""
        self.values, self.means, self.squares = self.values.clone(), self.means.clone(), self.squares.clone()

    def to_bytes(self) -> bytes:
        """Return the checkpoint."""
        trail = _Trail(identity=self.identity, leaves=list(self.leaves), losses_ppm=list(self.losses_ppm))
        tensors = {"values": self.values, "means": self.means, "squares": self.squares}
        return write_safetensors(tensors, {"trail": trail.model_dump_json()})


class _Trail(BaseModel):
    identity: Digest
    leaves: list[Digest]
    losses_ppm: list[int]


def begin(identity: Digest, recipe: Recipe, lesson: Lesson, layout: Layout) -> JobState:
    """Return the state before the first step."""
    values = first_row(layout, recipe.rank, recipe.seed)
    return JobState(identity, recipe, lesson, layout, values, torch.zeros_like(values), torch.zeros_like(values))


def restore(fresh: JobState, checkpoint: bytes) -> JobState:
    """Return the state that a checkpoint holds of the job that `fresh` begins.

    Raises:
        Rejected: it is no checkpoint, or one of another job.
    """
    try:
        metadata = read_header(checkpoint).get("__metadata__")
        trail = _Trail.model_validate_json(metadata["trail"] if isinstance(metadata, dict) else "")
        tensors = safetensors.torch.load(checkpoint)
    except (SafetensorError, ValidationError, KeyError, ValueError, RuntimeError, Rejected) as error:
        raise Rejected("The file is not a checkpoint of a training; start the training anew.") from error
    if trail.identity != fresh.identity:
        raise Rejected("The checkpoint is of another training; start this one anew.")
    rows = [tensors.get(name) for name in ("values", "means", "squares")]
    sound = [row for row in rows if row is not None and _fits(row, fresh)]
    if len(sound) != 3 or len(trail.leaves) != len(trail.losses_ppm) or len(trail.leaves) > fresh.recipe.steps:
        raise Rejected("The checkpoint does not fit its training; start the training anew.")
    fresh.values, fresh.means, fresh.squares = sound
    fresh.leaves, fresh.losses_ppm = trail.leaves, trail.losses_ppm
    return fresh


def _fits(row: Tensor, fresh: JobState) -> bool:
    return row.shape == fresh.values.shape and row.dtype == torch.float32 and bool(torch.isfinite(row).all())
