"""Where an exact training stands, as a safetensors file: it goes on from there to the same bits."""

import json
from dataclasses import dataclass

import safetensors.torch
import torch
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError
from torch import Tensor

from fraction.adapters.exact.optimiser import Moments, State
from fraction.base import Digest, Rejected

_KINDS = ("parameter", "mean", "square")
_LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Progress:
    """What a training has done so far."""

    state: State
    leaves: tuple[Digest, ...]
    losses_ppm: tuple[int, ...]


class _Trail(BaseModel):
    identity: Digest
    leaves: list[Digest]
    losses_ppm: list[int]


def pack_progress(progress: Progress, identity: Digest) -> bytes:
    """Return the checkpoint of the training of that name."""
    trail = _Trail(identity=identity, leaves=list(progress.leaves), losses_ppm=list(progress.losses_ppm))
    return safetensors.torch.save(_tensors(progress.state), {"trail": trail.model_dump_json()})


def unpack_progress(checkpoint: bytes, identity: Digest, fresh: State, steps: int) -> Progress:
    """Return what a checkpoint holds.

    Args:
        checkpoint: from `pack_progress`
        identity: the training that it should be of
        fresh: that training's first state, for the names and shapes
        steps: how many it has

    Raises:
        Rejected: it is no checkpoint, or one of another training.
    """
    try:
        length = int.from_bytes(checkpoint[:_LENGTH_BYTES], "little")
        header = json.loads(checkpoint[_LENGTH_BYTES : _LENGTH_BYTES + length])
        trail = _Trail.model_validate_json(header["__metadata__"]["trail"])
        tensors = safetensors.torch.load(checkpoint)
    except (SafetensorError, ValidationError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise Rejected("The file is not a checkpoint of a training; start the training anew.") from error
    wanted = _tensors(fresh)
    sound = set(tensors) == set(wanted) and all(_fits(tensors[name], like) for name, like in wanted.items())
    if trail.identity != identity or not sound or not len(trail.leaves) == len(trail.losses_ppm) <= steps:
        raise Rejected("The checkpoint is of another training; start this one anew.")
    names = fresh.parameters
    moments = {name: Moments(tensors[f"mean/{name}"], tensors[f"square/{name}"]) for name in names}
    state = State(len(trail.leaves), {name: tensors[f"parameter/{name}"] for name in names}, moments)
    return Progress(state, tuple(trail.leaves), tuple(trail.losses_ppm))


def _tensors(state: State) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, parameter in state.parameters.items():
        moments = state.moments[name]
        for kind, tensor in zip(_KINDS, (parameter, moments.mean, moments.square), strict=True):
            found[f"{kind}/{name}"] = tensor.cpu().contiguous()
    return found


def _fits(tensor: Tensor, like: Tensor) -> bool:
    return tensor.shape == like.shape and tensor.dtype == torch.float32 and bool(torch.isfinite(tensor).all())
