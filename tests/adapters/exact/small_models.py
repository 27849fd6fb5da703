# pyright: basic
# torch and transformers have no complete types.
"""A small random model in exact arithmetic, lessons for it, and the same model in plain float64."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config

from fraction.adapters.exact.base import ExactBase, freeze
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.optimiser import State, beginning
from fraction.adapters.exact.shape import read_shape
from fraction.adapters.exact.start import first_parameters
from fraction.adapters.exact.steps import Stepped, steps
from fraction.adapters.exact.trail import step_leaf
from fraction.base import Digest
from fraction.training import Recipe

RECIPE = Recipe(rank=4, alpha=16, steps=3, batch_size=4, learning_rate_ppm=5_000, warmup_steps=1)
_SIZES: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 80,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """Tokens and labels, and what each step reads."""

    tokens: Tensor
    labels: Tensor
    order: tuple[tuple[int, ...], ...]


def plain_model(family: str = "llama", seed: int = 7) -> Any:  # noqa: ANN401 - transformers' own classes
    """Return a random model of that family."""
    config = LlamaConfig(**_SIZES) if family == "llama" else Qwen2Config(**_SIZES)
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(1.0 if "norm" in name else 0.0, 0.15)
    return model.requires_grad_(False)


def exact_base(model: Any, arithmetic: str = "exact-v1") -> ExactBase:  # noqa: ANN401 - as above
    """Return a model in exact arithmetic."""
    return freeze(read_shape(model.config.to_dict()), model.state_dict(), arithmetic)


def lesson(seed: int = 0, examples: int = 7, length: int = 24, recipe: Recipe = RECIPE) -> Lesson:
    """Return rows with prompts and paddings of many lengths."""
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(3, 96, (examples, length), generator=generator)
    labels = tokens.clone()
    for row in range(examples):
        prompt = int(torch.randint(1, length // 2, (), generator=generator))
        end = int(torch.randint(length // 2 + 1, length + 1, (), generator=generator))
        labels[row, :prompt] = -100
        labels[row, end:] = -100
        tokens[row, end:] = 0
    stream = [n % examples for n in range(recipe.steps * recipe.batch_size)]
    size = recipe.batch_size
    return Lesson(tokens, labels, tuple(tuple(stream[at : at + size]) for at in range(0, len(stream), size)))


def start(base: ExactBase, *seeds: int, recipe: Recipe = RECIPE) -> State:
    """Return the state before the first step, one job a seed."""
    return beginning(first_parameters(base, recipe.rank, seeds or (0,)))


def run(
    base: ExactBase, lessons: list[Lesson], kernels: Kernels, recipe: Recipe = RECIPE, at_once: int = 8
) -> list[Stepped]:
    """Return all steps of a training."""
    state = start(base, *range(len(lessons)), recipe=recipe)
    return list(steps(base, state, lessons, recipe, kernels, at_once))


def leaves(stepped: list[Stepped], job: int = 0) -> list[Digest]:
    """Return a job's trail."""
    return [step_leaf(s.state, s.updates, job) for s in stepped]


class _WithUpdate(nn.Module):
    def __init__(self, layer: nn.Linear, a: Tensor, b: Tensor, scale: float) -> None:
        super().__init__()
        self.layer, self.scale = layer, scale
        self.a, self.b = nn.Parameter(a.double()), nn.Parameter(b.double())

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) + x @ self.a.t() @ self.b.t() * self.scale


def float64_gradients(
    model: Any,  # noqa: ANN401 - as above
    base: ExactBase,
    state: State,
    rows: Lesson,
) -> tuple[float, dict[str, Tensor]]:
    """Return loss and gradients of the first step by automatic differentiation in float64.

    The model's matrices become those that the exact base stands for, so only the arithmetic differs.
    """
    weights: dict[str, Tensor] = {"lm_head": base.head.matrix()}
    parameters: Mapping[str, Tensor] = state.parameters
    for layer in base.layers:
        for p in layer.projections:
            weights.update(zip(p.parts, p.weight.matrix().split(p.outputs), strict=True))
    model = model.double()
    scale = RECIPE.alpha / RECIPE.rank
    wrapped: dict[str, _WithUpdate] = {}
    model.lm_head.weight.data = weights.pop("lm_head").double()
    for layer in base.layers:
        for p in layer.projections:
            for part, a in zip(p.parts, parameters[f"{p.name}.A"][0].chunk(len(p.parts)), strict=True):
                inner = model.get_submodule(part)
                inner.weight.data = weights[part].double()
                wrapped[part] = _WithUpdate(inner, a, parameters[f"{part}.B"][0], scale)
                owner, _, leaf = part.rpartition(".")
                setattr(model.get_submodule(owner), leaf, wrapped[part])
    batch = list(rows.order[0])
    logits = model(input_ids=rows.tokens[batch], use_cache=False).logits[:, :-1]
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), rows.labels[batch][:, 1:].flatten(), ignore_index=-100)
    loss.backward()
    gradients: dict[str, Tensor] = {}
    for layer in base.layers:
        for p in layer.projections:
            parts = [wrapped[part].a.grad for part in p.parts]
            gradients[f"{p.name}.A"] = torch.cat([g for g in parts if g is not None])
            for part in p.parts:
                grad = wrapped[part].b.grad
                assert grad is not None
                gradients[f"{part}.B"] = grad
    return float(loss.detach()), gradients
