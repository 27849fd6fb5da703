"""Attention and its memory, arranged so that no row of a batch can feel another.

Every row has a lane of fixed length in the cache, and products have one shape at every step, or others that were
tried to give the same bits, so a row's numbers depend on that row alone (shapes decide which kernel runs, and so
the rounding).

    lanes   keys of layer l: float (rows, heads, context, size); row r has written positions 0..p[r]
"""

from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.cache_utils import Cache, CacheLayerMixin

ATTENTION = "fraction_grouped"
"""The name under which transformers knows `grouped_attention`."""


def grouped_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float,
    dropout: float = 0.0,
    **_: Any,  # noqa: ANN401 - other models pass more
) -> tuple[Tensor, None]:
    """Return attention over shared key heads without copying a key head for each of its query heads.

    Args:
        module: the attention layer; not looked at
        query: float (rows, heads, tokens, size)
        key: float (rows, shared heads, length, size)
        value: float (rows, shared heads, length, value size)
        attention_mask: float, added to the logits, (rows, 1, tokens, length); None is the causal mask
        scaling: factor of the logits
        dropout: must be zero, as it is for a frozen base

    Returns: float (rows, tokens, heads, value size)
    Source: Ainslie et al. 2023, arXiv:2305.13245 (grouped-query attention).
    """
    del module, dropout
    rows, heads, tokens, size = query.shape
    shared, length = key.shape[1], key.shape[2]
    if attention_mask is None:
        attention_mask = causal_mask(tokens, query)
    folded = query.reshape(rows, shared, heads // shared * tokens, size)
    logits = (folded @ key.transpose(2, 3)) * scaling  # (rows, shared, group * tokens, length)
    logits = logits.view(rows, shared, heads // shared, tokens, length) + attention_mask[:, :, None]
    weights = logits.softmax(dim=-1)
    mixed = weights.view(rows, shared, -1, length) @ value  # (rows, shared, group * tokens, value size)
    return mixed.reshape(rows, heads, tokens, -1).transpose(1, 2), None


AttentionInterface.register(ATTENTION, grouped_attention)


def causal_mask(tokens: int, like: Tensor) -> Tensor:
    """Return float (1, 1, tokens, tokens): 0 where a token may look, the lowest number where it may not."""
    lowest = torch.finfo(like.dtype).min
    ones = torch.ones(tokens, tokens, dtype=torch.bool, device=like.device)
    return torch.zeros(tokens, tokens, dtype=like.dtype, device=like.device).masked_fill(ones.triu(1), lowest)[
        None, None
    ]


class Lane(CacheLayerMixin):
    """One layer's keys and values of prompts, as they were computed; the starts of lanes."""

    is_sliding = False

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Remember what was computed."""
        self.keys, self.values = key_states, value_states
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Keep and return the prompt's keys and values."""
        self.lazy_initialization(key_states, value_states)
        return key_states, value_states

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Return length and offset, for masks that we make ourselves."""
        return query_length, 0

    def get_seq_length(self) -> int:
        """Return 0: a prompt starts at the first position."""
        return 0

    def get_max_length(self) -> int:
        """Return -1: no limit of its own."""
        return -1


class Reach:
    """Which positions the rows of a batch read: each its own, and none beyond the first `length`."""

    def __init__(self, positions: Tensor, context: int) -> None:
        """Follow `positions`, int64 (rows,), where each row writes next; read the whole context at first."""
        self.positions, self.context, self.length = positions, context, context

    def mask(self, dtype: torch.dtype) -> Tensor:
        """Return float (rows, 1, 1, length): 0 up to the row's own position, the lowest number after it."""
        visible = torch.arange(self.length, device=self.positions.device) <= self.positions[:, None]
        blank = torch.zeros(visible.shape, dtype=dtype, device=visible.device)
        return blank.masked_fill(~visible, torch.finfo(dtype).min)[:, None, None]


class Lanes(Lane):
    """One layer's keys and values of all rows, each at its own position."""

    def __init__(self, rows: int, reach: Reach) -> None:
        """Make room for `rows` rows; `reach` is shared and read at each update."""
        super().__init__()
        self.rows, self.reach = rows, reach

    def start(self, row: int, keys: Tensor, values: Tensor) -> None:
        """Begin row `row` anew with a prompt's keys and values, float (heads, length, size)."""
        if not self.is_initialized:
            self.keys, self.values = (
                state.new_zeros(self.rows, state.shape[0], self.reach.context, state.shape[2])
                for state in (keys, values)
            )
            self.is_initialized = True
        assert self.keys is not None  # noqa: S101 - just made
        assert self.values is not None  # noqa: S101 - just made
        self.keys[row, :, : keys.shape[1]] = keys
        self.values[row, :, : values.shape[1]] = values

    def update(self, key_states: Tensor, value_states: Tensor, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Write each row's next key and value at its position; return those within reach."""
        assert self.keys is not None  # noqa: S101 - rows start before they go on
        assert self.values is not None  # noqa: S101 - rows start before they go on
        every = torch.arange(self.rows, device=self.keys.device)
        self.keys[every, :, self.reach.positions] = key_states[:, :, 0]
        self.values[every, :, self.reach.positions] = value_states[:, :, 0]
        return self.keys[:, :, : self.reach.length], self.values[:, :, : self.reach.length]


def reads_alike(lanes: Lanes, heads: int, length: int) -> bool:
    """Return whether attention to full lanes of that length has the bits of attention to all, the rest masked.

    Random numbers decide: a sum in another order, or through another kernel, would differ somewhere in thousands.

    Args:
        lanes: begun by at least one prompt; their numbers are not looked at
        heads: of the queries
        length: how many positions are read, 1 to the context
    """
    assert lanes.keys is not None  # noqa: S101 - begun
    assert lanes.values is not None  # noqa: S101 - begun
    rows, _, _, size = lanes.keys.shape
    dice = torch.Generator(lanes.keys.device).manual_seed(0)
    keys, values, query = (
        torch.randn(shape, generator=dice, device=dice.device).to(lanes.keys.dtype)
        for shape in (lanes.keys.shape, lanes.values.shape, (rows, heads, 1, size))
    )
    mask = Reach(torch.full_like(lanes.reach.positions, length - 1), lanes.reach.context).mask(keys.dtype)
    module, scaling = torch.nn.Identity(), keys.shape[-1] ** -0.5
    whole, _ = grouped_attention(module, query, keys, values, mask, scaling)
    short, _ = grouped_attention(module, query, keys[:, :, :length], values[:, :, :length], mask[..., :length], scaling)
    return torch.equal(whole, short)


def prompt_cache(layers: int) -> tuple[Cache, list[Lane]]:
    """Return a cache that catches the keys and values of prompts, and its layers."""
    lanes = [Lane() for _ in range(layers)]
    return Cache(layers=lanes), lanes  # pyright: ignore[reportArgumentType] - a list of layers


def row_cache(layers: int, rows: int, reach: Reach) -> tuple[Cache, list[Lanes]]:
    """Return the cache of all rows, and its layers."""
    lanes = [Lanes(rows, reach) for _ in range(layers)]
    return Cache(layers=lanes), lanes  # pyright: ignore[reportArgumentType] - a list of layers
