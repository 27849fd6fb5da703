"""Known answers at start: a node whose numbers differ refuses to work, and says which of them.

First the single operations that are known to go wrong somewhere, so that the refusal names the cause; then two steps
of a small training, whose digest is a constant of the class and covers every kernel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from fraction.adapters.exact.base import freeze
from fraction.adapters.exact.kernels import Kernels
from fraction.adapters.exact.native import NativeKernels
from fraction.adapters.exact.operators import (
    WholeProduct,
    int8_product,
    sliced_product,
    sqrt,
    whole_product,
)
from fraction.adapters.exact.optimiser import beginning
from fraction.adapters.exact.shape import Shape
from fraction.adapters.exact.start import first_parameters, uniform
from fraction.adapters.exact.steps import steps
from fraction.adapters.exact.trail import step_leaf
from fraction.adapters.exact.twin import TorchKernels
from fraction.base import Digest, Unavailable
from fraction.training import Recipe

KNOWN_LEAVES = {
    "exact-v1": Digest("b670cc840356bdd5eeddbea516983c5d8dcda0f87b90f24a81b869a69c06a97c"),
    "exact-fixed-v1": Digest("e998a07db632e359cf4e744b8e3ea2b4696fc057964941f3d581fca8987f7fda"),
}
"""What the small training leaves behind after its second step, by class."""
_SHAPE = Shape(
    hidden=24,
    layers=2,
    heads=4,
    key_heads=2,
    head=6,
    inner=40,
    vocabulary=50,
    norm_epsilon=1e-5,
    rotation_base=10_000.0,
)
_RECIPE = Recipe(rank=2, alpha=8, steps=2, batch_size=3, learning_rate_ppm=20_000, warmup_steps=1)


@dataclass(frozen=True, slots=True)
class KnownLesson:
    """Rows that come from a label."""

    tokens: Tensor
    labels: Tensor
    order: tuple[tuple[int, ...], ...]


def kernels_here(arithmetic: str, cache: Path | None) -> Kernels:
    """Return the fastest kernels that give the right numbers on this machine.

    Args:
        arithmetic: the class they are for
        cache: a folder for the compiled kernels; None: torch alone

    Raises:
        Unavailable: none do; the sentence says what went wrong.
    """
    product = trusted_product()
    kernels: Kernels = TorchKernels(product)
    if cache is not None:
        try:
            kernels = NativeKernels(cache, product)
        except Unavailable:
            kernels = TorchKernels(product)  # slower, the same bits
    check(kernels, arithmetic)
    return kernels


def trusted_product(product: Callable[[Tensor, Tensor], Tensor] = int8_product) -> WholeProduct:
    """Return two int8 products where int8 can be trusted, else one float64 product: the same whole numbers.

    oneDNN without VNNI adds pairs of products in 16 bits and cuts off what is larger; only the largest values show it.
    """
    x, weight = _extremes()
    true = x.long() @ weight.long()
    try:
        found = product(x, weight)
    except RuntimeError:  # not in this build of torch
        return whole_product
    return sliced_product if torch.equal(found.long(), true) else whole_product


def check(kernels: Kernels, arithmetic: str) -> None:
    """Return if `kernels` are exact on this machine.

    Raises:
        Unavailable: they are not; the sentence says what went wrong.
    """
    for name, holds in _PRIMITIVES.items():
        if not holds():
            raise Unavailable(f"This machine does not compute exactly: {name}. It cannot take part in exact training.")
    found, known = known_training(kernels, arithmetic), KNOWN_LEAVES[arithmetic]
    if found != known:
        raise Unavailable(
            f"The known training in {arithmetic} gives {found[:12]} here and should give {known[:12]}; "
            "this build of torch or of the kernels cannot be used for it."
        )


def known_training(kernels: Kernels, arithmetic: str, device: str = "cpu") -> Digest:
    """Return the digest that the small training leaves behind with these kernels."""
    base = freeze(_SHAPE, known_weights(_SHAPE), arithmetic, device)
    lesson = known_lesson(16, uniform("lesson", 5 * 16))
    state = beginning(first_parameters(base, _RECIPE.rank, (7,)))
    *_, last = steps(base, state, [lesson], _RECIPE, kernels)
    return step_leaf(last.state, last.updates, 0)


def known_lesson(length: int, numbers: Tensor) -> KnownLesson:
    """Return rows of that length from numbers between -1 and 1: prompts of five tokens, one row with padding."""
    tokens = (numbers.abs() * 49).long().view(-1, length) + 1
    labels = tokens.clone()
    labels[:, :5] = -100
    labels[1, 11:] = -100
    some = tuple(range(min(3, len(tokens))))
    return KnownLesson(tokens, labels, (some, tuple(n % len(tokens) for n in (3, 4, 0)), some, some))


def known_weights(shape: Shape) -> dict[str, Tensor]:
    """Return the weights of a model of that shape, made from their names."""
    s = shape
    sides: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (s.vocabulary, s.hidden)}
    for number in range(s.layers):
        prefix = f"model.layers.{number}."
        sides |= {
            f"{prefix}self_attn.q_proj.weight": (s.heads * s.head, s.hidden),
            f"{prefix}self_attn.q_proj.bias": (s.heads * s.head,),
            f"{prefix}self_attn.k_proj.weight": (s.key_heads * s.head, s.hidden),
            f"{prefix}self_attn.v_proj.weight": (s.key_heads * s.head, s.hidden),
            f"{prefix}self_attn.o_proj.weight": (s.hidden, s.heads * s.head),
            f"{prefix}mlp.gate_proj.weight": (s.inner, s.hidden),
            f"{prefix}mlp.up_proj.weight": (s.inner, s.hidden),
            f"{prefix}mlp.down_proj.weight": (s.hidden, s.inner),
        }
    weights = {name: uniform(name, _count(size)).view(size) * 0.5 for name, size in sides.items()}
    norms = [f"model.layers.{n}.{k}_layernorm.weight" for n in range(s.layers) for k in ("input", "post_attention")]
    return weights | {name: uniform(name, s.hidden) + 1.0 for name in [*norms, "model.norm.weight"]}


def _count(sides: tuple[int, ...]) -> int:
    count = 1
    for side in sides:
        count *= side
    return count


def _extremes() -> tuple[Tensor, Tensor]:
    """Return int8 (32, 512) and (512, 48) with the values at which 16 bits overflow."""
    x = (uniform("int8 x", 32 * 512) * 400).clamp(-127, 127).to(torch.int8).view(32, 512)
    weight = (uniform("int8 weight", 512 * 48) * 400).clamp(-127, 127).to(torch.int8).view(512, 48)
    x[0], weight[:, 0], weight[:, 1] = 127, 127, -127
    return x, weight


def _whole_sums_are_exact() -> bool:
    x, weight = ((uniform(n, 64 * 256) * 2.0**20).round().view(64, 256) for n in ("f64 x", "f64 weight"))
    true = x.long() @ weight.long().t()
    return torch.equal((x.double() @ weight.double().t()).long(), true)


def _roots_are_rounded() -> bool:
    # x**2 nearly always has x as its nearest root; the neighbours of squares are where libraries go wrong
    x = uniform("roots", 4096).abs() + 0.5
    found = sqrt(x)
    below, above = (torch.nextafter(found, torch.full_like(found, to)).double() for to in (0.0, 10.0))
    near, exact = found.double(), x.double()
    return bool((((near + below) / 2) ** 2 <= exact).all() and (((near + above) / 2) ** 2 >= exact).all())


def _small_numbers_stay() -> bool:
    x = torch.full((64,), 2.0**-126)
    return bool((x * 0.25 == 2.0**-128).all() and (torch.full((64,), 2.0**-128) * 4.0 == x).all())


def _halves_go_to_even() -> bool:
    return torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5] * 16).round().tolist() == [0.0, 2.0, 2.0, -0.0, -2.0] * 16


_PRIMITIVES = {
    "a float64 product of whole numbers is wrong": _whole_sums_are_exact,
    "square roots are not correctly rounded": _roots_are_rounded,
    "small numbers are flushed to zero (set_flush_denormal)": _small_numbers_stay,
    "halves are not rounded to even": _halves_go_to_even,
}
