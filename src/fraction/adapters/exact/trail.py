"""The trail of a training: a digest for each step that covers every tensor's partial update and optimiser state.

    leaf of step t     Merkle root over the tensors in the order of their names, four leaves each:
        update         the gradient of the step's batch, before clipping
        parameter, mean, square      A or B and both moments of Adam after the step
    a tensor's leaf    its root over rows of 512 numbers at most (`fraction.verification.tensors`)

So two nodes that differ find the first step, then the first tensor, then the first number, which a contract decides.
"""

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from fraction.adapters.exact.optimiser import State
from fraction.base import Digest
from fraction.verification import merkle_root
from fraction.verification.tensors import tensor_root

KINDS = ("update", "parameter", "mean", "square")


def tensor_leaves(state: State, updates: Mapping[str, Tensor], job: int) -> dict[str, Digest]:
    """Return a digest by `<tensor>.<kind>` for one job after a step, in the tree's order."""
    leaves: dict[str, Digest] = {}
    for name in sorted(state.parameters):
        moments = state.moments[name]
        tensors = (updates[name], state.parameters[name], moments.mean, moments.square)
        for kind, tensor in zip(KINDS, tensors, strict=True):
            leaves[f"{name}.{kind}"] = tensor_digest(tensor[job])
    return leaves


def step_leaf(state: State, updates: Mapping[str, Tensor], job: int) -> Digest:
    """Return the step's digest: what stands in the training's own tree."""
    return merkle_root(list(tensor_leaves(state, updates, job).values()))


def tensor_digest(tensor: Tensor) -> Digest:
    """Return the name of a float32 tensor."""
    return tensor_root(tensor.detach().cpu().contiguous().numpy().astype(np.dtype(">f4")).tobytes())
