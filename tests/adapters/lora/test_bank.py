# pyright: basic
# torch and peft have no complete types.
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from fraction.adapters.lora.adapter_file import Adapter, export_peft
from fraction.adapters.lora.bank import BARE, Bank
from fraction.adapters.lora.base import Base, load_base
from fraction.base import Digest, Rejected
from tests.adapters.lora.tiny_models import SHAPES, random_adapter

NAMES = [Digest(f"{n:064x}") for n in range(6)]


@torch.no_grad()
def logits_of(base: Base, bank: Bank, tokens: torch.Tensor, slots: list[int] | None) -> torch.Tensor:
    bank.routing.route(None if slots is None else torch.tensor(slots))
    return base.model(input_ids=tokens, use_cache=False).logits


def tokens_for(rows: int) -> torch.Tensor:
    return torch.randint(6, 300, (rows, 32), generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize("nf4", [False, True])
def test_each_row_of_a_mixed_batch_is_bitwise_what_it_is_with_its_adapter_alone(llama: Path, nf4: bool) -> None:
    base = load_base(llama, nf4=nf4)
    adapters = [random_adapter(base.linear_shapes, rank, seed) for seed, rank in enumerate([1, 2, 4, 8])]
    bank = Bank(base, 4, 8)
    slots = [bank.put(NAMES[n], adapter) for n, adapter in enumerate(adapters)]
    tokens = tokens_for(5)
    mixed = logits_of(base, bank, tokens, [*slots, BARE])
    for row, adapter in enumerate([*adapters, None]):
        alone_base = load_base(llama, nf4=nf4)
        alone = Bank(alone_base, 4, 8)
        slot = BARE if adapter is None else alone.put(NAMES[0], adapter)
        assert torch.equal(logits_of(alone_base, alone, tokens, [slot] * 5)[row], mixed[row])


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # PEFT's own use of transformers
@pytest.mark.parametrize("shape", ["llama", "qwen2"])  # PEFT takes DeepSeek's dense layers for fused experts
def test_plain_peft_loads_the_exported_adapter_and_computes_the_same(
    model_folders: dict[str, Path], tmp_path: Path, shape: str
) -> None:
    base = load_base(model_folders[shape], nf4=False)
    adapter = random_adapter(base.linear_shapes, 4, 5)
    export_peft(adapter, tmp_path)
    plain = AutoModelForCausalLM.from_pretrained(model_folders[shape], dtype=torch.float32)
    with torch.no_grad():
        theirs = PeftModel.from_pretrained(plain, str(tmp_path)).eval()(input_ids=tokens_for(2)).logits
    assert_computes(base, adapter, theirs)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_adapter_does_what_its_update_added_to_the_weights_does(model_folders: dict[str, Path], shape: str) -> None:
    base = load_base(model_folders[shape], nf4=False)
    adapter = random_adapter(base.linear_shapes, 4, 5)
    merged = AutoModelForCausalLM.from_pretrained(model_folders[shape], dtype=torch.float32)
    with torch.no_grad():
        for name, layer in adapter.layers.items():
            weight = merged.get_submodule(name).weight
            assert isinstance(weight, torch.Tensor)
            weight += adapter.config.scale * layer.b @ layer.a
        theirs = merged(input_ids=tokens_for(2)).logits
    assert_computes(base, adapter, theirs)


def assert_computes(base: Base, adapter: Adapter, expected: torch.Tensor) -> None:
    bank = Bank(base, 1, 8)
    ours = logits_of(base, bank, tokens_for(2), [bank.put(NAMES[0], adapter)] * 2)
    bare = logits_of(base, bank, tokens_for(2), None)
    assert not torch.allclose(ours, bare, atol=1e-2)
    torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-4)


def test_the_least_recently_used_adapter_makes_room(llama: Path) -> None:
    base = load_base(llama, nf4=False)
    bank = Bank(base, 2, 8)
    adapters = [random_adapter(bank.shapes, 4, seed) for seed in range(3)]
    first, second = bank.put(NAMES[0], adapters[0]), bank.put(NAMES[1], adapters[1])
    assert bank.hold(NAMES[0]) == first
    bank.release(NAMES[0])
    assert bank.put(NAMES[2], adapters[2]) == second
    assert bank.digests == (NAMES[0], NAMES[2])
    assert bank.hold(NAMES[1]) is None


def test_an_adapter_in_use_is_never_replaced(llama: Path) -> None:
    bank = Bank(load_base(llama, nf4=False), 1, 8)
    bank.put(NAMES[0], random_adapter(bank.shapes, 4, 0))
    bank.hold(NAMES[0])
    with pytest.raises(Rejected, match="slot is in use"):
        bank.put(NAMES[1], random_adapter(bank.shapes, 4, 1))
    bank.release(NAMES[0])
    assert bank.put(NAMES[1], random_adapter(bank.shapes, 4, 1)) == 1


def test_a_slot_that_is_used_again_keeps_nothing_of_the_adapter_before(llama: Path) -> None:
    base = load_base(llama, nf4=False)
    bank = Bank(base, 1, 8)
    bank.put(NAMES[0], random_adapter(bank.shapes, 8, 0))
    few = random_adapter({name: bank.shapes[name] for name in list(bank.shapes)[:2]}, 2, 1)
    again = logits_of(base, bank, tokens_for(2), [bank.put(NAMES[1], few)] * 2)
    fresh_base = load_base(llama, nf4=False)
    fresh = Bank(fresh_base, 1, 8)
    assert torch.equal(again, logits_of(fresh_base, fresh, tokens_for(2), [fresh.put(NAMES[1], few)] * 2))


def test_a_rank_beyond_the_banks_is_refused(llama: Path) -> None:
    bank = Bank(load_base(llama, nf4=False), 1, 2)
    with pytest.raises(Rejected, match="rank is 4"):
        bank.put(NAMES[0], random_adapter(bank.shapes, 4, 0))
