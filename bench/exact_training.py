"""Claim: training with the same bits everywhere costs no more than plain torch float32, and learns the same.

Run: `python bench/exact_training.py [--rounds 3] [--seeds 3] [--hidden 512 2048]`.

Times are processor seconds of a whole training step on
one thread, in one process, the ways taking turns; the ratios are to plain torch float32 (transformers' model, PEFT's
way of adding the update, torch's AdamW). The loss is compared on the embedded model, from the same start.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, LlamaConfig

from fraction.adapters.exact.base import ExactBase, freeze
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.native import NativeKernels
from fraction.adapters.exact.optimiser import State, beginning
from fraction.adapters.exact.selftest import trusted_product
from fraction.adapters.exact.shape import read_shape
from fraction.adapters.exact.start import first_parameters, low_rank
from fraction.adapters.exact.steps import Stepped, steps
from fraction.adapters.exact.trail import step_leaf
from fraction.adapters.exact.twin import TorchKernels
from fraction.adapters.lora.base import load_base
from fraction.training import Recipe

EMBEDDED = Path(__file__).resolve().parents[1] / "src/fraction/adapters/models/embedded"
RECIPE = Recipe(rank=8, alpha=16, steps=100, batch_size=8, learning_rate_ppm=2_000)
SIZES = (  # hidden, inner, layers, heads, examples, tokens
    (512, 1536, 4, 8, 8, 128),
    (2048, 8192, 1, 16, 4, 128),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The same rows in every step."""

    tokens: Tensor
    labels: Tensor
    order: tuple[tuple[int, ...], ...]


class Updated(nn.Module):
    """A frozen layer with a low-rank update, as PEFT computes it."""

    def __init__(self, layer: nn.Module, a: Tensor, b: Tensor, scale: float) -> None:
        """Wrap `layer`."""
        super().__init__()
        self.layer, self.scale = layer, scale
        self.a, self.b = nn.Parameter(a.clone()), nn.Parameter(b.clone())

    def forward(self, x: Tensor) -> Tensor:
        """Return float (..., outputs)."""
        return self.layer(x) + nn.functional.linear(nn.functional.linear(x, self.a), self.b) * self.scale


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--hidden", type=int, nargs="*", default=[512, 2048], help="which sizes to time")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        native = NativeKernels(Path(folder), trusted_product())
        twin = TorchKernels(trusted_product())
        print("| hidden | tokens | plain torch s | exact-v1, C | exact-v1, torch alone | exact-fixed-v1, C | hashing |")
        print("|---|---|---|---|---|---|---|")
        for size in (size for size in SIZES if size[0] in options.hidden):
            print(line(size, native, twin, options.rounds), flush=True)
        print("\nFinal loss on the embedded model in NF4, 15 steps, from the same start:")
        for seed in range(options.seeds):
            plain, exact = learning(seed, native)
            print(
                f"seed {seed}: plain float32 {plain:.4f}, exact-v1 {exact:.4f}, ratio {exact / plain:.4f}", flush=True
            )


def line(size: tuple[int, ...], native: Kernels, twin: Kernels, rounds: int) -> str:
    """Return one size's row of the table: medians over rounds of one step each way."""
    hidden, inner, layers, heads, examples, tokens = size
    model = random_model(hidden, inner, layers, heads)
    lesson = random_rows(examples, tokens)
    shape, weights = read_shape(model.config.to_dict()), dict(model.state_dict())
    ways: dict[str, Iterator[object]] = {}
    for name, arithmetic, kernels in (
        ("c", "exact-v1", native),
        ("torch", "exact-v1", twin),
        ("fixed", "exact-fixed-v1", native),
    ):
        ways[name] = exact_steps(freeze(shape, weights, arithmetic), lesson, kernels)
    base = freeze(shape, weights)
    state = beginning(first_parameters(base, RECIPE.rank, (0,)))
    ways["plain"] = plain_steps(model, low_rank(base, dict(state.parameters), 0), lesson, RECIPE)
    times: dict[str, list[float]] = {name: [] for name in ways}
    hashing: list[float] = []
    for turn in range(rounds + 1):
        for name, way in ways.items():
            spent, stepped = seconds(lambda way=way: next(way))
            if turn:  # the first is for warming up
                times[name].append(spent)
            if turn and name == "c" and isinstance(stepped, Stepped):
                hashing.append(seconds(lambda s=stepped: step_leaf(s.state, s.updates, 0))[0] / spent)
    mid = {name: statistics.median(spent) for name, spent in times.items()}
    ratios = [f"{mid[name] / mid['plain']:.2f}" for name in ("c", "torch", "fixed")]
    cells = [str(hidden), str(examples * tokens), f"{mid['plain']:.2f}", *ratios, f"{statistics.median(hashing):.1%}"]
    return f"| {' | '.join(cells)} |"


