# pyright: basic
# transformers has no complete types.
"""The planner's reading of configs against the models that transformers builds from them."""

import pytest
import torch
from transformers import AutoModelForCausalLM, GPT2Config, MixtralConfig, Qwen3Config

from fraction.adapters.lora.base import adapted_layers
from fraction.training.model_shape import read_shape
from tests.adapters.lora.tiny_models import SHAPES

CONFIGS = {
    **{name: make(320) for name, make in SHAPES.items()},
    "mixtral": MixtralConfig(
        vocab_size=320, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, num_local_experts=4,
    ),
    "qwen3": Qwen3Config(
        vocab_size=320, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16,
    ),
    "gpt2": GPT2Config(vocab_size=320, n_embd=32, n_layer=2, n_head=4),
}  # fmt: skip


@pytest.mark.parametrize("family", CONFIGS)
def test_the_plan_counts_the_weights_that_the_model_has(family: str) -> None:
    config = CONFIGS[family]
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    shape = read_shape(config.to_dict())
    small = ("norm", "bias", "wpe", "ln_", "e_score_correction")
    held = sum(p.numel() for name, p in model.named_parameters() if not any(part in name for part in small))
    assert shape.parameters == held
    if family != "gpt2":  # its matrices are transposed ones of its own kind, which adapters do not change here
        found = {name: layer.in_features + layer.out_features for name, layer in adapted_layers(model)}
        assert shape.adapter_parameters(4) == 4 * sum(found.values())
