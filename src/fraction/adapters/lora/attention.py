"""Attention and its memory, arranged so that no row of a batch can feel another.

Every row has a lane of fixed length in the cache, and every product has the same shape at each step, so a
row's numbers depend on that row alone, bit for bit (shapes decide which kernel runs, and so the rounding).

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
    """One layer's keys and values of one prompt, as they were computed; the start of a lane."""

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


class Lanes(Lane):
    """One layer's keys and values of all rows, each at its own position."""

    def __init__(self, rows: int, context: int, positions: Tensor) -> None:
        """Make room for `rows` rows; `positions` (int64, (rows,)) is shared and read at each update."""
        super().__init__()
        self.rows, self.context, self.positions = rows, context, positions

    def start(self, row: int, prompt: Lane) -> None:
        """Begin row `row` anew with a prompt's keys and values."""
        assert prompt.keys is not None  # noqa: S101 - a prompt has been run
        assert prompt.values is not None  # noqa: S101 - a prompt has been run
        if not self.is_initialized:
            self.keys, self.values = (
                state.new_zeros(self.rows, state.shape[1], self.context, state.shape[3])
                for state in (prompt.keys, prompt.values)
            )
            self.is_initialized = True
        assert self.keys is not None  # noqa: S101 - just made
        assert self.values is not None  # noqa: S101 - just made
        length = min(prompt.keys.shape[2], self.context)
        self.keys[row, :, :length] = prompt.keys[0, :, :length]
        self.values[row, :, :length] = prompt.values[0, :, :length]

    def update(self, key_states: Tensor, value_states: Tensor, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Write each row's next key and value at its position; return all of them."""
        assert self.keys is not None  # noqa: S101 - rows start before they go on
        assert self.values is not None  # noqa: S101 - rows start before they go on
        every = torch.arange(self.rows, device=self.positions.device)
        self.keys[every, :, self.positions] = key_states[:, :, 0]
        self.values[every, :, self.positions] = value_states[:, :, 0]
        return self.keys, self.values


def prompt_cache(layers: int) -> tuple[Cache, list[Lane]]:
    """Return a cache that catches one prompt's keys and values, and its layers."""
    lanes = [Lane() for _ in range(layers)]
    return Cache(layers=lanes), lanes  # pyright: ignore[reportArgumentType] - a list of layers


def row_cache(layers: int, rows: int, context: int, positions: Tensor) -> tuple[Cache, list[Lanes]]:
    """Return the cache of all rows, and its layers."""
    lanes = [Lanes(rows, context, positions) for _ in range(layers)]
    return Cache(layers=lanes), lanes  # pyright: ignore[reportArgumentType] - a list of layers
