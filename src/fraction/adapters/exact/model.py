"""A Llama-shaped model with low-rank updates on all its linear layers, forth and back, every order fixed.

    rows     (jobs * batch * tokens, hidden); a job's examples stand together, so several jobs share the base
    forth    h += out(attention(norm(h)));  h += down(gate(norm(h)))
    back     the same way back by hand, so that no automatic differentiation decides an order

What a row's bits are depends on its own example alone: not on the padding, not on what shares its batch, not on how
the batch is split. A parameter's gradient is each example's own sum over its tokens, added example by example.

Source: Touvron et al. 2023, arXiv:2302.13971 (the model); Hu et al. 2021, arXiv:2106.09685 (low-rank updates).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fraction.adapters.exact.base import ExactBase, Layer, Projection
from fraction.adapters.exact.kernels import Kernels, single
from fraction.adapters.exact.rotary import rotary_tables

Parameters = Mapping[str, Tensor]
"""By name, `<projection>.A`: float32 (jobs, parts * rank, inputs); `<part>.B`: float32 (jobs, outputs, rank)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of a step, or some of them; all that a pass has to know of the data."""

    tokens: Tensor
    """int64 (jobs, batch, tokens)"""
    learnt: Tensor
    """int64 (n,): the rows, of jobs * batch * tokens, that have a label"""
    labels: Tensor
    """int64 (n,): what follows them"""
    shares: Tensor
    """float32 (n, 1): one over the number of labels of the job's whole step, as a step's loss is their mean"""


def read_batch(tokens: Tensor, following: Tensor, counts: Sequence[int]) -> Batch:
    """Return the batch of int64 (jobs, batch, tokens) tokens and of what follows each, -1 where it is not learnt.

    Args:
        tokens: what is read
        following: of the same shape
        counts: how many labels each job's whole step has
    """
    flat = following.flatten()
    learnt = torch.nonzero(flat >= 0).flatten()
    shares = torch.tensor([single(1 / max(1, count)) for count in counts], device=tokens.device)
    rows = tokens.shape[1] * tokens.shape[2]
    return Batch(tokens, learnt, flat[learnt], shares[torch.div(learnt, rows, rounding_mode="floor")].unsqueeze(-1))


@dataclass(slots=True)
class _Projected:
    """What a projection keeps for the way back."""

    x: Tensor
    strength: Tensor
    """(jobs, rows, parts * rank): A x times alpha / rank"""


@dataclass(slots=True)
class _Attended:
    norm: tuple[Tensor, Tensor]
    attention: _Projected
    queries: Tensor
    keys: Tensor
    values: Tensor
    weights: Tensor
    out: _Projected


@dataclass(slots=True)
class _Gated:
    norm: tuple[Tensor, Tensor]
    gate: _Projected
    gates: tuple[Tensor, Tensor, Tensor]
    down: _Projected


class Pass:
    """One forward pass and its way back, for one batch."""

    def __init__(self, base: ExactBase, parameters: Parameters, scale: float, kernels: Kernels, batch: Batch) -> None:
        """Prepare; `scale` is alpha / rank."""
        self.base, self.parameters, self.scale, self.kernels = base, parameters, single(scale), kernels
        self.jobs, self.batch, self.tokens = batch.tokens.shape
        self.given = batch
        device = batch.tokens.device
        tables = rotary_tables(self.tokens, base.shape.head, base.shape.rotation_base)
        self.cos, self.sin = (table.to(device) for table in tables)
        self.back = -self.sin
        self.factor = single(1 / math.sqrt(base.shape.head))
        self.gradients: dict[str, Tensor] = {}
        """By parameter: float32 (jobs, batch, ...), each example's own."""

    def run(self) -> Tensor:
        """Fill `gradients`; return float64 (jobs, batch, tokens): the loss of each label in nats, 0 where none is."""
        h = self.kernels.do("rows", self.base.embeddings, self.given.tokens.flatten())
        kept: list[tuple[_Attended, _Gated]] = []
        for layer in self.base.layers:
            h, attended = self._attend(layer, h)
            h, gated = self._gate(layer, h)
            kept.append((attended, gated))
        losses, d = self._learn(h)
        for layer, (attended, gated) in zip(reversed(self.base.layers), reversed(kept), strict=True):
            d = self._gate_back(layer, gated, d)
            d = self._attend_back(layer, attended, d)
        return losses

    def hidden(self) -> Tensor:
        """Return (rows, hidden): what the head reads, without a way back."""
        h = self.kernels.do("rows", self.base.embeddings, self.given.tokens.flatten())
        for layer in self.base.layers:
            h, _ = self._attend(layer, h)
            h, _ = self._gate(layer, h)
        return h

    def _attend(self, layer: Layer, h: Tensor) -> tuple[Tensor, _Attended]:
        k, shape = self.kernels, self.base.shape
        n, *norm = k.rms_norm(h, layer.attention_norm, shape.norm_epsilon)
        (q, keys, v), attention = self._project(layer.attention, n)
        q = k.rotate(self._heads(q, shape.heads), self.cos, self.sin)
        keys = self._shared(k.rotate(self._heads(keys, shape.key_heads), self.cos, self.sin))
        v = self._shared(self._heads(v, shape.key_heads))
        weights = k.attention_weights(k.dot(q, keys), self.factor)
        (o,), out = self._project(layer.out, self._flat(k.mix(weights, v)))
        return k.add(h, o), _Attended((norm[0], norm[1]), attention, q, keys, v, weights, out)

    def _attend_back(self, layer: Layer, kept: _Attended, d: Tensor) -> Tensor:
        k, heads = self.kernels, self.base.shape.heads
        by_mix = self._heads(self._project_back(layer.out, kept.out, [d]), heads)
        by_values = self._summed(k.outer(kept.weights, by_mix))
        by_scores = k.attention_weights_back(k.dot(by_mix, kept.values), kept.weights, self.factor)
        by_queries = k.rotate(k.mix(by_scores, kept.keys), self.cos, self.back)
        by_keys = k.rotate(self._summed(k.outer(by_scores, kept.queries)), self.cos, self.back)
        parts = [self._flat(x) for x in (by_queries, by_keys, by_values)]
        by_norm = self._project_back(layer.attention, kept.attention, parts)
        return k.add(d, k.rms_norm_back(by_norm, layer.attention_norm, *kept.norm))

    def _gate(self, layer: Layer, h: Tensor) -> tuple[Tensor, _Gated]:
        k = self.kernels
        n, *norm = k.rms_norm(h, layer.gate_norm, self.base.shape.norm_epsilon)
        (g, u), gate = self._project(layer.gate, n)
        inner, sigmoid = k.gate(g, u)
        (o,), down = self._project(layer.down, inner)
        return k.add(h, o), _Gated((norm[0], norm[1]), gate, (g, u, sigmoid), down)

    def _gate_back(self, layer: Layer, kept: _Gated, d: Tensor) -> Tensor:
        k = self.kernels
        by_inner = self._project_back(layer.down, kept.down, [d])
        by_norm = self._project_back(layer.gate, kept.gate, list(k.gate_back(*kept.gates, by_inner)))
        return k.add(d, k.rms_norm_back(by_norm, layer.gate_norm, *kept.norm))

    def _learn(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """Return the losses, and the gradient by the last hidden rows; only rows with a label reach the head."""
        k, base, given = self.kernels, self.base, self.given
        losses = torch.zeros(given.tokens.numel(), dtype=torch.float64, device=h.device)
        if given.learnt.numel() == 0:
            return losses.view(given.tokens.shape), torch.zeros_like(h)
        n, normal, factor = k.rms_norm(k.do("rows", h, given.learnt), base.norm, base.shape.norm_epsilon)
        chances = k.softmax(k.linear(n, base.head))
        losses[given.learnt] = negative_log(chances[torch.arange(len(given.learnt)), given.labels])
        d = k.do("multiply", k.do("less_one", chances, given.labels), given.shares)
        d = k.rms_norm_back(k.linear_back(d, base.head), base.norm, normal, factor)
        return losses.view(given.tokens.shape), k.do("place", d, given.learnt, settings=(h.shape[0],))

    def _project(self, projection: Projection, x: Tensor) -> tuple[list[Tensor], _Projected]:
        """Return the outputs of each part, (rows, outputs), updates included."""
        k = self.kernels
        whole = k.linear(x, projection.weight)
        if projection.bias is not None:
            whole = k.add(whole, projection.bias)
        a = self.parameters[f"{projection.name}.A"]
        strength = k.scale(k.dot(x.view(self.jobs, -1, x.shape[-1]), a), self.scale)
        rank, start, outputs = a.shape[1] // len(projection.parts), 0, list[Tensor]()
        for number, (part, size) in enumerate(zip(projection.parts, projection.outputs, strict=True)):
            own = k.do("columns", strength, settings=(number * rank, (number + 1) * rank))
            frozen = k.do("columns", whole, settings=(start, start + size))
            update = k.dot(own, self.parameters[f"{part}.B"])
            outputs.append(k.add(frozen, update.view(frozen.shape)))
            start += size
        return outputs, _Projected(x, strength)

    def _project_back(self, projection: Projection, kept: _Projected, parts: list[Tensor]) -> Tensor:
        """Return the gradient by the input; keep those by A and B."""
        k, jobs = self.kernels, self.jobs
        rank = kept.strength.shape[-1] // len(projection.parts)
        by_strength: list[Tensor] = []
        for number, (part, d) in enumerate(zip(projection.parts, parts, strict=True)):
            own = k.do("columns", kept.strength, settings=(number * rank, (number + 1) * rank))
            self._keep(f"{part}.B", k.outer(self._examples(d), self._examples(own)))
            by_strength.append(k.mix(d.view(jobs, -1, d.shape[-1]), self.parameters[f"{part}.B"]))
        by_low = k.scale(k.do("join", *by_strength) if len(by_strength) > 1 else by_strength[0], self.scale)
        a = self.parameters[f"{projection.name}.A"]
        self._keep(f"{projection.name}.A", k.outer(self._examples(by_low), self._examples(kept.x)))
        by_base = k.linear_back(k.do("join", *parts) if len(parts) > 1 else parts[0], projection.weight)
        return k.add(by_base, k.mix(by_low, a).view(by_base.shape))

    def _keep(self, name: str, gradient: Tensor) -> None:
        self.gradients[name] = gradient.view(self.jobs, self.batch, *gradient.shape[1:])

    def _examples(self, x: Tensor) -> Tensor:
        """Return (jobs * batch, tokens, columns)."""
        return x.view(self.jobs * self.batch, self.tokens, x.shape[-1])

    def _heads(self, x: Tensor, heads: int) -> Tensor:
        """Return (examples, heads, tokens, head) for (rows, heads * head)."""
        split = x.view(self.jobs * self.batch, self.tokens, heads, -1)
        return self.kernels.do("permute", split, settings=(0, 2, 1, 3))

    def _flat(self, x: Tensor) -> Tensor:
        """Return (rows, heads * head) for (examples, heads, tokens, head)."""
        flat = self.kernels.do("permute", x, settings=(0, 2, 1, 3))
        return flat.view(self.jobs * self.batch * self.tokens, -1)

    def _shared(self, x: Tensor) -> Tensor:
        """Return keys or values once for each head of queries."""
        times = self.base.shape.heads // self.base.shape.key_heads
        return x if times == 1 else self.kernels.do("repeat", x, settings=(times,))

    def _summed(self, x: Tensor) -> Tensor:
        """Return the gradients of heads that share keys or values, added one after another."""
        times = self.base.shape.heads // self.base.shape.key_heads
        if times == 1:
            return x
        stacked = x.view(-1, times, *x.shape[2:])
        total = self.kernels.do("item", stacked, settings=(0,))
        for number in range(1, times):
            total = self.kernels.add(total, self.kernels.do("item", stacked, settings=(number,)))
        return total.view(x.shape[0], -1, *x.shape[2:])


def add_examples(totals: Parameters, gradients: Parameters, kernels: Kernels) -> dict[str, Tensor]:
    """Return the totals with each example's gradients, float32 (jobs, batch, ...), added one after another."""
    added = dict(totals)
    for name, gradient in gradients.items():
        for number in range(gradient.shape[1]):
            own = kernels.do("item", gradient, settings=(number,))
            added[name] = kernels.add(added[name], own) if name in added else own
    return added


def negative_log(chances: Tensor) -> Tensor:
    """Return float64 -ln of float32 chances, by single operations; for what is reported, not for what is learnt.

    ln x = e ln 2 + 2 artanh((f - 1) / (f + 1)) for x = f * 2**e with f from 0.71 to 1.42, by 12 terms of the series.
    """
    fraction, exponent = torch.frexp(chances.clamp_min(2.0**-126).double())
    low = fraction < _ROOT_HALF
    fraction = torch.where(low, fraction * 2.0, fraction)
    exponent = torch.where(low, exponent - 1, exponent).double()
    s = (fraction - 1.0) / (fraction + 1.0)
    square, total = s * s, torch.zeros_like(s)
    for odd in range(23, 0, -2):
        total = total * square + 1.0 / odd
    return 0.0 - (exponent * _LN_2 + s * total * 2.0)


_ROOT_HALF, _LN_2 = 0.7071067811865476, 0.6931471805599453
