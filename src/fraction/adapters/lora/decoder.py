"""Rows of a batch that write independently: each comes, goes and uses its adapter without the others noticing.

    admit   a prompt is run alone, padded to a length that only it decides, into a free row's lane
    step    every row goes one token on; the batch always has the same number of rows

A last row is never used: where a vector unit handles the end of a tensor otherwise than its middle, the end is there.
"""

from typing import Any

import torch
from torch import Tensor

from fraction.adapters.lora.attention import causal_mask, prompt_cache, row_cache
from fraction.adapters.lora.bank import BARE, Bank
from fraction.adapters.lora.base import Base

PAD_TO = 32
"""Prompts are padded to a multiple of this many tokens."""


class Decoder:
    """The batch: `rows` lanes of `context` tokens over one base and its bank."""

    def __init__(self, base: Base, bank: Bank, rows: int, context: int) -> None:
        """Prepare empty rows; memory for them is taken when the first prompt comes."""
        self.base, self.bank, self.context = base, bank, context
        first = next(base.model.parameters())
        self.device, self.dtype = first.device, first.dtype
        self.positions = torch.zeros(rows + 1, dtype=torch.long, device=self.device)
        self._layers = int(base.model.config.num_hidden_layers)  # pyright: ignore - every causal model has it
        self._cache, self._lanes = row_cache(self._layers, rows + 1, context, self.positions)
        self._slots = torch.full((rows + 1,), BARE, dtype=torch.long, device=self.device)
        self._tokens = torch.zeros(rows + 1, 1, dtype=torch.long, device=self.device)
        self._free = list(range(rows - 1, -1, -1))
        self._routed = False
        self._experts: str | None = None

    @property
    def has_room(self) -> bool:
        """Whether a row is free."""
        return bool(self._free)

    @torch.inference_mode()
    def admit(self, prompt: list[int], slot: int) -> tuple[int, Tensor]:
        """Run a prompt with the adapter in `slot`; return its row and float (vocabulary,): the logits that follow."""
        row = self._free.pop()
        length = min(self.context, -(-len(prompt) // PAD_TO) * PAD_TO)
        tokens = torch.tensor([prompt + prompt[-1:] * (length - len(prompt))], device=self.device)  # (1, length)
        self.bank.routing.route(None if slot == BARE else torch.tensor([slot], device=self.device))
        self._routed = False
        self._dispatch("eager")
        cache, lanes = prompt_cache(self._layers)
        logits = self.base.model(
            input_ids=tokens,
            position_ids=torch.arange(length, device=self.device)[None],
            attention_mask=causal_mask(length, next(self.base.model.parameters())),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=torch.tensor([len(prompt) - 1], device=self.device),
        ).logits
        for lane, one in zip(self._lanes, lanes, strict=True):
            lane.start(row, one)
        self._slots[row], self.positions[row] = slot, len(prompt)
        return row, logits[0, -1]

    @torch.inference_mode()
    def step(self, tokens: dict[int, int]) -> Tensor:
        """Write one token into each of the given rows; return float (rows + 1, vocabulary): what follows."""
        self._dispatch("batched_mm")
        for row, token in tokens.items():
            self._tokens[row, 0] = token
        if not self._routed:
            bare = not bool(self._slots.any())
            self.bank.routing.route(None if bare else self._slots.clone())
            self._routed = True
        reach = torch.arange(self.context, device=self.device) <= self.positions[:, None]  # (rows + 1, context)
        lowest = torch.finfo(self.dtype).min
        mask = torch.zeros(reach.shape, device=self.device, dtype=self.dtype).masked_fill(~reach, lowest)[:, None, None]
        logits = self.base.model(
            input_ids=self._tokens,
            position_ids=self.positions[:, None],
            attention_mask=mask,
            past_key_values=self._cache,
            use_cache=True,
        ).logits
        for row in tokens:
            self.positions[row] += 1
        return logits[:, -1]

    def free(self, row: int) -> None:
        """Give a row back."""
        self._slots[row], self.positions[row], self._tokens[row] = BARE, 0, 0
        self._routed = False
        self._free.append(row)

    def _dispatch(self, experts: str) -> None:
        """Choose how a mixture of experts computes: token by token where rows share the batch."""
        model: Any = self.base.model
        if experts != self._experts and model._can_set_experts_implementation():
            model.set_experts_implementation(experts)
        self._experts = experts
