"""A 33B model of random NF4 weights, 64 agents in training on one GPU: memory, tokens a second, gain over one by one.

    python -m bench.h200_many [--shape llama-33b] [--agents 64] [--tokens 256] [--layers 60] [--json FILE]

Needs a CUDA device and about 80 GB of its memory at full size; `--device cpu --layers 1 --shape embedded` tries the
script anywhere. The layers, the update and the optimiser are the product's own (`GroupLinear`, `NF4`, `move`); the
model is made on the device, so no weights are read. The public figure it stands against is 4 to 5 agents a card.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from transformers import AutoConfig, AutoModelForCausalLM

from fraction.adapters.lora.group import GroupLinear, Update
from fraction.adapters.lora.layout import first_row, layout_of
from fraction.adapters.lora.nf4 import BLOCK, NF4
from fraction.adapters.lora.optimiser import move
from fraction.training import Recipe

ROOT = Path(__file__).resolve().parents[1] / "src/fraction"
RECIPE = Recipe(rank=4, alpha=8, learning_rate_ppm=100, warmup_steps=0)


@dataclass(frozen=True)
class Row:
    """One setting; seconds of wall time a step of all agents."""

    agents: int
    tokens: int
    seconds: float
    tokens_per_second: float
    gain: float
    """Over as many steps of one agent each."""
    peak_gb: float


@dataclass
class _Count:
    """What the optimiser asks of a job."""

    recipe: Recipe
    step: int = 0


class RandomModel:
    """A model of that config with random NF4 weights, wrapped for `agents` adapters."""

    def __init__(self, config: Any, agents: int, device: str) -> None:  # noqa: ANN401 - transformers' own
        """Make it on the device."""
        self.device, self.config = device, config
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
        self.wrapped: dict[str, GroupLinear] = {}
        head = model.get_output_embeddings()
        for name, module in list(model.named_modules()):
            if isinstance(module, nn.Linear) and module is not head:
                self.wrapped[name] = GroupLinear(_random_nf4(module, device))
                parent, _, leaf = name.rpartition(".")
                setattr(model.get_submodule(parent), leaf, self.wrapped[name])
        self.model = _materialised(model, device).eval().requires_grad_(False)
        self.shapes = {name: (w.layer.in_features, w.layer.out_features) for name, w in self.wrapped.items()}
        self.layout = layout_of(self.shapes, RECIPE.rank)
        self.values = torch.stack([first_row(self.layout, RECIPE.rank, seed) for seed in range(agents)]).to(device)
        self.means, self.squares = torch.zeros_like(self.values), torch.zeros_like(self.values)
        self.counts = [_Count(RECIPE) for _ in range(agents)]

    def step(self, tokens: Tensor, agents: range) -> None:
        """Let these agents learn from int64 (agents, length), a row each."""
        part = slice(agents.start, agents.stop)
        gradients = torch.zeros_like(self.values[part])
        leaves: list[Tensor] = []
        for name, layer in self.wrapped.items():
            a, b = (
                of(self.values[part], name).detach().requires_grad_() for of in (self.layout.a_of, self.layout.b_of)
            )
            scale = torch.full((len(agents), 1, 1), RECIPE.alpha / RECIPE.rank, device=self.device)
            layer.update, leaves = Update(a, b, scale), [*leaves, a, b]
        places = [of(gradients, name) for name in self.wrapped for of in (self.layout.a_of, self.layout.b_of)]
        for place, found in zip(places, torch.autograd.grad(self._loss(tokens), leaves), strict=True):
            place.copy_(found)
        for row, agent in enumerate(agents):
            move(self.counts[agent], self.values[agent], gradients[row], self.means[agent], self.squares[agent])
            self.counts[agent].step += 1

    def _loss(self, tokens: Tensor) -> Tensor:
        """Return the sum of the agents' mean losses; layers and head are checkpointed."""
        inner = self.model.model
        x = inner.embed_tokens(tokens).requires_grad_()
        positions = torch.arange(tokens.shape[1], device=self.device)[None]
        angles = inner.rotary_emb(x, positions)
        for layer in inner.layers:
            x = checkpoint(_layer, layer, x, positions, angles, use_reentrant=False)
        losses = [
            checkpoint(_row_loss, self.model.lm_head, inner.norm, x[row], tokens[row], use_reentrant=False)
            for row in range(len(tokens))
        ]
        return torch.stack(losses).sum()


