"""Rows of a batch that write independently: each comes, goes and uses its adapter without the others noticing.

    admit   prompts, padded to lengths that each decides alone, go into free rows' lanes
    step    every row goes one token on; the batch always has the same number of rows

Prompts of one length are run together, and attention reads no further than the longest row, only in shapes that
give each row the bits it has alone. That is tried on this machine before a shape is first used; where it does not
hold, prompts are run one by one and attention reads the whole context.

A last row is never used: where a vector unit handles the end of a tensor otherwise than its middle, the end is there.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fraction.adapters.lora.attention import Reach, causal_mask, prompt_cache, reads_alike, row_cache
from fraction.adapters.lora.bank import BARE, Bank
from fraction.adapters.lora.base import Base

PAD_TO = 32
"""Prompts are padded to a multiple of this many tokens."""

TOGETHER = 8
"""At most so many prompts are run in one pass; counts are powers of two, to keep the shapes few."""

SHORTEST_REACH = 64
"""Attention reads so many positions, or twice, four times … as many."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a row begins with."""

    tokens: list[int]
    slot: int
    """Which adapter of the bank it uses."""


class Decoder:
    """The batch: `rows` lanes of `context` tokens over one base and its bank."""

    def __init__(self, base: Base, bank: Bank, rows: int, context: int) -> None:
        """Prepare empty rows; memory for them is taken when the first prompt comes."""
        self.base, self.bank, self.context = base, bank, context
        first = next(base.model.parameters())
        self.device, self.dtype = first.device, first.dtype
        self.positions = torch.zeros(rows + 1, dtype=torch.long, device=self.device)
        self._layers = int(base.model.config.num_hidden_layers)  # pyright: ignore - every causal model has it
        self._reach = Reach(self.positions, context)
        self._cache, self._lanes = row_cache(self._layers, rows + 1, self._reach)
        self._slots = torch.full((rows + 1,), BARE, dtype=torch.long, device=self.device)
        self._tokens = torch.zeros(rows + 1, 1, dtype=torch.long, device=self.device)
        self._free = list(range(rows - 1, -1, -1))
        self._routed = False
        self._experts: str | None = None
        self._mixes_experts = bool(base.model._can_set_experts_implementation())  # pyright: ignore - all of them have it
        self._alike: dict[tuple[int, int, bool], bool] = {}
        """(prompts, length, any adapter) -> whether such a pass gives each prompt what it gets alone."""
        self._reaches: dict[int, bool] = {context: True}

    @torch.inference_mode()
    def admit(self, prompts: Sequence[Prompt]) -> list[tuple[int, Tensor]]:
        """Run prompts; return each one's row and float (vocabulary,): the logits that follow. There must be room."""
        started: dict[int, tuple[int, Tensor]] = {}
        try:
            for length, places in self._passes(prompts):
                states = self._run([prompts[place] for place in places], length)
                for one, place in enumerate(places):
                    started[place] = self._start(prompts[place], [state[one] for state in states])
        except RuntimeError:
            for row, _ in started.values():
                self.free(row)
            raise
        return [started[place] for place in range(len(prompts))]

    def _start(self, prompt: Prompt, states: list[Tensor]) -> tuple[int, Tensor]:
        """Begin a row with what `_pass` returned for one prompt."""
        row = self._free.pop()
        for lane, keys, values in zip(self._lanes, states[1::2], states[2::2], strict=True):
            lane.start(row, keys, values)
        self._slots[row], self.positions[row] = prompt.slot, len(prompt.tokens)
        return row, states[0]

    def _passes(self, prompts: Sequence[Prompt]) -> Iterator[tuple[int, list[int]]]:
        """Give the padded length and the places of the prompts that are run together.

        With a mixture of experts each runs alone: how many tokens an expert gets depends on all prompts of a pass.
        """
        most = 1 if self._mixes_experts else TOGETHER
        by_length: defaultdict[int, list[int]] = defaultdict(list)
        for place, prompt in enumerate(prompts):
            by_length[min(self.context, -(-len(prompt.tokens) // PAD_TO) * PAD_TO)].append(place)
        for length, places in by_length.items():
            while places:
                count = min(most, 1 << (len(places).bit_length() - 1))
                yield length, places[:count]
                del places[:count]

    def _run(self, prompts: Sequence[Prompt], length: int) -> list[Tensor]:
        """Return what `_pass` returns for each prompt alone, by one pass if that is the same here."""
        shape = len(prompts), length, any(one.slot != BARE for one in prompts)
        if shape[0] == 1 or self._alike.get(shape):
            return self._pass(prompts, length)
        each = [self._pass([prompt], length) for prompt in prompts]
        alone = [torch.cat(states) for states in zip(*each, strict=True)]
        if shape not in self._alike:
            together = self._pass(prompts, length)
            self._alike[shape] = all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))
        return alone

    def _pass(self, prompts: Sequence[Prompt], length: int) -> list[Tensor]:
        """Return the logits after each prompt, float (prompts, vocabulary), then each layer's keys and values."""
        padded = [one.tokens + one.tokens[-1:] * (length - len(one.tokens)) for one in prompts]
        lasts = [len(one.tokens) - 1 for one in prompts]
        slots = torch.tensor([one.slot for one in prompts], device=self.device)
        self.bank.routing.route(slots if bool(slots.any()) else None)
        self._routed = False
        self._dispatch("eager")
        cache, lanes = prompt_cache(self._layers)
        logits = self.base.model(
            input_ids=torch.tensor(padded, device=self.device),  # (prompts, length)
            position_ids=torch.arange(length, device=self.device)[None],
            attention_mask=causal_mask(length, next(self.base.model.parameters())),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=torch.tensor((lasts * TOGETHER)[:TOGETHER], device=self.device),
        ).logits  # (prompts, TOGETHER, vocabulary): as many for one prompt as for each of several
        states = [state for lane in lanes for state in (lane.keys, lane.values) if state is not None]
        return [logits[range(len(prompts)), range(len(prompts))], *states]

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
        self._reach.length = self._reach_now()
        logits = self.base.model(
            input_ids=self._tokens,
            position_ids=self.positions[:, None],
            attention_mask=self._reach.mask(self.dtype),
            past_key_values=self._cache,
            use_cache=True,
        ).logits
        for row in tokens:
            self.positions[row] += 1
        return logits[:, -1]

    def _reach_now(self) -> int:
        """Return how many positions attention has to read: few, if that gives the same bits as reading all."""
        longest, reach = int(self.positions.max()) + 1, SHORTEST_REACH
        while reach < longest:
            reach *= 2
        reach = min(reach, self.context)
        if reach not in self._reaches:
            heads: int = self.base.model.config.num_attention_heads  # pyright: ignore - every causal model has it
            self._reaches[reach] = reads_alike(self._lanes[0], heads, reach)
        return reach if self._reaches[reach] else self.context

    def free(self, row: int) -> None:
        """Give a row back."""
        self._slots[row], self.positions[row], self._tokens[row] = BARE, 0, 0
        self._routed = False
        self._free.append(row)

    def _dispatch(self, experts: str) -> None:
        """Choose how a mixture of experts computes: token by token where rows share the batch."""
        model: Any = self.base.model
        if experts != self._experts and self._mixes_experts:
            model.set_experts_implementation(experts)
        self._experts = experts
