"""Adapters that learn together: one batch over one frozen base, a segment of rows for each job.

    rows        [ job 0 … ][ job 1 … ][ job 2 … ]            batch rows each
    layer l     A: float (jobs, inputs, rank)   B: float (jobs, rank, outputs)
    loss        the sum over jobs of each job's mean over its reply tokens

So each job's gradient is what it would be alone, and the base is read once for all of them.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from fraction.adapters.lora.adapter_config import AdapterConfig
from fraction.adapters.lora.adapter_file import Adapter, LowRank
from fraction.adapters.lora.base import Base, adapted_layers, replace_layer
from fraction.adapters.lora.lesson import IGNORED
from fraction.training import Recipe


class GroupLinear(nn.Module):
    """A frozen linear layer with one trainable low-rank update a job."""

    def __init__(self, layer: nn.Module, jobs: int, rank: int, scale: float) -> None:
        """Wrap `layer`; the updates are zero until `Group.start`."""
        super().__init__()
        self.layer, self.jobs, self.scale = layer, jobs, scale
        inputs, outputs = int(layer.in_features), int(layer.out_features)  # pyright: ignore[reportArgumentType]
        where = next(iter([*layer.parameters(), *layer.buffers()])).device
        self.a = nn.Parameter(torch.zeros(jobs, inputs, rank, device=where))
        self.b = nn.Parameter(torch.zeros(jobs, rank, outputs, device=where))

    @property
    def weight(self) -> Tensor:
        """The frozen matrix, for models that read it directly."""
        return self.layer.weight  # pyright: ignore[reportReturnType] - a tensor in both kinds of layer

    def forward(self, x: Tensor) -> Tensor:
        """Return float (rows, ..., outputs) for float (rows, ..., inputs); rows are sorted by job."""
        y = self.layer(x)
        h = x.reshape(self.jobs, -1, x.shape[-1])  # (jobs, batch * tokens, inputs)
        return y + (torch.bmm(torch.bmm(h, self.a), self.b) * self.scale).view(y.shape)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step gave, by job."""

    losses: tuple[float, ...]


class Group:
    """The trainable layers of several jobs with the same recipe but for its seed."""

    def __init__(self, base: Base, recipe: Recipe, seeds: list[int]) -> None:
        """Wrap the layers of `base` until `close`, and give each job its first values."""
        self.base, self.recipe, self.targets = base, recipe, base.targets
        self.layers: dict[str, GroupLinear] = {}
        for name, layer in adapted_layers(base.model):
            self.layers[name] = GroupLinear(layer, len(seeds), recipe.rank, recipe.alpha / recipe.rank)
            replace_layer(base.model, name, self.layers[name])
        for job, seed in enumerate(seeds):
            self._start(job, seed)

    def parameters(self) -> list[nn.Parameter]:
        """Return all A and B, float (jobs, ...), in the order of the layers' names."""
        return [p for name in sorted(self.layers) for p in (self.layers[name].a, self.layers[name].b)]

    def backward(self, tokens: Tensor, labels: Tensor) -> Step:
        """Leave the gradients of int64 (rows, length) batches in the parameters; return the losses."""
        some = next(iter(self.layers.values()))
        jobs, device = some.jobs, some.a.device
        tokens, labels = tokens.to(device), labels.to(device)
        logits = self.base.model(input_ids=tokens, use_cache=False).logits[:, :-1]  # (rows, length - 1, vocabulary)
        targets = labels[:, 1:]
        losses = nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), reduction="none", ignore_index=IGNORED
        ).view(jobs, -1)
        counts = (targets.reshape(jobs, -1) != IGNORED).sum(dim=1).clamp_min(1)
        by_job = losses.sum(dim=1) / counts
        by_job.sum().backward()
        return Step(tuple(by_job.tolist()))

    def adapter(self, job: int) -> Adapter:
        """Return one job's adapter as it is now."""
        layers = {
            name: LowRank(layer.a[job].detach().t().contiguous(), layer.b[job].detach().t().contiguous())
            for name, layer in self.layers.items()
        }
        return Adapter(AdapterConfig(self.recipe.rank, self.recipe.alpha, self.targets), layers)

    def close(self) -> None:
        """Give the base back as it was."""
        for name, layer in self.layers.items():
            replace_layer(self.base.model, name, layer.layer)

    def _start(self, job: int, seed: int) -> None:
        """Draw A as PEFT does, uniform within 1 / sqrt(inputs); B stays zero, so nothing changes at first."""
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name in sorted(self.layers):
                a = self.layers[name].a
                _, inputs, rank = a.shape
                a[job] = ((torch.rand(rank, inputs, generator=generator) * 2 - 1) * inputs**-0.5).t()