def _layer(layer: Any, x: Tensor, positions: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:  # noqa: ANN401
    out = layer(x, position_ids=positions, position_embeddings=angles)
    return out[0] if isinstance(out, tuple) else out


def _row_loss(head: nn.Module, norm: nn.Module, x: Tensor, tokens: Tensor) -> Tensor:
    return nn.functional.cross_entropy(head(norm(x[:-1])).float(), tokens[1:])


def _random_nf4(shape: nn.Linear, device: str) -> NF4:
    """Return a layer of random codes; its weights have the spread of a fresh layer."""
    layer = NF4.__new__(NF4)
    nn.Module.__init__(layer)
    layer.in_features, layer.out_features, layer.bias = shape.in_features, shape.out_features, None
    count = shape.in_features * shape.out_features
    codes = torch.randint(0, 256, ((count + 1) // 2,), dtype=torch.uint8, device=device)
    layer.register_buffer("codes", codes)
    layer.register_buffer("scales", torch.full((-(-count // BLOCK),), 1.5 * shape.in_features**-0.5, device=device))
    layer.dtype = torch.bfloat16
    return layer


def _materialised(model: Any, device: str) -> Any:  # noqa: ANN401 - transformers' own
    """Return the model with the tensors that are still without storage filled at random; norms are one."""
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            if parameter.is_meta:
                fresh = torch.empty_like(parameter, device=device)
                fresh = fresh.fill_(1.0) if fresh.dim() == 1 else fresh.normal_(0, 0.02)
                setattr(module, name, nn.Parameter(fresh, requires_grad=False))
    rotary = model.model.rotary_emb
    model.model.rotary_emb = type(rotary)(model.config).to(device)
    return model


def measure(model: RandomModel, agents: int, length: int, steps: int) -> Row:
    """Return the row of one setting: all agents in a step, against one agent a step."""
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(0, model.config.vocab_size, (agents, length), generator=generator).to(model.device)
    alone = _seconds(lambda: model.step(tokens[:1], range(1)), steps, model.device)
    if model.device != "cpu":
        torch.cuda.reset_peak_memory_stats()
    together = _seconds(lambda: model.step(tokens, range(agents)), steps, model.device)
    peak = torch.cuda.max_memory_allocated() / 1e9 if model.device != "cpu" else 0.0
    return Row(agents, length, together, agents * length / together, agents * alone / together, peak)


def _seconds(act: Callable[[], None], steps: int, device: str) -> float:
    """Return the shortest of `steps` calls, after one that does not count."""
    times: list[float] = []
    for _ in range(steps + 1):
        if device != "cpu":
            torch.cuda.synchronize()
        start = time.perf_counter()
        act()
        if device != "cpu":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return min(times[1:])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for each number of agents."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", default="llama-33b", help="a name in training/shapes, or `embedded`")
    parser.add_argument("--agents", type=int, nargs="*", default=[16, 64])
    parser.add_argument("--tokens", type=int, default=256, help="tokens of each agent in a step")
    parser.add_argument("--layers", type=int, default=0, help="fewer layers than the shape has, for a trial")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    file = ROOT / f"training/shapes/{options.shape}.json"
    if options.shape == "embedded":
        file = ROOT / "adapters/models/embedded/config.json"
    fields = json.loads(file.read_text("utf-8"))
    config = AutoConfig.for_model(fields.pop("model_type"), **fields)
    config.num_hidden_layers = options.layers or config.num_hidden_layers
    model = RandomModel(config, max(options.agents), options.device)
    print("| agents | tokens each | s a step | tokens/s | gain over one by one | peak GB |")
    print("|---|---|---|---|---|---|")
    rows = [measure(model, agents, options.tokens, options.steps) for agents in options.agents]
    for row in rows:
        print(
            f"| {row.agents} | {row.tokens} | {row.seconds:.3f} | {row.tokens_per_second:.0f} | {row.gain:.2f} "
            f"| {row.peak_gb:.1f} |"
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(replace(row)) for row in rows], indent=1))


if __name__ == "__main__":
    main()
