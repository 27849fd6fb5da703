# pyright: basic
# torch and safetensors have no complete types.
import json
import pickle
import struct
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fraction.adapters.lora.adapter_config import AdapterConfig, read_config
from fraction.adapters.lora.adapter_file import (
    Adapter,
    LowRank,
    adapter_digest,
    export_peft,
    import_peft,
    pack_adapter,
    unpack_adapter,
)
from fraction.base import Json, Rejected
from tests.adapters.lora.tiny_models import random_adapter

SHAPES = {"model.layers.0.q_proj": (6, 4), "model.layers.0.o_proj": (4, 6)}
KEY = "base_model.model.model.layers.0.q_proj.lora_A.weight"


def tensors() -> dict[str, torch.Tensor]:
    return safetensors.torch.load(pack_adapter(random_adapter(SHAPES, 2, 1)))


def packed(parts: dict[str, torch.Tensor], **changes: Json) -> bytes:
    config = {**AdapterConfig(2, 4, ("o_proj", "q_proj")).to_json(), **changes}
    return safetensors.torch.save(parts, metadata={"adapter_config": json.dumps(config)})


def test_a_packed_adapter_comes_back_and_has_one_form() -> None:
    adapter = random_adapter(SHAPES, 2, 1)
    blob = pack_adapter(adapter)
    again = unpack_adapter(blob, SHAPES, 8)
    assert again.config == adapter.config
    assert pack_adapter(again) == blob
    reordered = Adapter(adapter.config, dict(reversed(list(adapter.layers.items()))))
    assert adapter_digest(pack_adapter(reordered)) == adapter_digest(blob)


def test_one_other_value_gives_another_digest() -> None:
    adapter = random_adapter(SHAPES, 2, 1)
    name = next(iter(SHAPES))
    changed = adapter.layers[name].a.clone()
    changed[0, 0] += 1e-6
    layers = {**adapter.layers, name: LowRank(changed, adapter.layers[name].b)}
    assert pack_adapter(Adapter(adapter.config, layers)) != pack_adapter(adapter)


def test_a_peft_folder_comes_back(tmp_path: Path) -> None:
    adapter = random_adapter(SHAPES, 2, 1)
    export_peft(adapter, tmp_path / "agent")
    assert pack_adapter(import_peft(tmp_path / "agent", SHAPES, 8)) == pack_adapter(adapter)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="no PEFT adapter"):
        import_peft(tmp_path, SHAPES, 8)


def test_half_precision_is_read_as_float32() -> None:
    blob = packed({key: value.bfloat16() for key, value in tensors().items()})
    assert all(layer.a.dtype == torch.float32 for layer in unpack_adapter(blob, SHAPES, 8).layers.values())


def broken(**parts: torch.Tensor | None) -> bytes:
    kept = {**tensors(), **parts}
    return packed({key: value for key, value in kept.items() if value is not None})


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        (b"", "not a safetensors file"),
        (struct.pack("<Q", 1 << 60) + b"{}", "not a safetensors file"),
        (struct.pack("<Q", 2) + b"[]", "not a JSON object"),
        (struct.pack("<Q", 2) + b"{]", "not JSON"),
        (pickle.dumps({"a": 1}), "not a safetensors file|not JSON"),
        (safetensors.torch.save(tensors()), "no adapter_config"),
        (pack_adapter(random_adapter(SHAPES, 2, 1))[:-4], "not a valid safetensors"),
        (pack_adapter(random_adapter(SHAPES, 9, 1)), "rank is 9"),
        (pack_adapter(random_adapter({"other": (4, 4)}, 2, 1)), "no layer of this base"),
        (broken(**{KEY: None}), "come in pairs"),
        (broken(**{KEY: torch.zeros(2, 7)}), "shape"),
        (broken(**{KEY: torch.zeros(6, 2)}), "shape"),
        (broken(**{KEY: torch.full((2, 6), float("nan"))}), "not finite"),
        (broken(**{KEY: torch.full((2, 6), float("inf"))}), "not finite"),
        (broken(**{KEY: torch.full((2, 6), 1e9)}), "beyond 10000"),
        (broken(**{KEY: torch.zeros(2, 6, dtype=torch.int64)}), "type I64"),
        (broken(extra=torch.zeros(1)), "no layer of this base"),
        (packed({}), "changes no layer"),
        (packed(tensors(), r=3), "shape"),
    ],
)
def test_a_file_that_is_no_adapter_of_the_base_is_refused(blob: bytes, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        unpack_adapter(blob, SHAPES, 8)


@pytest.mark.parametrize(
    "changes",
    [
        {"peft_type": "IA3"}, {"r": 0}, {"r": "2"}, {"r": True}, {"lora_alpha": 0}, {"lora_alpha": 1.5},
        {"bias": "all"}, {"use_dora": True}, {"use_rslora": True}, {"modules_to_save": ["lm_head"]},
        {"rank_pattern": {"q_proj": 8}}, {"alpha_pattern": {"q": 1}}, {"fan_in_fan_out": True},
        {"megatron_config": {"a": 1}}, {"layer_replication": [[0, 1]]}, {"target_parameters": ["w"]},
        {"a_new_feature": 1}, {"target_modules": 7}, {"task_type": "SEQ_CLS"},
    ],
)  # fmt: skip
def test_a_configuration_beyond_plain_lora_is_refused(changes: dict[str, Json]) -> None:
    with pytest.raises(Rejected, match="adapter"):
        unpack_adapter(packed(tensors(), **changes), SHAPES, 8)


def test_pefts_own_configuration_is_read() -> None:
    from peft import LoraConfig, TaskType

    theirs = LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "o_proj"], task_type=TaskType.CAUSAL_LM)
    fields = {key: sorted(value) if isinstance(value, set) else value for key, value in theirs.to_dict().items()}
    assert read_config(json.dumps(fields)) == AdapterConfig(4, 16, ("o_proj", "q_proj"))


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, "null", "x" * 200_000])
def test_text_that_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="configuration"):
        read_config(text)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_files_are_refused_or_still_whole_adapters(data: st.DataObject) -> None:
    blob = bytearray(pack_adapter(random_adapter(SHAPES, 2, 1)))
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    try:
        adapter = unpack_adapter(bytes(blob), SHAPES, 8)
    except Rejected:
        return
    for name, layer in adapter.layers.items():
        inputs, outputs = SHAPES[name]
        assert layer.a.shape == (adapter.config.rank, inputs)
        assert layer.b.shape == (outputs, adapter.config.rank)
        assert bool(torch.isfinite(layer.a).all() and torch.isfinite(layer.b).all())
