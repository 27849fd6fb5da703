"""The trail of a training: a digest for each step that covers every tensor's partial update and optimiser state.

    leaf of step t     Merkle root over the tensors in the order of their names, four leaves each:
        update         the gradient of the step's batch, before clipping
        parameter, mean, square      A or B and both moments of Adam after the step
    a tensor's leaf    SHA-256 of "fraction/exact/leaf/1", t, name, kind, sides and float32 bytes, little-endian

So two nodes that differ find the first step, then the first tensor, without sending a tensor.
"""

import hashlib
import struct
from collections.abc import Mapping

from torch import Tensor

from fraction.adapters.exact.optimiser import State
from fraction.base import Digest
from fraction.verification import merkle_root

KINDS = ("update", "parameter", "mean", "square")


def tensor_leaves(state: State, updates: Mapping[str, Tensor], job: int) -> dict[str, Digest]:
    """Return a digest by `<tensor>.<kind>` for one job after a step, in the tree's order."""
    leaves: dict[str, Digest] = {}
    for name in sorted(state.parameters):
        moments = state.moments[name]
        tensors = (updates[name], state.parameters[name], moments.mean, moments.square)
        for kind, tensor in zip(KINDS, tensors, strict=True):
            leaves[f"{name}.{kind}"] = tensor_digest(state.step, f"{name}.{kind}", tensor[job])
    return leaves


def step_leaf(state: State, updates: Mapping[str, Tensor], job: int) -> Digest:
    """Return the step's digest: what stands in the training's own tree."""
    return merkle_root(list(tensor_leaves(state, updates, job).values()))


def tensor_digest(step: int, name: str, tensor: Tensor) -> Digest:
    """Return the digest of one tensor as it is after a step."""
    running = hashlib.sha256(b"fraction/exact/leaf/1" + struct.pack("<II", step, len(name)) + name.encode())
    running.update(struct.pack(f"<I{tensor.dim()}I", tensor.dim(), *tensor.shape))
    running.update(tensor.detach().cpu().contiguous().numpy().astype("<f4", copy=False).data)
    return Digest(running.hexdigest())
