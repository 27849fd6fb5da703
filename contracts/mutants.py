"""Put many small faults into the escrow and the vault, one at a time; list those that no test notices.

    python -m contracts.mutants [--part 1/2] [--json FILE] [--page docs/mutants.md]

All mutants are compiled at once, each behind a switch (`contracts/test/Probe.sol`): the balance of one account on the
test chain says which is on. So a mutant costs a few tests and no compiling. First all tests run without any, which
shows who reaches which; then each mutant meets the tests that reach it, the fastest first, until one fails.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contracts.build import CONTRACTS, TEST_CONTRACTS, CompileError
from contracts.coverage import DESELECT, write_artifacts
from contracts.rewrite import Change, Place, rewritten

TARGETS = ("src/Session", "src/StakeVault", "src/NodeWork", "src/PullPayment", "src/libraries/Se")
"""Beginnings of the names of the source units that are mutated."""

FIRST_ID = 880_000_000
SWITCH = "0x000000000000000000000000000000000000c0de"
SECONDS = 60
"""After which a test of a mutant counts as failed."""

OPERATORS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "&&": "||",
    "||": "&&",
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "<<": ">>",
    "+=": "-=",
    "-=": "+=",
}
DELETED = ("Assignment", "FunctionCall", "UnaryOperation")
"""Expressions that are left out where they are statements."""


PAGE = """# Mutants that survive

Written by `python -m contracts.mutants --page docs/mutants.md`. Small faults are put into the escrow, the vault and
what they share, one at a time; these are noticed by no test of `tests/contracts` (the slow ones left out).

