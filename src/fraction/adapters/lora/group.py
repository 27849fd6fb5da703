"""Adapters that learn together: one batch over one frozen base, a segment of rows for each job.

    rows        [ job 0 … ][ job 1 … ][ job 2 … ]            the same number of rows each
    layer l     A: float (jobs, rank, inputs)   B: float (jobs, outputs, rank)
    loss        the sum over jobs of each job's own

So each job's gradient is what it would be alone, and the base is read once for all of them. All jobs' numbers
lie in one stack of rows (`layout.py`), gradients and the optimiser's state likewise, so that a step of AdamW is a
dozen operations a job, however many layers there are.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from fraction.adapters.lora.base import Base, adapted_layers, replace_layer
from fraction.adapters.lora.layout import Layout
from fraction.adapters.lora.losses import Objective
from fraction.adapters.lora.optimiser import move
from fraction.adapters.lora.state import JobState


@dataclass(frozen=True, slots=True)
class Update:
    """What one layer adds, for the jobs of the present batch."""

    a: Tensor
    """float (jobs, rank, inputs)"""
    b: Tensor
    """float (jobs, outputs, rank)"""
    scales: Tensor
    """float (jobs, 1, 1): alpha / rank of each job."""


class GroupLinear(nn.Module):
    """A frozen linear layer with one trainable low-rank update a job."""

    def __init__(self, layer: nn.Module) -> None:
        """Wrap `layer`; without an update it is the layer."""
        super().__init__()
        self.layer = layer
        self.update: Update | None = None

    @property
    def weight(self) -> Tensor:
        """The frozen matrix, for models that read it directly."""
        return self.layer.weight  # pyright: ignore[reportReturnType] - a tensor in both kinds of layer

    def forward(self, x: Tensor) -> Tensor:
        """Return float (rows, ..., outputs) for float (rows, ..., inputs); rows are sorted by job."""
        y = self.layer(x)
        update = self.update
        if update is None:
            return y
        h = x.reshape(len(update.a), -1, x.shape[-1])  # (jobs, rows * tokens, inputs)
        inner = torch.bmm(h, update.a.to(h.dtype).mT) * update.scales.to(h.dtype)  # (jobs, rows * tokens, rank)
        return y + torch.bmm(inner, update.b.to(h.dtype).mT).view(y.shape)


class TrainableBase:
    """A base whose linear layers can learn, until it is closed; nothing else may use it meanwhile."""

    def __init__(self, base: Base) -> None:
        """Wrap the layers of `base`."""
        self.base, self.targets, self.shapes = base, base.targets, base.linear_shapes
        self.device = next(base.model.parameters()).device
        self.layers: dict[str, GroupLinear] = {}
        for name, layer in adapted_layers(base.model):
            self.layers[name] = GroupLinear(layer)
            replace_layer(base.model, name, self.layers[name])

    def logits(self, tokens: Tensor) -> Tensor:
        """Return float32 (rows, length - 1, vocabulary): what follows each token but the last."""
        return self.base.model(input_ids=tokens.to(self.device), use_cache=False).logits[:, :-1].float()

    @contextmanager
    def updated(self, updates: dict[str, Update]) -> Iterator[None]:
        """Compute with these updates meanwhile; else the base is bare."""
        for name, update in updates.items():
            self.layers[name].update = update
        try:
            yield
        finally:
            for layer in self.layers.values():
                layer.update = None

    def close(self) -> None:
        """Give the base back as it was."""
        for name, layer in self.layers.items():
            replace_layer(self.base.model, name, layer.layer)


class Group:
    """Jobs whose rows are stacked: same layout, same number and length of rows, same kind of loss."""

    def __init__(
        self, trainable: TrainableBase, layout: Layout, objective: Objective, states: Sequence[JobState]
    ) -> None:
        """Stack the states' numbers; from now on each state looks into its row of the stack."""
        self._trainable, self._objective, self._states = trainable, objective, tuple(states)
        where = trainable.device
        self._values = torch.stack([state.values.to(where) for state in states])  # (jobs, length)
        self._gradients = torch.zeros_like(self._values)
        self._means = torch.stack([state.means.to(where) for state in states])
        self._squares = torch.stack([state.squares.to(where) for state in states])
        for row, state in enumerate(states):
            state.values, state.means, state.squares = self._values[row], self._means[row], self._squares[row]
        scales = torch.tensor([state.recipe.alpha / state.recipe.rank for state in states], device=where)[:, None, None]
        self._updates = {
            name: Update(
                layout.a_of(self._values, name).detach().requires_grad_(),
                layout.b_of(self._values, name).detach().requires_grad_(),
                scales,
            )
            for name in layout.places
        }
        self._slices = [of(self._gradients, name) for name in layout.places for of in (layout.a_of, layout.b_of)]

    def step(self, batches: Sequence[Sequence[int]]) -> list[float]:
        """Let every job learn from its batch, the numbers of its examples; return the losses before the step."""
        lessons = [state.lesson for state in self._states]
        tokens = torch.cat([lesson.tokens_of(batch) for lesson, batch in zip(lessons, batches, strict=True)])
        leaves = [leaf for update in self._updates.values() for leaf in (update.a, update.b)]
        with self._trainable.updated(self._updates):
            losses = self._objective(self._trainable.logits(tokens), lessons, batches)  # (jobs,)
            found = torch.autograd.grad(losses.sum(), leaves, allow_unused=True)
        for place, gradient in zip(self._slices, found, strict=True):
            place.zero_() if gradient is None else place.copy_(gradient)
        for row, state in enumerate(self._states):
            move(state, self._values[row], self._gradients[row], self._means[row], self._squares[row])
        return losses.tolist()
