"""The frozen base: any causal language model that transformers can load from a folder.

Loading never reaches for the network and never runs code that comes with the weights.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from transformers.utils import logging as transformers_logging

from fraction.adapters.lora.attention import ATTENTION
from fraction.adapters.lora.nf4 import NF4
from fraction.adapters.lora.prompts import ChatFormat
from fraction.adapters.lora.weights import weights_digest
from fraction.base import Digest, Rejected

transformers_logging.disable_progress_bar()


@dataclass(frozen=True, slots=True)
class Base:
    """A frozen model with its tokenizer; adapters are told apart by the layers' names."""

    model: nn.Module
    """Called with `input_ids`; gives `.logits`. No parameter of it requires a gradient."""
    chat: ChatFormat
    context_tokens: int
    """How many positions the model was made for."""
    digest: Digest
    """SHA-256 of the weights file; with several files, of their sorted digests."""
    nf4: bool
    """Whether the linear layers hold NF4 values."""

    @property
    def linear_shapes(self) -> dict[str, tuple[int, int]]:
        """Name of every linear layer an adapter may change -> (inputs, outputs); not the output head."""
        return {name: (layer.in_features, layer.out_features) for name, layer in adapted_layers(self.model)}

    @property
    def targets(self) -> tuple[str, ...]:
        """Last parts of those layers' names, by which PEFT finds them."""
        return tuple(sorted({name.rpartition(".")[2] for name in self.linear_shapes}))


def adapted_layers(model: nn.Module) -> list[tuple[str, Any]]:
    """Return name and module of each linear layer besides the output head, in the model's order."""
    head = model.get_output_embeddings()  # pyright: ignore[reportCallIssue] - every causal model has it
    return [
        (name, module)
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear | NF4) and module is not head
    ]


def load_base(
    path: Path | str, nf4: bool, unpacked: bool = False, device: str = "cpu", dtype: torch.dtype = torch.float32
) -> Base:
    """Return the model in the folder `path`, frozen.

    Args:
        path: a folder with config.json, *.safetensors, tokenizer files and a chat template
        nf4: whether the linear layers are rounded to NF4, as QLoRA trains on
        unpacked: keep NF4 values as plain matrices: the same numbers, faster, more memory
        device: where it computes
        dtype: what it computes in: float32, or bfloat16 for twice the speed where the processor has it

    Raises:
        Rejected: the folder holds no causal language model that can chat.
    """
    folder = Path(path)
    if not (folder / "config.json").is_file():
        raise Rejected(f"There is no model in {folder}: config.json is missing; name a folder saved by transformers.")
    model = _load_model(folder, dtype)
    tokenizer = _load_tokenizer(folder)
    if nf4:
        _quantise(model, unpacked)
    model.requires_grad_(False).eval().to(device)
    return Base(
        model=model,
        chat=ChatFormat(tokenizer, _end_tokens(model, tokenizer)),
        context_tokens=int(getattr(model.config, "max_position_embeddings", 2048)),
        digest=weights_digest(folder),
        nf4=nf4,
    )


def _load_model(folder: Path, dtype: torch.dtype) -> Any:  # noqa: ANN401 - whichever class the config names
    weights_digest(folder)
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        if config.model_type not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
            raise Rejected(f"The model in {folder} is a {config.model_type}; only causal language models can chat.")
        return AutoModelForCausalLM.from_pretrained(
            folder,
            config=config,
            dtype=dtype,
            attn_implementation=ATTENTION,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise Rejected(f"The model in {folder} does not load: {_first_line(error)}") from error


def _load_tokenizer(folder: Path) -> Any:  # noqa: ANN401 - whichever class the config names
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise Rejected(f"The tokenizer in {folder} does not load: {_first_line(error)}") from error
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise Rejected(f"The tokenizer in {folder} has no tokenizer.json; convert it to the fast form.")
    if not tokenizer.chat_template:
        raise Rejected(f"The tokenizer in {folder} has no chat template; use an instruction-tuned model.")
    return tokenizer


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:  # noqa: ANN401 - transformers' own classes
    """Return the tokens that end a reply: the generation settings' and the tokenizer's."""
    settings = getattr(model, "generation_config", None)
    named = getattr(settings, "eos_token_id", None)
    ends = set(named if isinstance(named, list) else [named]) | {tokenizer.eos_token_id}
    return frozenset(end for end in ends if end is not None)


def _quantise(model: nn.Module, unpacked: bool) -> None:
    for name, layer in adapted_layers(model):
        packed = NF4(layer)
        replace_layer(model, name, packed.unpacked() if unpacked else packed)


def replace_layer(model: nn.Module, name: str, layer: nn.Module) -> None:
    """Put `layer` in the place called `name`."""
    parent, _, leaf = name.rpartition(".")
    setattr(model.get_submodule(parent), leaf, layer)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]