def learning(seed: int, kernels: Kernels) -> tuple[float, float]:
    """Return the last losses of plain float32 and of exact training, both on the NF4 model."""
    recipe = replace(RECIPE, steps=15, rank=4, seed=seed, learning_rate_ppm=4_000)
    loaded: Any = load_base(EMBEDDED, nf4=True, unpacked=True).model
    generator = torch.Generator().manual_seed(seed)
    base = freeze(read_shape(loaded.config.to_dict()), loaded.state_dict())
    words = torch.randint(6, 400, (40,), generator=generator)
    tokens = words[(torch.arange(64)[None] * (1 + torch.arange(8)[:, None]) + seed) % 40]  # patterns to be learnt
    labels = tokens.clone()
    labels[:, :8] = -100
    lesson = Rows(tokens, labels, tuple(tuple(range(8)) for _ in range(recipe.steps)))
    state = beginning(first_parameters(base, recipe.rank, (seed,)))
    *_, last = steps(base, state, [lesson], recipe, kernels)
    *_, plain = plain_steps(loaded, low_rank(base, dict(state.parameters), 0), lesson, recipe)
    return plain, last.losses_ppm[0] / 1e6


def exact_steps(base: ExactBase, lesson: Rows, kernels: Kernels) -> Iterator[Stepped]:
    """Give steps of exact training."""
    state: State = beginning(first_parameters(base, RECIPE.rank, (0,)))
    return steps(base, state, [lesson], RECIPE, kernels)


def plain_steps(
    model: Any,  # noqa: ANN401 - transformers' own class
    start: Mapping[str, tuple[Tensor, Tensor]],
    lesson: Rows,
    recipe: Recipe,
) -> Iterator[float]:
    """Give the loss of each step of the same training in plain torch; the model is changed."""
    trained: list[nn.Parameter] = []
    for name, (a, b) in start.items():
        owner, _, leaf = name.rpartition(".")
        wrapped = Updated(model.get_submodule(name), a, b, recipe.alpha / recipe.rank)
        setattr(model.get_submodule(owner), leaf, wrapped)
        trained += [wrapped.a, wrapped.b]
    rate = recipe.learning_rate_ppm / 1e6
    optimiser = torch.optim.AdamW(trained, lr=rate, weight_decay=0.0)
    for number, batch in enumerate(lesson.order):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (number + 1) / (recipe.warmup_steps + 1))
        rows, labels = lesson.tokens[list(batch)], lesson.labels[list(batch)]
        logits = model(input_ids=rows, use_cache=False).logits[:, :-1]
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        yield float(loss.detach())


def random_model(hidden: int, inner: int, layers: int, heads: int) -> Any:  # noqa: ANN401 - transformers' own class
    """Return a random Llama of that size, frozen, float32."""
    config = LlamaConfig(
        vocab_size=4096, hidden_size=hidden, intermediate_size=inner, num_hidden_layers=layers,
        num_attention_heads=heads, num_key_value_heads=heads, max_position_embeddings=512,
    )  # fmt: skip
    torch.manual_seed(1)
    return AutoModelForCausalLM.from_config(config, dtype=torch.float32).requires_grad_(False)


def random_rows(examples: int, tokens: int) -> Rows:
    """Return rows without padding, all of them learnt: the most work for every way."""
    rows = torch.randint(6, 4096, (examples, tokens), generator=torch.Generator().manual_seed(2))
    return Rows(rows, rows.clone(), tuple(tuple(range(examples)) for _ in range(RECIPE.steps)))


def seconds(act: Callable[[], object]) -> tuple[float, object]:
    """Return the processor time of one call, and what it gave."""
    start = time.process_time()
    given = act()
    return time.process_time() - start, given


if __name__ == "__main__":
    main()
