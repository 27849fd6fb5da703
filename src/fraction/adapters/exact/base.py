"""A frozen base for exact training: its matrices as whole numbers, its norms and embeddings as float32.

Matrices that read the same input are one matrix here (queries, keys and values; gate and up), so the input is put on
its grid once, and the gradient that comes back through them is one sum.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from fraction.adapters.exact.frozen import Frozen, fixed_point, sliced
from fraction.adapters.exact.shape import Shape
from fraction.base import Rejected

EXACT, FIXED = "exact-v1", "exact-fixed-v1"
"""Names of the two classes of arithmetic; a node says which one it computes in."""
_FREEZERS: Mapping[str, Callable[[Tensor], Frozen]] = {EXACT: sliced, FIXED: fixed_point}


@dataclass(frozen=True, slots=True)
class Projection:
    """Frozen matrices that read the same input, as one."""

    parts: tuple[str, ...]
    """Names of the linear layers, as the model file has them."""
    outputs: tuple[int, ...]
    """How many outputs each has."""
    weight: Frozen
    bias: Tensor | None
    """float32 (sum of outputs,)"""

    @property
    def name(self) -> str:
        """What its parts' shared low-rank input is called."""
        return "+".join(self.parts)


@dataclass(frozen=True, slots=True)
class Layer:
    """One block of the model."""

    attention_norm: Tensor
    """float32 (hidden,)"""
    attention: Projection
    """Queries, keys and values."""
    out: Projection
    gate_norm: Tensor
    gate: Projection
    """Gate and up."""
    down: Projection

    @property
    def projections(self) -> tuple[Projection, ...]:
        """All of them, in the order they are used."""
        return (self.attention, self.out, self.gate, self.down)


@dataclass(frozen=True, slots=True)
class ExactBase:
    """A frozen model, ready for exact arithmetic."""

    shape: Shape
    arithmetic: str
    embeddings: Tensor
    """float32 (vocabulary, hidden)"""
    layers: tuple[Layer, ...]
    norm: Tensor
    head: Frozen
    """(vocabulary, hidden)"""


def freeze(shape: Shape, weights: Mapping[str, Tensor], arithmetic: str = EXACT, device: str = "cpu") -> ExactBase:
    """Return the base in exact arithmetic.

    Args:
        shape: the model's
        weights: its float32 tensors by the names of Llama's model files; an NF4 layer as what its codes stand for
        arithmetic: `exact-v1` or `exact-fixed-v1`
        device: where it computes

    Raises:
        Rejected: a tensor is missing or of another shape, or the arithmetic is not known.
    """
    if arithmetic not in _FREEZERS:
        raise Rejected(f"The arithmetic {arithmetic!r} is not known here; use one of {', '.join(_FREEZERS)}.")
    reader = _Reader(shape, weights, _FREEZERS[arithmetic], device)
    tied = "lm_head.weight" not in weights
    return ExactBase(
        shape=shape,
        arithmetic=arithmetic,
        embeddings=reader.tensor("model.embed_tokens.weight", shape.vocabulary, shape.hidden),
        layers=tuple(reader.layer(number) for number in range(shape.layers)),
        norm=reader.tensor("model.norm.weight", shape.hidden),
        head=reader.frozen("model.embed_tokens.weight" if tied else "lm_head.weight", shape.vocabulary, shape.hidden),
    )


class _Reader:
    """Takes tensors out of a model file, checked."""

    def __init__(
        self, shape: Shape, weights: Mapping[str, Tensor], freezer: Callable[[Tensor], Frozen], device: str
    ) -> None:
        self._shape, self._weights, self._freezer, self._device = shape, weights, freezer, device

    def tensor(self, name: str, *sides: int) -> Tensor:
        found = self._weights.get(name)
        if found is None or tuple(found.shape) != sides:
            told = "missing" if found is None else f"{tuple(found.shape)}"
            raise Rejected(f"The base's {name} is {told}; {sides} is needed.")
        return found.detach().to("cpu", torch.float32).contiguous().to(self._device)

    def frozen(self, name: str, *sides: int) -> Frozen:
        return self._freezer(self.tensor(name, *sides))

    def layer(self, number: int) -> Layer:
        shape, prefix = self._shape, f"model.layers.{number}."
        queries, keys = shape.heads * shape.head, shape.key_heads * shape.head
        return Layer(
            attention_norm=self.tensor(f"{prefix}input_layernorm.weight", shape.hidden),
            attention=self.projection(
                f"{prefix}self_attn.", {"q_proj": queries, "k_proj": keys, "v_proj": keys}, shape.hidden
            ),
            out=self.projection(f"{prefix}self_attn.", {"o_proj": shape.hidden}, queries),
            gate_norm=self.tensor(f"{prefix}post_attention_layernorm.weight", shape.hidden),
            gate=self.projection(f"{prefix}mlp.", {"gate_proj": shape.inner, "up_proj": shape.inner}, shape.hidden),
            down=self.projection(f"{prefix}mlp.", {"down_proj": shape.hidden}, shape.inner),
        )

    def projection(self, prefix: str, outputs: Mapping[str, int], inputs: int) -> Projection:
        names = [prefix + leaf for leaf in outputs]
        matrices = [self.tensor(f"{n}.weight", o, inputs) for n, o in zip(names, outputs.values(), strict=True)]
        biases = [
            self.tensor(f"{n}.bias", o) if f"{n}.bias" in self._weights else torch.zeros(o, device=self._device)
            for n, o in zip(names, outputs.values(), strict=True)
        ]
        some = any(f"{n}.bias" in self._weights for n in names)
        return Projection(
            parts=tuple(names),
            outputs=tuple(outputs.values()),
            weight=self._freezer(torch.cat(matrices)),
            bias=torch.cat(biases) if some else None,
        )
