"""The step's program computes a Llama's gradients, numpy and the referee give the same bits, and states are trained."""

import random
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from fraction.adapters.traces.evaluate import Matrix, matrix_tree, row_bytes
from fraction.adapters.traces.job import SMALL, Run, carry_out, small_job
from fraction.base import Rejected
from fraction.verification.llama_step import constant_shapes
from fraction.verification.merkle import MerkleTree
from fraction.verification.program import Kind, Source
from fraction.verification.referee import decide, rows_needed

# torch and numpy leave these open
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
pytestmark = pytest.mark.model


@cache
def trained() -> Run:
    return carry_out(small_job(5))


def words(matrix: Matrix, row: int) -> list[int]:
    own = matrix[row]
    return own.tolist() if own.dtype == np.int8 else own.view(np.uint32).tolist()


def test_the_referee_gives_the_bits_of_every_operator() -> None:
    run, dice = trained(), random.Random(1)
    values = run.job.values(4, run.states[3])
    sources: dict[Source, Sequence[Matrix]] = {
        Source.OPERATOR: values,
        Source.STATE: run.states[3],
        Source.CONSTANT: run.job.constants,
        Source.DATA: run.job.data[4],
    }
    for operator, value in zip(run.job.program.operators, values, strict=True):
        row, column = dice.randrange(operator.rows), dice.randrange(operator.columns)
        inputs = [sources[v.source][v.index] for v in operator.inputs]
        ids = words(inputs[0], row) if operator.kind is Kind.LOOK_UP else ()
        needed = rows_needed(operator, row, column, ids)
        read = [words(matrix, place) for matrix, place in zip(inputs, needed, strict=True)]
        assert decide(operator, row, column, read) == words(value, row)[column], operator


def test_gradients_are_those_of_automatic_differentiation() -> None:
    run = trained()
    state = dict(zip(_places(), run.states[3], strict=True))
    after = dict(zip(_places(), run.states[4], strict=True))
    expected = _gradients({n: state[n, "parameter"] for n in SMALL.adapter_names()}, run)
    norm = float(sum(g.square().sum() for g in expected.values()) ** 0.5)
    for name, gradient in expected.items():
        ours = torch.from_numpy(after[name, "gradient"].astype(np.float64)) * max(1.0, norm)
        assert float((ours - gradient).norm() / gradient.norm()) < 0.01, name


def test_training_lowers_the_loss_that_it_differentiates() -> None:
    run = carry_out(small_job(12))
    same = run.job.data[0]
    start, end = (_loss(run, dict(zip(_places(), s, strict=True)), same) for s in (run.job.initial, run.states[-1]))
    assert float(end) < float(start) + 0.05  # twelve steps on other random tokens: it must not blow up
    repeated = type(run.job)(run.job.program, run.job.constants, (same,) * 12, run.job.initial)
    learnt = _loss(run, dict(zip(_places(), carry_out(repeated).states[-1], strict=True)), same)
    assert float(learnt) < float(start) - 0.1


def test_a_row_can_be_proved_in_its_value() -> None:
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert matrix_tree(matrix).root == MerkleTree(row_bytes(matrix)).root
    assert row_bytes(matrix)[1][:4] == bytes.fromhex("40800000")


def test_a_training_that_leaves_the_finite_numbers_is_void() -> None:
    def explode(_: int, state: tuple[NDArray[np.float32], ...]) -> tuple[NDArray[np.float32], ...]:
        state[1].fill(np.float32(3e38))
        return state

    with pytest.raises(Rejected, match="not finite"):
        carry_out(small_job(2), explode)


def _places() -> list[tuple[str, str]]:
    from fraction.verification.llama_step import STATE_PARTS

    return [(name, part) for name in SMALL.adapter_names() for part in STATE_PARTS]


def _gradients(parameters: dict[str, NDArray[np.float32]], run: Run) -> dict[str, Tensor]:
    leaves = {name: torch.from_numpy(p.astype(np.float64)).requires_grad_() for name, p in parameters.items()}
    _forward(leaves, run, run.job.data[4]).backward()
    return {name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}


def _loss(run: Run, state: dict[tuple[str, str], NDArray[np.float32]], data: Sequence[Matrix]) -> Tensor:
    parameters = {n: torch.from_numpy(state[n, "parameter"].astype(np.float64)) for n in SMALL.adapter_names()}
    return _forward(parameters, run, data)


def _forward(adapters: dict[str, Tensor], run: Run, data: Sequence[Matrix]) -> Tensor:
    """Return the loss of the same model in float64, written with torch's own functions."""
    constants = dict(zip(constant_shapes(SMALL), run.job.constants, strict=True))
    known = {n: torch.from_numpy(c.astype(np.float64)) for n, c in constants.items()}
    s = SMALL
    size = s.width // s.heads

    def linear(name: str, x: Tensor) -> Tensor:
        y = x @ (known[f"{name}.rows"] * known[f"{name}.scale"].T).T
        return y + 4 * (x @ adapters[f"{name}.A"].T) @ adapters[f"{name}.B"] if f"{name}.A" in adapters else y

    def norm(x: Tensor) -> Tensor:
        return x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt()

    def heads(x: Tensor) -> Tensor:
        return x.view(s.examples, s.tokens, s.heads, size).transpose(1, 2)

    def turned(x: Tensor) -> Tensor:
        return x * known["rope.cos"] + x.roll(size // 2, -1) * known["rope.sin"]

    x = known["embedding"][torch.from_numpy(data[0][:, 0].astype(np.int64))]
    for layer in range(s.layers):
        n = norm(x)
        q, k, v = (heads(linear(f"{layer}.{name}", n)) for name in "qkv")
        mixed = torch.nn.functional.scaled_dot_product_attention(turned(q), turned(k), v, is_causal=True)
        x = x + linear(f"{layer}.o", mixed.transpose(1, 2).reshape(s.rows, s.width))
        n = norm(x)
        gated = torch.nn.functional.silu(linear(f"{layer}.gate", n)) * linear(f"{layer}.up", n)
        x = x + linear(f"{layer}.down", gated)
    labels = torch.from_numpy(data[1][:, 0].astype(np.int64))
    return torch.nn.functional.cross_entropy(linear("head", norm(x)), labels)
