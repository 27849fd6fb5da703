# pyright: basic
# transformers and tokenizers have no complete types.
"""Tiny random models on disk, with a small byte-level tokenizer; adapters for them; blobs in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    DeepseekV2Config,
    DeepseekV3Config,
    LlamaConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
)
from transformers.utils import logging as transformers_logging

from fraction.adapters.lora.adapter_config import AdapterConfig
from fraction.adapters.lora.adapter_file import Adapter, LowRank
from fraction.base import Digest, NotFound, sha256_of

transformers_logging.disable_progress_bar()

SPECIAL = ["<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
TEMPLATE = (
    "{{ '<|bos|>' }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
CORPUS = [
    'write a tweet about coffee for students {"reason": "names the topic", "score": 7} the quick brown fox',
    "def add(a, b): return a + b  # bid 12 cell 5, jumps over the lazy dog 0123456789",
]


def save_tokenizer(folder: Path) -> int:
    """Save the small tokenizer; return its vocabulary's size."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|bos|>", eos_token="<|end|>", pad_token="<|pad|>"
    )
    fast.add_special_tokens({"additional_special_tokens": SPECIAL[3:]})
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    return len(fast) + 8  # some families' own tokenizer classes add a token


SHAPES: dict[str, Callable[[int], Any]] = {
    "llama": lambda vocabulary: LlamaConfig(
        vocab_size=vocabulary, hidden_size=64, intermediate_size=112, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256, tie_word_embeddings=True,
    ),
    "qwen2": lambda vocabulary: Qwen2Config(
        vocab_size=vocabulary, hidden_size=48, intermediate_size=100, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=256,
    ),
    "deepseek_v2": lambda vocabulary: DeepseekV2Config(
        vocab_size=vocabulary, hidden_size=64, intermediate_size=96, moe_intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=4, n_routed_experts=4, num_experts_per_tok=2, n_shared_experts=1,
        first_k_dense_replace=1, kv_lora_rank=16, q_lora_rank=24, qk_rope_head_dim=8, qk_nope_head_dim=16,
        v_head_dim=16, n_group=1, topk_group=1, max_position_embeddings=256,
    ),
    "deepseek_v3": lambda vocabulary: DeepseekV3Config(
        vocab_size=vocabulary, hidden_size=64, intermediate_size=96, moe_intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=4, n_routed_experts=4, num_experts_per_tok=2, n_shared_experts=1,
        first_k_dense_replace=1, kv_lora_rank=16, q_lora_rank=24, qk_rope_head_dim=8, qk_nope_head_dim=16,
        v_head_dim=16, n_group=1, topk_group=1, max_position_embeddings=256,
    ),
}  # fmt: skip
"""Model families, each as small as its code allows."""


def save_model(folder: Path, shape: str) -> Path:
    """Save a random model of that family with its tokenizer; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    config = SHAPES[shape](save_tokenizer(folder))
    config.bos_token_id, config.eos_token_id, config.pad_token_id = 1, 2, 0
    torch.manual_seed(7)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.15)
    model.save_pretrained(folder)
    return folder


def random_adapter(shapes: dict[str, tuple[int, int]], rank: int, seed: int) -> Adapter:
    """Return an adapter that changes every layer strongly enough to be seen in the text."""
    generator = torch.Generator().manual_seed(seed)
    layers = {
        name: LowRank(
            torch.randn(rank, inputs, generator=generator) * 0.1,
            torch.randn(outputs, rank, generator=generator) * 0.1,
        )
        for name, (inputs, outputs) in shapes.items()
    }
    targets = tuple(sorted({name.rpartition(".")[2] for name in shapes}))
    return Adapter(AdapterConfig(rank, 2 * rank, targets), layers)


class BlobShelf:
    """Blobs in memory."""

    def __init__(self) -> None:
        self.blobs: dict[Digest, bytes] = {}
        self.fetched = 0

    def keep(self, blob: bytes) -> Digest:
        """Keep a blob; return its name."""
        digest = sha256_of(blob)
        self.blobs[digest] = blob
        return digest

    def fetch(self, digest: Digest) -> bytes:
        """Return a blob."""
        self.fetched += 1
        if digest not in self.blobs:
            raise NotFound(f"There is no blob {digest[:12]}; publish it first.")
        return self.blobs[digest]
