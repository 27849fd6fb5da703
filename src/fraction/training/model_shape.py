"""The shape of a language model, read from its transformers config: which matrices it has, and how large they are.

Read without transformers, so that a plan needs no model library: Llama-like models (Llama, Mistral, Qwen 2 and 3,
Gemma, OLMo, …), mixtures of experts (Mixtral, Qwen-MoE, DeepSeek V2 and V3 with its latent attention) and GPT-2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from fraction.base import Rejected

_MOST = 1 << 24


@dataclass(frozen=True, slots=True)
class Linear:
    """Equal matrices."""

    name: str
    inputs: int
    outputs: int
    count: int
    adapted: bool = True
    """Whether an adapter changes them: experts fused into one tensor stay as they are."""

    @property
    def parameters(self) -> int:
        """Weights of all of them."""
        return self.inputs * self.outputs * self.count


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What of a model decides memory and time."""

    family: str
    hidden: int
    layers: int
    vocabulary: int
    linears: tuple[Linear, ...]
    """All matrices but embeddings and output head."""
    tied: bool
    """Whether the output head is the embedding."""
    active_share: float = 1.0
    """Share of the linear weights that one token passes through; below 1 with experts."""
    widest: int = 0
    """The widest inner row of a layer, in numbers."""

    @property
    def linear_parameters(self) -> int:
        """Weights of the matrices but embeddings and head."""
        return sum(linear.parameters for linear in self.linears)

    @property
    def embedding_parameters(self) -> int:
        """Weights of embeddings and head."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def parameters(self) -> int:
        """All weights but norms and biases, which are below a thousandth."""
        return self.linear_parameters + self.embedding_parameters

    def adapter_parameters(self, rank: int) -> int:
        """Return the numbers of one LoRA adapter on all adapted matrices: rank * (inputs + outputs) each."""
        return sum(rank * (linear.inputs + linear.outputs) * linear.count for linear in self.linears if linear.adapted)


def read_shape(config: object) -> ModelShape:
    """Return the shape that a transformers config.json describes, as it was parsed.

    Raises:
        Rejected: it is no JSON object, of a family that is not known here, or lacks a size.
    """
    if not isinstance(config, dict):
        raise Rejected("The config is not a JSON object; give a transformers config.json.")
    outer = cast("dict[str, object]", config)  # JSON's objects have texts as names
    inner = outer.get("text_config")
    fields = _Fields({**outer, **cast("dict[str, object]", inner)} if isinstance(inner, dict) else outer)
    if fields.has("n_embd"):
        return _gpt2(fields)
    if not fields.has("hidden_size") or not fields.has("intermediate_size"):
        raise Rejected(
            f"The plan does not know models of type {fields.family!r}: hidden_size and intermediate_size are missing."
        )
    return _decoder(fields)


class _Fields:
    """A config's numbers, checked as they are read."""

    def __init__(self, config: Mapping[str, object]) -> None:
        self._config = config
        self.family = str(config.get("model_type", "unknown"))[:40]

    def has(self, *names: str) -> bool:
        return any(self._config.get(name) is not None for name in names)

    def flag(self, name: str, default: bool) -> bool:
        value = self._config.get(name)
        return value if isinstance(value, bool) else default

    def number(self, *names: str, default: int | None = None) -> int:
        """Return the first of these fields that is there."""
        for name in names:
            value = self._config.get(name)
            if value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
                raise Rejected(f"The config's {name} is {value!r}; it must be a whole number up to {_MOST}.")
            return value
        if default is None:
            raise Rejected(f"The config of this {self.family} lacks {names[0]}; give a whole transformers config.json.")
        return default


def _gpt2(f: _Fields) -> ModelShape:
    hidden, layers = f.number("n_embd"), f.number("n_layer")
    inner = f.number("n_inner", default=4 * hidden)
    linears = (
        Linear("c_attn", hidden, 3 * hidden, layers),
        Linear("c_proj", hidden, hidden, layers),
        Linear("mlp.c_fc", hidden, inner, layers),
        Linear("mlp.c_proj", inner, hidden, layers),
    )
    return ModelShape(f.family, hidden, layers, f.number("vocab_size"), linears, tied=True, widest=inner)


def _decoder(f: _Fields) -> ModelShape:
    hidden, layers = f.number("hidden_size"), f.number("num_hidden_layers")
    experts = f.number("n_routed_experts", "num_local_experts", "num_experts", default=0)
    dense = min(layers, f.number("first_k_dense_replace", default=0)) if experts else layers
    attention = _latent_attention(f, hidden, layers) if f.has("kv_lora_rank") else _attention(f, hidden, layers)
    inner = f.number("intermediate_size")
    linears = [*attention, *_mlp("mlp", hidden, inner, dense)]
    idle = 0
    if experts:
        width = f.number("moe_intermediate_size", default=inner)
        shared = f.number("n_shared_experts", default=0) * width or f.number(
            "shared_expert_intermediate_size", default=0
        )
        routed = _mlp("experts", hidden, width, (layers - dense) * experts, adapted=False)
        used = f.number("num_experts_per_tok", default=2)
        linears += [*routed, *_mlp("shared_experts", hidden, shared, layers - dense)]
        linears.append(Linear("gate", hidden, experts, layers - dense, adapted=False))
        idle = sum(linear.parameters for linear in routed) * max(0, experts - used) // experts
    kept = tuple(linear for linear in linears if linear.parameters)
    total = sum(linear.parameters for linear in kept)
    tied = f.flag("tie_word_embeddings", default=f.family.startswith("gemma"))
    share = (total - idle) / total if total else 1.0
    return ModelShape(f.family, hidden, layers, f.number("vocab_size"), kept, tied, share, widest=inner)


def _attention(f: _Fields, hidden: int, layers: int) -> list[Linear]:
    heads = f.number("num_attention_heads")
    size = f.number("head_dim", default=hidden // max(1, heads))
    shared = f.number("num_key_value_heads", default=heads)
    return [
        Linear("q_proj", hidden, heads * size, layers),
        Linear("k_proj", hidden, shared * size, layers),
        Linear("v_proj", hidden, shared * size, layers),
        Linear("o_proj", heads * size, hidden, layers),
    ]


def _latent_attention(f: _Fields, hidden: int, layers: int) -> list[Linear]:
    """DeepSeek's: queries, keys and values pass through narrow latents (arXiv:2405.04434, section 2.1)."""
    heads, latent = f.number("num_attention_heads"), f.number("kv_lora_rank")
    rope, plain, value = f.number("qk_rope_head_dim"), f.number("qk_nope_head_dim"), f.number("v_head_dim")
    query = f.number("q_lora_rank", default=0)
    into = [Linear("q_a_proj", hidden, query, layers), Linear("q_b_proj", query, heads * (plain + rope), layers)]
    return [
        *(into if query else [Linear("q_proj", hidden, heads * (plain + rope), layers)]),
        Linear("kv_a_proj_with_mqa", hidden, latent + rope, layers),
        Linear("kv_b_proj", latent, heads * (plain + value), layers),
        Linear("o_proj", heads * value, hidden, layers),
    ]


def _mlp(name: str, hidden: int, inner: int, count: int, adapted: bool = True) -> list[Linear]:
    return [
        Linear(f"{name}.gate_proj", hidden, inner, count, adapted),
        Linear(f"{name}.up_proj", hidden, inner, count, adapted),
        Linear(f"{name}.down_proj", inner, hidden, count, adapted),
    ]
