"""Unit tests of a submission that nobody trusts.

The box is given the submission and the arguments; it answers with the returned values. Whether they are right
is decided out here, so a submission can neither pass by printing, exiting early or patching the driver, nor
read the expected values. One box per submission, one answer per call.
"""

import json
import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypedDict, Union

from fraction.app.sandboxing import Execution, Limits, Sandbox
from fraction.app.unit_testing import TestOutcome
from fraction.base import JsonObject, Rejected, parse_json

DRIVER = Path(__file__).with_name("unit_test_driver.py").read_text()
COUNTS = -1
"""The number under which the box writes counted instructions."""
RELATIVE_TOLERANCE = 1e-9  # for floats only: the last bits depend on the order of a sum


Value: TypeAlias = Union[bool, int, float, str, list["Value"], dict[str, "Value"], None]
"""What a submission may be given and may return: JSON, floats included; a tuple is a list."""


class UnitTest(TypedDict):
    """One call and the value it must return."""

    args: list[Value]
    expect: Value


@dataclass(frozen=True, slots=True)
class SandboxedTests:
    """Runs the unit tests of tasks in a sandbox; a TestRunner."""

    sandbox: Sandbox

    def run_tests(self, source: str, hidden: JsonObject) -> TestOutcome:
        """Return how many of the task's tests `source` passes; see `fraction.app.unit_testing`.

        Raises:
            Rejected: the task's secret part is not `entry` and `tests`.
            Unavailable: the sandbox cannot be started.
        """
        entry, tests = hidden.get("entry"), hidden.get("tests")
        if not isinstance(entry, str) or not isinstance(tests, list):
            raise Rejected("A coding task needs `entry`, a function's name, and `tests`, a list.")
        reference = hidden.get("reference", "")
        if not isinstance(reference, str):
            raise Rejected("A coding task's `reference` is the text of a program.")
        return run_tests(self.sandbox, source, entry, [_unit_test(test) for test in tests], reference=reference)


def run_tests(
    sandbox: Sandbox,
    source: str,
    entry: str,
    tests: Sequence[UnitTest],
    limits: Limits | None = None,
    reference: str = "",
) -> TestOutcome:
    """Return how many `tests` the function `entry` of the submission `source` passes.

    Raises:
        Unavailable: the sandbox cannot be started.
    """
    nonce = secrets.token_hex(16)
    order = {"source": source, "entry": entry, "calls": [test["args"] for test in tests], "nonce": nonce}
    order |= {"reference": reference} if reference else {}
    execution = sandbox.run(DRIVER, json.dumps(order).encode(), limits or Limits())
    answers = _answers(execution.stdout, nonce)
    failures = [
        failure
        for number, test in enumerate(tests)
        if (failure := _failure(number, test, answers.get(number), execution)) is not None
    ]
    counts = _counts(answers.get(COUNTS))
    return TestOutcome(len(tests) - len(failures), len(tests), failures[0] if failures else "", *counts)


def same_value(expected: Value, value: Value) -> bool:
    """Return whether two JSON values count as equal: True is not 1, 2.0 is 2, floats within 1e-9."""
    if isinstance(expected, bool) or isinstance(value, bool):
        return expected is value
    if isinstance(expected, list) and isinstance(value, list):
        return len(expected) == len(value) and all(map(same_value, expected, value))
    if isinstance(expected, dict) and isinstance(value, dict):
        return expected.keys() == value.keys() and all(same_value(expected[key], value[key]) for key in expected)
    if isinstance(expected, float) and isinstance(value, int | float):
        return math.isclose(expected, value, rel_tol=RELATIVE_TOLERANCE, abs_tol=RELATIVE_TOLERANCE)
    return expected == value


def _counts(answer: dict[str, Value] | None) -> tuple[int | None, int | None]:
    """Return the instructions of the submission and of the reference; None where the box did not say."""
    value = answer.get("value") if answer else None
    if not isinstance(value, list) or len(value) != 2:
        return None, None
    own, reference = (n if isinstance(n, int) and not isinstance(n, bool) and n > 0 else None for n in value)
    return own, reference


def _unit_test(test: object) -> UnitTest:
    if not isinstance(test, dict) or not isinstance(test.get("args"), list) or "expect" not in test:
        raise Rejected("Each test of a coding task needs `args`, a list, and `expect`.")
    return UnitTest(args=test["args"], expect=test["expect"])


def _answers(stdout: str, nonce: str) -> dict[int, dict[str, Value]]:
    """Return the box's answers by call; a call that was answered twice has none."""
    answers: dict[int, dict[str, Value]] = {}
    seen_twice: set[int] = set()
    for line in stdout.splitlines():
        mark, _, text = line.partition(" ")
        answer = _parsed(text) if mark == nonce else None
        if answer is None:
            continue
        number = answer.get("call")
        if isinstance(number, int):
            if number in answers:
                seen_twice.add(number)
            answers[number] = answer
    return {number: answer for number, answer in answers.items() if number not in seen_twice}


def _parsed(text: str) -> dict[str, Value] | None:
    try:
        answer = parse_json(text)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _failure(number: int, test: UnitTest, answer: dict[str, Value] | None, execution: Execution) -> str | None:
    """Return why the test failed, in one sentence; None if it passed."""
    call = f"Test {number + 1} called with {_short(test['args'])}"
    if answer is None:
        ending = f"its {execution.reason} limit ended it" if execution.reason else "the program ended early"
        return f"{call} gave no single answer: {ending}."
    if "error" in answer:
        return f"{call} raised {answer['error']}."
    if "value" not in answer or not same_value(test["expect"], answer["value"]):
        return f"{call} returned {_short(answer.get('value'))} where {_short(test['expect'])} was expected."
    return None


def _short(value: Value) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:77] + "..."
