"""Unit tests of submissions: honest ones score what they deserve, cheats score nothing."""

import pytest

from fraction.adapters.sandbox import SandboxedTests, UnitTest, run_tests
from fraction.adapters.sandbox.unit_tests import same_value
from fraction.app.sandboxing import Limits, Sandbox
from fraction.base import Rejected
from tests.adapters.sandbox.sandboxes import sandboxes

DOUBLES: list[UnitTest] = [{"args": [n], "expect": 2 * n} for n in (1, 2, 10)]
LIMITS = Limits(wall_milliseconds=3000, cpu_seconds=2)
HONEST = "def double(x):\n    return 2 * x"

CHEATS = {
    "prints results in the channel's form": """
import json, os, sys
for fd in (1, 3, 4, 5):
    for call, value in enumerate((2, 4, 20)):
        try:
            os.write(fd, f'guess {json.dumps({"call": call, "value": value})}\\n'.encode())
        except OSError:
            pass
def double(x): return None
""",
    "leaves with exit code 0": "import sys\nsys.exit(0)",
    "leaves at once": "import os\nos._exit(0)",
    "leaves from the function": "import os\ndef double(x): os._exit(0)",
    "ends the process by a signal": "import os\ndef double(x): os.kill(os.getpid(), 9)",
    "loops for ever": "def double(x):\n    while True: pass",
    "answers with something equal to everything": """
class Yes(int):
    def __eq__(self, other): return True
    def __repr__(self): return '4'
    __hash__ = None
def double(x): return Yes(7)
""",
    "answers with an object": """
class Yes:
    def __eq__(self, other): return True
def double(x): return Yes()
""",
    "patches the encoder": """
import json
class Encoder(json.JSONEncoder):
    def encode(self, o): return '{"call": 0, "value": 2, "passed": true}'
json.JSONEncoder = Encoder
json.dumps = lambda *a, **k: 'true'
json.loads = lambda *a, **k: {}
def double(x): return 0
""",
    "patches comparison and assertion": """
import builtins, operator
operator.eq = lambda a, b: True
builtins.all = lambda xs: True
builtins.isinstance = lambda a, b: True
def double(x): return 0
""",
    "answers a call several times, with every guess": """
import sys
def double(x):
    frame = sys._getframe(1)
    write, number = frame.f_locals['write'], frame.f_locals['number']
    for guess in range(30):
        write({'call': number, 'value': guess})
    return 0
""",
    "reads the expected values out of the driver": """
import gc, sys
def double(x):
    order = sys._getframe(1).f_locals['order']
    return order.get('expect') or [test['expect'] for test in order.get('tests', [])]
""",
    "prints more than it may": "def double(x):\n    return 'x' * 10_000_000",
    "never ends an answer": "import os\ndef double(x):\n    os.write(3, b'garbage')\n    return 0",
    "is no Python": "def double(x) return 2",
    "lacks the function": "def triple(x): return 3 * x",
}


@pytest.fixture(params=sandboxes(), ids=lambda sandbox: sandbox.name)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return request.param


def test_an_honest_submission_passes_every_test(sandbox: Sandbox) -> None:
    outcome = run_tests(sandbox, HONEST, "double", DOUBLES, LIMITS)
    assert (outcome.passed, outcome.total, outcome.error) == (3, 3, "")


def test_a_submission_may_print_import_and_keep_state(sandbox: Sandbox) -> None:
    source = (
        "import math\nprint('loading')\nseen = []\ndef double(x):\n    seen.append(x); print(seen)\n    return x + x"
    )
    assert run_tests(sandbox, source, "double", DOUBLES, LIMITS).passed == 3


def test_a_wrong_submission_is_told_the_first_failure(sandbox: Sandbox) -> None:
    outcome = run_tests(sandbox, "def double(x):\n    return x * x", "double", DOUBLES, LIMITS)
    assert (outcome.passed, outcome.total) == (1, 3)
    assert outcome.error == "Test 1 called with [1] returned 1 where 2 was expected."


def test_an_exception_fails_its_own_test_only(sandbox: Sandbox) -> None:
    source = "def double(x):\n    if x == 2: raise SystemExit('no')\n    return 2 * x"
    outcome = run_tests(sandbox, source, "double", DOUBLES, LIMITS)
    assert (outcome.passed, outcome.error) == (2, "Test 2 called with [2] raised SystemExit: no.")


def test_each_call_gets_arguments_of_its_own(sandbox: Sandbox) -> None:
    tests: list[UnitTest] = [{"args": [[1, 2]], "expect": [1, 2, 3]}, {"args": [[1, 2]], "expect": [1, 2, 3]}]
    source = "def add(xs):\n    xs.append(3)\n    return xs"
    assert run_tests(sandbox, source, "add", tests, LIMITS).passed == 2


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_scores_nothing(sandbox: Sandbox, name: str) -> None:
    outcome = run_tests(sandbox, CHEATS[name], "double", DOUBLES, LIMITS)
    assert outcome.passed == 0, outcome
    assert outcome.total == 3
    assert outcome.error.startswith("Test 1 ")


@pytest.mark.parametrize(
    ("expected", "value", "same"),
    [
        (2, 2.0, True),
        (0.3, 0.1 + 0.2, True),
        (1, True, False),
        (True, 1, False),
        ([1, [2.0]], [1, [2]], True),
        ([1], [1, 1], False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"b": 1}, False),
        (0.5, "0.5", False),
        (None, 0, False),
        (float("nan"), float("nan"), False),
    ],
)
def test_values_are_compared_as_python_would_but_for_bool(expected: object, value: object, same: bool) -> None:
    assert same_value(expected, value) is same  # pyright: ignore[reportArgumentType] - the table is JSON


def test_a_task_without_tests_is_refused() -> None:
    runner = SandboxedTests(sandboxes()[0])
    assert runner.run_tests(HONEST, {"entry": "double", "tests": [{"args": [4], "expect": 8}]}).passed == 1
    with pytest.raises(Rejected, match="entry"):
        runner.run_tests(HONEST, {"tests": []})
    with pytest.raises(Rejected, match="args"):
        runner.run_tests(HONEST, {"entry": "double", "tests": [{"args": 4}]})


SUM_TESTS: list[UnitTest] = [{"args": [list(range(n))], "expect": n * (n - 1) // 2} for n in (0, 5, 40)]
SUM = "def total(xs):\n    return sum(xs)"
LOOP = "def total(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t"


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        (SUM, True),
        (LOOP, True),
        ("import sys\ndef total(xs):\n    sys.settrace(None)\n    return sum(xs)", False),
        ("import _thread\ndef total(xs):\n    _thread.start_new_thread(print, ())\n    return sum(xs)", False),
        ("def total(xs):\n    return sum(xs) + len(xs) // len(xs) * 0", False),
    ],
    ids=["short", "loop", "stops the tracing", "starts a thread", "raises"],
)
def test_instructions_are_counted_against_the_reference(source: str, counted: bool) -> None:
    sandbox = sandboxes()[0]
    outcome = run_tests(sandbox, source, "total", SUM_TESTS, LIMITS, reference=SUM)
    assert (outcome.instructions is not None) is counted
    assert outcome.reference is not None
    assert outcome.reference > 0
    if source == LOOP:
        assert outcome.instructions is not None
        assert outcome.instructions > 3 * outcome.reference
    assert run_tests(sandbox, source, "total", SUM_TESTS, LIMITS).instructions is None
