# pyright: basic
# torch has no complete types.
"""Rows of the batch: each as if alone, whatever shapes the others bring."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fraction.adapters.lora.attention import Reach, reads_alike, row_cache
from fraction.adapters.lora.bank import Bank
from fraction.adapters.lora.base import load_base
from fraction.adapters.lora.decoder import TOGETHER, Decoder, Prompt
from fraction.base import sha256_of
from tests.adapters.lora.tiny_models import random_adapter

ROWS, CONTEXT, STEPS = 9, 200, 3
KINDS = {"float32": (torch.float32, False), "bfloat16": (torch.bfloat16, False), "NF4": (torch.float32, True)}

Lengths = st.lists(st.integers(1, CONTEXT - STEPS - 1), min_size=1, max_size=ROWS)


def decoder_of(folder: Path, kind: str, make: type[Decoder] = Decoder) -> Decoder:
    dtype, nf4 = KINDS[kind]
    base = load_base(folder, nf4=nf4, unpacked=True, dtype=dtype)
    bank = Bank(base, ROWS, 8)
    for rank in (1, 4, 8):
        bank.put(sha256_of(bytes([rank])), random_adapter(base.linear_shapes, rank, rank))
    return make(base, bank, ROWS, CONTEXT)


def prompts_of(lengths: Sequence[int]) -> list[Prompt]:
    return [
        Prompt([6 + (7 * place + at) % 200 for at in range(length)], (place + length) % 4)
        for place, length in enumerate(lengths)
    ]


def logits_of(decoder: Decoder, prompts: Sequence[Prompt]) -> list[Tensor]:
    """Return float (1 + STEPS, vocabulary) for each of the prompts, which are admitted together."""
    started = decoder.admit(prompts)
    told = [[logits] for _, logits in started]
    for step in range(STEPS):
        logits = decoder.step({row: 10 + step for row, _ in started})
        for (row, _), its in zip(started, told, strict=True):
            its.append(logits[row])
    for row, _ in started:
        decoder.free(row)
    return [torch.stack(its) for its in told]


@pytest.fixture(scope="module")
def decoders(llama: Path) -> dict[str, Decoder]:
    return {kind: decoder_of(llama, kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@given(Lengths)
@settings(max_examples=15, deadline=None)
def test_prompts_admitted_together_give_the_bits_they_give_alone(
    decoders: dict[str, Decoder], kind: str, lengths: list[int]
) -> None:
    prompts = prompts_of(lengths)
    together = logits_of(decoders[kind], prompts)
    for prompt, its in zip(prompts, together, strict=True):
        assert torch.equal(logits_of(decoders[kind], [prompt])[0], its)


class Uneven(Decoder):
    """Computes each prompt of a pass a little differently, as a library may."""

    passes: tuple[int, ...] = ()

    def _pass(self, prompts: Sequence[Prompt], length: int) -> list[Tensor]:
        self.passes = (*self.passes, len(prompts))
        return [state + 2**-10 * (len(prompts) - 1) for state in super()._pass(prompts, length)]


def test_where_passes_are_not_alike_prompts_are_run_one_by_one(llama: Path) -> None:
    uneven = decoder_of(llama, "float32", Uneven)
    assert isinstance(uneven, Uneven)
    prompts = prompts_of([20] * TOGETHER)
    first, second = logits_of(uneven, prompts), logits_of(uneven, prompts)
    assert uneven.passes == (1,) * TOGETHER + (TOGETHER,) + (1,) * TOGETHER
    for prompt, *its in zip(prompts, first, second, strict=True):
        assert all(torch.equal(logits_of(uneven, [prompt])[0], one) for one in its)


def test_prompts_of_one_padded_length_share_a_pass(decoders: dict[str, Decoder]) -> None:
    passes = decoders["NF4"]._passes(prompts_of([5, 40, 9, 33, 32, 150, 1]))
    assert list(passes) == [(32, [0, 2, 4, 6]), (64, [1, 3]), (160, [5])]


def test_a_mask_ends_with_the_reach_and_reading_all_is_like_reading_all() -> None:
    reach = Reach(torch.zeros(5, dtype=torch.long), 128)
    _, (lanes,) = row_cache(1, 5, reach)
    lanes.start(0, torch.zeros(2, 4, 16), torch.zeros(2, 4, 16))
    assert reads_alike(lanes, 4, 128)
    reach.length = 64
    assert reach.mask(torch.float32).shape == (5, 1, 1, 64)
    assert (reach.mask(torch.float32) == 0).sum() == 5
