# pyright: basic
# torch and transformers have no complete types.
"""The program that a referee would decide gives the bits of the training that nodes run."""

from dataclasses import replace

import numpy as np
import pytest

from fraction.adapters.exact.evidence import Prover
from fraction.adapters.exact.step_program import data_of, extent_of, matrices_of, write_step
from fraction.adapters.exact.twin import TorchKernels
from fraction.adapters.traces.step_trace import trace_of
from fraction.verification.program import Kind, Source
from fraction.verification.referee import decide, rows_needed
from tests.adapters.exact.small_models import RECIPE, exact_base, leaves, lesson, plain_model, run, start

SHORT = replace(RECIPE, steps=2)


@pytest.mark.parametrize(
    ("family", "arithmetic"), [("llama", "exact-v1"), ("qwen2", "exact-v1"), ("llama", "exact-fixed-v1")]
)
def test_one_program_gives_every_step_of_a_real_training(family: str, arithmetic: str) -> None:
    base, rows = exact_base(plain_model(family), arithmetic), lesson(recipe=SHORT)
    extent = extent_of(rows)
    written = write_step(base, SHORT, extent)
    before = matrices_of(start(base, recipe=SHORT), None, 0)
    for number, stepped in enumerate(run(base, [rows], TorchKernels(), SHORT)):
        data = data_of(rows, number, SHORT, extent)
        known = {Source.CONSTANT: written.constants, Source.DATA: data, Source.STATE: before}
        trace = trace_of(written.program, known)
        before = matrices_of(stepped.state, stepped.updates, 0)
        assert trace.state().root.hex() == leaves([stepped])[0]
        last = len(written.program.operators) - 1
        assert trace.rows_of(Source.OPERATOR, last)[0] == before[-1][0].astype(">f4").tobytes()


def test_the_referee_confirms_numbers_of_every_kind_in_a_real_step() -> None:
    base, rows = exact_base(plain_model()), lesson(recipe=SHORT)
    extent = extent_of(rows)
    written = write_step(base, SHORT, extent)
    first, _ = run(base, [rows], TorchKernels(), SHORT)
    state = matrices_of(first.state, first.updates, 0)
    known = {Source.CONSTANT: written.constants, Source.DATA: data_of(rows, 1, SHORT, extent), Source.STATE: state}
    trace = trace_of(written.program, known)
    chance, seen = np.random.default_rng(3), set()
    for index, operator in enumerate(written.program.operators):
        if operator.kind in seen:
            continue
        seen.add(operator.kind)
        row, column = int(chance.integers(operator.rows)), int(chance.integers(operator.columns))
        value = trace.rows_of(Source.OPERATOR, index)[row]
        first_input = trace.rows_of(operator.inputs[0].source, operator.inputs[0].index)
        ids = words(first_input[row])[:1] if operator.kind is Kind.LOOK_UP else ()
        needed = rows_needed(operator, row, column, ids)
        inputs = [
            words(trace.rows_of(v.source, v.index)[place], v.width)
            for v, place in zip(operator.inputs, needed, strict=True)
        ]
        assert decide(operator, row, column, inputs) == words(value)[column], operator.kind
    assert seen == set(Kind)


def words(row: bytes, width: int = 4) -> list[int]:
    if width == 1:
        return np.frombuffer(row, np.int8).tolist()
    return np.frombuffer(row, ">u4").tolist()


def test_a_specification_changes_with_data_and_recipe_and_the_claim_is_the_training() -> None:
    base, rows = exact_base(plain_model()), lesson(recipe=SHORT)
    prover = Prover(base, TorchKernels(), trace_of)
    trail = tuple(leaves(run(base, [rows], TorchKernels(), SHORT)))
    named = prover.specified(rows, SHORT).specification
    assert prover.specified(rows, SHORT).specification == named
    assert prover.specified(lesson(1, recipe=SHORT), SHORT).specification.plans != named.plans
    faster = prover.specified(rows, replace(SHORT, learning_rate_ppm=6_000)).specification
    assert (faster.initial, faster.constants) == (named.initial, named.constants)
    assert faster.plans != named.plans
    assert prover.specified(rows, replace(SHORT, seed=9)).specification.initial != named.initial
    honest, liar = (prover.evidence(rows, SHORT, trail, altered) for altered in (False, True))
    for step in range(2):
        assert honest.trace(step).state().root.hex() == trail[step]
    assert liar.leaves[:-1] == trail[:-1]
    assert liar.leaves[-1] != trail[-1]
    assert liar.trace(1).state().root.hex() == liar.leaves[-1]
    assert liar.trace(1).inner().root == honest.trace(1).inner().root
