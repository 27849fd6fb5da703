"""An adapter's first values, from a seed and nothing else: no library's random numbers."""

import hashlib
import math

import torch
from torch import Tensor

from fraction.adapters.exact.base import ExactBase, Projection
from fraction.adapters.exact.kernels import single


def first_parameters(base: ExactBase, rank: int, seeds: tuple[int, ...]) -> dict[str, Tensor]:
    """Return all A and B of one job a seed; B is zero, so nothing changes at first.

    A is uniform within 1 / sqrt(inputs), as PEFT draws it.
    """
    device = base.embeddings.device
    parameters: dict[str, Tensor] = {}
    for layer in base.layers:
        for projection in layer.projections:
            drawn = [torch.cat([_draw(seed, part, rank, inputs(projection)) for part in projection.parts])
                     for seed in seeds]  # fmt: skip
            parameters[f"{projection.name}.A"] = torch.stack(drawn).to(device)
            for part, outputs in zip(projection.parts, projection.outputs, strict=True):
                parameters[f"{part}.B"] = torch.zeros(len(seeds), outputs, rank, device=device)
    return parameters


def inputs(projection: Projection) -> int:
    """Return how many inputs a projection reads."""
    return projection.weight.weight.shape[1]


def low_rank(base: ExactBase, parameters: dict[str, Tensor], job: int) -> dict[str, tuple[Tensor, Tensor]]:
    """Return one job's update by layer name: A float32 (rank, inputs) and B (outputs, rank)."""
    layers: dict[str, tuple[Tensor, Tensor]] = {}
    for layer in base.layers:
        for projection in layer.projections:
            parts = parameters[f"{projection.name}.A"][job].chunk(len(projection.parts))
            for name, a in zip(projection.parts, parts, strict=True):
                layers[name] = (a.contiguous(), parameters[f"{name}.B"][job].contiguous())
    return layers


def uniform(label: str, count: int) -> Tensor:
    """Return float32 (count,) between -1 and 1, from a label and nothing else: 24 bits of SHAKE-256 for each number."""
    raw = hashlib.shake_256(b"fraction/exact-v1/" + label.encode()).digest(4 * count)
    whole = torch.frombuffer(bytearray(raw), dtype=torch.int32).to(torch.int64) & 0xFFFFFF
    return (whole - (1 << 23)).float() * 2.0**-23  # exact


def _draw(seed: int, name: str, rank: int, columns: int) -> Tensor:
    """Return float32 (rank, columns) between -1 / sqrt(columns) and that."""
    return uniform(f"start/{seed}/{name}", rank * columns).view(rank, columns) * single(1 / math.sqrt(columns))