"""


@dataclass(frozen=True)
class Mutant:
    """One fault."""

    number: int
    unit: str
    line: int
    fault: str


@dataclass
class Mutants:
    """All faults that were put in."""

    all: list[Mutant] = field(default_factory=list)

    def change_of(self, unit: str) -> Change | None:
        """Return what puts faults into a source unit; None for those that are left alone."""
        if not unit.startswith(TARGETS):
            return None
        return lambda place, pieces: self._change(unit, place, pieces)

    def _change(self, unit: str, place: Place, pieces: list[str]) -> str:
        text = "".join(pieces)
        if place.kind in ("BinaryOperation", "Assignment"):
            return self._with_other_operator(unit, place, pieces)
        if place.role == "condition" and place.parent["nodeType"] in ("IfStatement", "Conditional"):
            return f"(Probe.on({self._take(unit, place, f'not {text}')}) != ({text}))"
        if place.is_statement and _can_be_left_out(place):
            return f"{{ if (!Probe.on({self._take(unit, place, f'left out: {text}')})) {{ {text} }} }}"
        return text

    def _with_other_operator(self, unit: str, place: Place, pieces: list[str]) -> str:
        text = "".join(pieces)
        operator = place.node["operator"]
        is_loop = place.parent["nodeType"] == "ForStatement"
        is_constant = place.node["typeDescriptions"]["typeString"].startswith(("int_const", "rational_const"))
        if operator not in OPERATORS or is_loop or is_constant:
            return text
        left, between, right = pieces[1], pieces[2], pieces[3]
        other = left + between.replace(operator, OPERATORS[operator], 1) + right
        number = self._take(unit, place, f"{operator} is {OPERATORS[operator]}: {text}")
        return f"(Probe.on({number}) ? ({other}) : ({text}))"

    def _take(self, unit: str, place: Place, fault: str) -> int:
        number = FIRST_ID + len(self.all)
        self.all.append(Mutant(number, unit, place.line, _readable(fault)))
        return number


def _can_be_left_out(place: Place) -> bool:
    if place.kind == "ExpressionStatement":
        return place.node["expression"]["nodeType"] in DELETED
    return place.kind in ("EmitStatement", "RevertStatement")


def _readable(fault: str) -> str:
    """Return the fault without the switches of other faults inside it."""
    while (start := fault.find("(Probe.on(")) >= 0 and (end := _closing(fault, start)) > 0:
        inner = fault[start + 1 : end]
        kept = inner.rpartition(" : ")[2] if " ? " in inner else inner.partition(" != ")[2]
        fault = fault[:start] + kept.removeprefix("(").removesuffix(")") + fault[end + 1 :]
    return " ".join(fault.split())[:100]


def _closing(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at
    return -1


@dataclass(frozen=True)
class Verdict:
    """What the tests said to a mutant."""

    mutant: Mutant
    tests: int
    """How many reached it."""
    killer: str
    """The test that failed, or nothing: it survived."""


class Loop:
    """Takes the place of pytest's loop over the tests (a plugin)."""

    def __init__(self, folder: Path, mutants: list[Mutant]) -> None:
        """Watch the chain whose output is in `folder`."""
        self._folder = folder
        self._mutants = mutants
        self.verdicts: list[Verdict] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run all tests without a mutant, then the tests of each mutant."""
        reached = self._baseline(session.items)
        self._rpc("anvil_setLoggingEnabled", False)
        for mutant in self._mutants:
            items = [item for _, item, found in reached if mutant.number in found]
            self._rpc("anvil_setBalance", SWITCH, hex(mutant.number))
            killer = next((item.nodeid for item in items if not self._passes(item, session.items[0])), "")
            self.verdicts.append(Verdict(mutant, len(items), killer))
            print(f"{'killed' if killer else 'SURVIVED':8} {mutant.unit}:{mutant.line} {mutant.fault}", flush=True)
        self._rpc("anvil_setBalance", SWITCH, "0x0")
        return True

    def _baseline(self, items: list[pytest.Item]) -> list[tuple[float, pytest.Item, set[int]]]:
        """Return each test with its time and the mutants it reaches, the fastest first."""
        found: list[tuple[float, pytest.Item, set[int]]] = []
        for item, following in zip(items, [*items[1:], items[0]], strict=True):
            self._printed()
            begin = time.monotonic()
            if not self._passes(item, following):
                raise pytest.UsageError(f"{item.nodeid} fails without any mutant.")
            found.append((time.monotonic() - begin, item, set(self._printed())))
        return sorted(found, key=lambda entry: entry[0])

    def _passes(self, item: pytest.Item, following: pytest.Item) -> bool:
        from _pytest.runner import runtestprotocol

        def stop(*_: object) -> None:
            raise TimeoutError

        signal.signal(signal.SIGALRM, stop)
        signal.alarm(SECONDS)
        try:
            return all(report.passed for report in runtestprotocol(item, log=False, nextitem=following))
        finally:
            signal.alarm(0)

    def _printed(self) -> Iterator[int]:
        """Yield the numbers that the chain printed since the last time."""
        for path in self._folder.glob("anvil-*.log"):
            with path.open("rb+") as log:
                lines = log.read().split()
                log.truncate(0)
            yield from (int(line) for line in lines if line.startswith(b"880") and line.isdigit())

    def _rpc(self, method: str, *parameters: object) -> None:
        from tests.contracts.chain import Chain

        port = next(self._folder.glob("anvil-*.log")).stem.removeprefix("anvil-")
        Chain(f"http://127.0.0.1:{port}").rpc(method, *parameters)


def run(folder: Path, mutants: list[Mutant]) -> list[Verdict]:
    """Return what the tests say to each mutant, with what `folder` holds deployed."""
    os.environ["FRACTION_INSTRUMENTED"] = str(folder)
    loop = Loop(folder, mutants)
    deselected = " and ".join(f"not {word}" for word in DESELECT)
    options = ["tests/contracts", "-q", "-s", "-p", "no:cacheprovider", "-m", "chain and not slow", "-k", deselected]
    pytest.main(options, plugins=[loop])
    return loop.verdicts


def summary(verdicts: list[Verdict]) -> str:
    """Return how many mutants there were and how many survived."""
    survivors = [verdict for verdict in verdicts if not verdict.killer]
    unreached = sum(not verdict.tests for verdict in survivors)
    return f"{len(verdicts)} mutants, {len(survivors)} survived, {unreached} of them reached by no test."


def page(verdicts: list[Verdict]) -> str:
    """Return `docs/mutants.md`: the survivors, by source unit."""
    rows = "".join(
        f"| {v.mutant.unit}:{v.mutant.line} | `{v.mutant.fault.replace('|', chr(92) + '|')}` | {v.tests} |\n"
        for v in verdicts
        if not v.killer
    )
    return f"{PAGE}{summary(verdicts)}\n\n| place | fault | tests that reach it |\n|---|---|---:|\n{rows}"


def main() -> int:
    """Run; print how many survived; always 0 unless nothing could be run, for survivors are to be read, not counted."""
    parser = argparse.ArgumentParser(description="Mutation test of the escrow and the vault.")
    parser.add_argument("--part", default="1/1", help="which part of all mutants, such as 1/2")
    parser.add_argument("--json", type=Path, help="write the verdicts to this file")
    parser.add_argument("--page", type=Path, help="write the survivors to this file")
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    mutants = Mutants()
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        try:
            sources = rewritten([*CONTRACTS.values(), *TEST_CONTRACTS.values()], mutants.change_of)
            write_artifacts(Path(name), sources)
        except CompileError as error:
            print(error, file=sys.stderr)
            return 1
        verdicts = run(Path(name), mutants.all[part - 1 :: parts])
    print(summary(verdicts))
    if arguments.json:
        rows: list[dict[str, Any]] = [asdict(v.mutant) | {"tests": v.tests, "killer": v.killer} for v in verdicts]
        arguments.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    if arguments.page:
        arguments.page.write_text(page(verdicts), encoding="utf-8")
    return 0 if verdicts else 1


if __name__ == "__main__":
    sys.exit(main())
