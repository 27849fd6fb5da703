"""The specification of exact-v1 keeps to its golden vectors, and asks for no more than it says."""

import json
from math import prod
from pathlib import Path
from typing import Any

import pytest

from fraction.base import Rejected
from fraction.verification import float32
from fraction.verification.exact import OPERATORS, Application, element, exponential
from vectors.make_exact import main

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "vectors" / "exact_v1.json").read_text())


def application(case: dict[str, Any]) -> Application:
    inputs = tuple(tuple(i["shape"]) for i in case["inputs"])
    return Application(case["operator"], inputs, tuple(case["output"]["shape"]), tuple(case["settings"]))


def test_the_golden_vectors_are_what_their_maker_writes() -> None:
    assert main(["--check"]) == 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["operator"])
def test_each_element_is_the_vectors_and_reads_within_its_inputs(case: dict[str, Any]) -> None:
    for position, expected in enumerate(case["output"]["values"]):
        asked: set[tuple[int, int]] = set()

        def read(number: int, place: int, asked: set[tuple[int, int]] = asked) -> int:
            asked.add((number, place))
            return int(case["inputs"][number]["values"][place])

        assert element(application(case), position, read) == expected
        assert all(0 <= place < prod(case["inputs"][number]["shape"]) for number, place in asked)


def test_every_operator_has_a_vector() -> None:
    assert tuple(case["operator"] for case in CASES) == OPERATORS


def test_what_is_no_operator_or_not_finite_is_refused() -> None:
    with pytest.raises(Rejected, match="no operator"):
        element(Application("guess", ((1,),), (1,)), 0, lambda _i, _p: 0)
    for bits in (0x7F800000, 0xFF800000, 0x7FC00000):
        with pytest.raises(Rejected, match="not finite"):
            float32.add(bits, float32.ONE)
    with pytest.raises(Rejected, match="divided by zero"):
        float32.divide(float32.ONE, float32.ZERO)
    with pytest.raises(Rejected, match="negative"):
        float32.square_root(float32.negative(float32.ONE))


def test_signed_zeros_subnormals_and_overflow_follow_ieee() -> None:
    minus_zero, least = 1 << 31, 1
    assert float32.add(minus_zero, minus_zero) == minus_zero
    assert float32.add(float32.ONE, float32.negative(float32.ONE)) == float32.ZERO
    assert float32.multiply(float32.negative(float32.ONE), float32.ZERO) == minus_zero
    assert float32.multiply(least, 0x3F000000) == float32.ZERO  # half of the least is a tie: to even
    assert float32.multiply(0x7F7FFFFF, 0x40000000) == 0x7F800000
    assert float32.greater(minus_zero, float32.ZERO) == float32.ZERO
    assert exponential(float32.ZERO) == float32.ONE
    assert exponential(float32.LOWEST) == float32.ZERO
