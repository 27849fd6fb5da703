"""The exact training on a GPU against the constants of the CPUs: the same digest, or where it parts.

    PYTHONPATH=src python scripts/exact_h200.py        on a machine with a CUDA device

Prints, for each operator, whether the GPU gives the CPU's bits, then the known trainings' digests, then the time of
a step at hidden 2048 on both. Exits 1 if a known digest differs.
"""

import sys
import time

import torch
from torch import Tensor

from fraction.adapters.exact.base import ExactBase, freeze
from fraction.adapters.exact.operators import OPERATORS
from fraction.adapters.exact.optimiser import beginning
from fraction.adapters.exact.selftest import KNOWN_LEAVES, known_lesson, known_training, known_weights
from fraction.adapters.exact.shape import Shape
from fraction.adapters.exact.start import first_parameters, uniform
from fraction.adapters.exact.steps import steps
from fraction.adapters.exact.twin import TorchKernels
from fraction.training import Recipe
from fraction.verification.exact import Application

RECIPE = Recipe(rank=8, alpha=16, steps=4, batch_size=3)
LARGE = Shape(
    hidden=2048, layers=2, heads=16, key_heads=16, head=128, inner=8192, vocabulary=4096, norm_epsilon=1e-5,
    rotation_base=10_000.0,
)  # fmt: skip


def main() -> int:
    """Compare; return 1 if a known digest differs on the GPU."""
    if not torch.cuda.is_available():
        print("There is no CUDA device here; run this on a machine with one.")
        return 2
    print(torch.cuda.get_device_name(), torch.__version__)
    differing = operators_that_differ()
    print("operators with other bits than the CPU's:", ", ".join(sorted(differing)) or "none")
    wrong = 0
    for arithmetic, known in KNOWN_LEAVES.items():
        found = known_training(TorchKernels(), arithmetic, "cuda")
        wrong += found != known
        print(
            f"{arithmetic}: {found[:12]} on the GPU, {known[:12]} on every CPU: {'same' if found == known else 'OTHER'}"
        )
    for device in ("cuda", "cpu"):
        base = freeze(LARGE, known_weights(LARGE), "exact-v1", device)
        print(f"a step at hidden 2048 on {device}: {seconds_a_step(base):.3f} s")
    return int(wrong > 0)


def operators_that_differ() -> set[str]:
    """Return the operators of a traced training that give other bits on the GPU for the same inputs."""
    differing: set[str] = set()

    def compare(application: Application, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        again = OPERATORS[application.operator](*(x.cuda() for x in inputs), *application.settings)
        if not torch.equal(again.cpu(), output):
            differing.add(application.operator)

    for arithmetic in KNOWN_LEAVES:
        known_training(TorchKernels(listen=compare), arithmetic)
    return differing


def seconds_a_step(base: ExactBase) -> float:
    """Return the time of one step after a first one."""
    lesson = known_lesson(256, uniform("long", 3 * 256))
    running = steps(base, beginning(first_parameters(base, RECIPE.rank, (0,))), [lesson], RECIPE, TorchKernels())
    next(running)
    start = time.monotonic()
    next(running)
    if base.embeddings.is_cuda:
        torch.cuda.synchronize()
    return time.monotonic() - start


if __name__ == "__main__":
    sys.exit(main())
