"""Where each layer's A and B lie in the one row of numbers that an adapter is while it learns.

    row    [ A of layer 1 | B of layer 1 | A of layer 2 | … ]    layers in the order of their names

Every piece begins at a multiple of 64 numbers and the rank is padded to a power of two, with zeros that stay zero.
So a vector unit meets each job's numbers at the same alignment, wherever the job's row lies in a stack of rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from fraction.adapters.lora.adapter_config import AdapterConfig
from fraction.adapters.lora.adapter_file import Adapter, LowRank
from fraction.training import Recipe

ALIGNMENT = 64
_LEAST_RANK = 4


@dataclass(frozen=True, slots=True)
class Place:
    """One layer's part of the row."""

    inputs: int
    outputs: int
    a: int
    """Where A begins: float (padded rank, inputs)."""
    b: int
    """Where B begins: float (outputs, padded rank)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The row of one rank over one base."""

    padded_rank: int
    places: Mapping[str, Place]
    """By the layer's name, in the order of the names."""
    length: int
    """Numbers in a row."""

    def a_of(self, rows: Tensor, name: str) -> Tensor:
        """Return a view of float (jobs, length): A of the layer, float (jobs, padded rank, inputs)."""
        place = self.places[name]
        return rows[:, place.a : place.a + place.inputs * self.padded_rank].unflatten(1, (-1, place.inputs))

    def b_of(self, rows: Tensor, name: str) -> Tensor:
        """Return a view of float (jobs, length): B of the layer, float (jobs, outputs, padded rank)."""
        place = self.places[name]
        return rows[:, place.b : place.b + place.outputs * self.padded_rank].unflatten(1, (place.outputs, -1))


def padded_rank(rank: int) -> int:
    """Return the width that a rank is computed with: the next power of two, at least 4."""
    return max(_LEAST_RANK, 1 << (rank - 1).bit_length())


def layout_of(linear_shapes: Mapping[str, tuple[int, int]], rank: int) -> Layout:
    """Return the layout of adapters of that rank.

    Args:
        linear_shapes: name of each adapted layer -> (inputs, outputs)
        rank: the recipe's
    """
    width, at = padded_rank(rank), 0
    places: dict[str, Place] = {}
    for name in sorted(linear_shapes):
        inputs, outputs = linear_shapes[name]
        behind_a = _aligned(at + inputs * width)
        places[name] = Place(inputs, outputs, at, behind_a)
        at = _aligned(behind_a + outputs * width)
    return Layout(width, places, at)


def first_row(layout: Layout, rank: int, seed: int) -> Tensor:
    """Return float (length,): A drawn as PEFT does, uniform within 1 / sqrt(inputs); B zero, so nothing changes yet."""
    generator = torch.Generator().manual_seed(seed)
    row = torch.zeros(1, layout.length)
    for name, place in layout.places.items():
        drawn = (torch.rand(rank, place.inputs, generator=generator) * 2 - 1) * place.inputs**-0.5
        layout.a_of(row, name)[0, :rank] = drawn
    return row[0]


def adapter_in(row: Tensor, layout: Layout, recipe: Recipe, targets: tuple[str, ...]) -> Adapter:
    """Return the adapter that float (length,) holds, without the padding of its rank; it looks into the row."""
    rows = row.detach()[None]
    layers = {
        name: LowRank(
            layout.a_of(rows, name)[0, : recipe.rank],
            layout.b_of(rows, name)[0, :, : recipe.rank],
        )
        for name in layout.places
    }
    return Adapter(AdapterConfig(recipe.rank, recipe.alpha, targets), layers)


def _aligned(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT
