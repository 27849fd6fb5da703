"""Measure which statements and which outcomes of conditions of the contracts the tests in `tests/contracts` reach.

    python -m contracts.coverage [--least 100] [--json FILE] [PYTEST OPTION ...]

Every statement gets a probe before it, and every condition (`if`, loops, `?:`, each side of `&&` and `||`) one that
tells its outcome. What is compiled so is what the tests deploy; the probes call the console of the test chain, which
prints them, also in calls that are only simulated or that revert. A block of assembly counts as one statement.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts.build import (
    ARTIFACTS,
    CONTRACTS,
    ROOT,
    SETTINGS,
    TEST_ARTIFACTS,
    TEST_CONTRACTS,
    CompileError,
    ask_solc,
    collect,
)
from contracts.rewrite import Change, Place, rewritten

FIRST_ID = 770_000_000
"""Where the numbers of probes begin, so that nothing else on the chain's output looks like one."""

CODE_SIZE = frozenset({"5574", "3860", "6321"})
"""Solc warns that a contract or its constructor is larger than a public chain takes, or a mutant returns nothing."""

HARDLY_OPTIMIZED = SETTINGS | {
    "optimizer": {
        "enabled": True,
        "runs": 1,
        "details": {"yul": True, "yulDetails": {"stackAllocation": True, "optimizerSteps": "u"}},
    }
}
"""What only has to run is compiled fast; without the steps for the stack it would not compile at all."""

DESELECT = ("gas", "artifacts", "size")
"""Tests about the code's size and costs, which the probes change."""


@dataclass
class Probes:
    """What was put in, by number."""

    statements: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Source unit and line."""
    outcomes: dict[int, tuple[str, int]] = field(default_factory=dict)
    """The false outcome of a condition; the true one has the next number."""
    count: int = 0

    def change_of(self, unit: str) -> Change | None:
        """Return what puts probes into a source unit; None for those that are not ours."""
        if not unit.startswith("src/") or "/interfaces/" in unit:
            return None
        return lambda place, pieces: self._change(unit, place, "".join(pieces))

    def _change(self, unit: str, place: Place, text: str) -> str:
        if place.is_statement:
            probe = self._take(self.statements, unit, place.line)
            probed = f"Probe.hit({probe}); {text}"
            return f"{{ {probed} }}" if place.is_body else probed
        if _is_condition(place):
            return f"Probe.test({self._take(self.outcomes, unit, place.line)}, {text})"
        return text

    def _take(self, places: dict[int, tuple[str, int]], unit: str, line: int) -> int:
        number = FIRST_ID + 2 * self.count
        self.count += 1
        places[number] = (unit, line)
        return number


def _is_condition(place: Place) -> bool:
    is_operand = place.parent.get("operator") in ("&&", "||") and place.role in ("leftExpression", "rightExpression")
    return (place.role == "condition" or is_operand) and place.kind != "Literal"


@dataclass(frozen=True)
class Covered:
    """What of one source unit was reached."""

    unit: str
    statements: int
    statements_hit: int
    outcomes: int
    outcomes_hit: int
    missed: tuple[str, ...]
    """A word on each miss, by line."""


def report(probes: Probes, hits: set[int]) -> list[Covered]:
    """Return what was reached, by source unit."""
    units = sorted({unit for unit, _ in [*probes.statements.values(), *probes.outcomes.values()]})
    return [_covered(unit, probes, hits) for unit in units]


def _covered(unit: str, probes: Probes, hits: set[int]) -> Covered:
    statements = {number: line for number, (of, line) in probes.statements.items() if of == unit}
    falses = {number: line for number, (of, line) in probes.outcomes.items() if of == unit}
    outcomes = falses | {number + 1: line for number, line in falses.items()}
    missed = [(line, "statement") for number, line in statements.items() if number not in hits]
    missed += [
        (line, "never true" if number % 2 else "never false") for number, line in outcomes.items() if number not in hits
    ]
    return Covered(
        unit,
        len(statements),
        len(hits & statements.keys()),
        len(outcomes),
        len(hits & outcomes.keys()),
        tuple(f"{line}: {what}" for line, what in sorted(missed)),
    )


def write_artifacts(folder: Path, sources: dict[str, str]) -> None:
    """Write what the tests deploy into `folder`: compiled from changed sources, else as it is committed."""
    contracts = CONTRACTS | TEST_CONTRACTS
    changed = {name: unit for name, unit in contracts.items() if _is_changed(unit, sources)}
    wanted = {unit: {name: ["abi", "evm.bytecode.object"]} for name, unit in changed.items()}
    compiled = ask_solc(sources, HARDLY_OPTIMIZED | {"outputSelection": wanted}, accepted=CODE_SIZE)["contracts"]
    for name, unit in contracts.items():
        if name not in changed:
            source = (TEST_ARTIFACTS if name in TEST_CONTRACTS else ARTIFACTS) / f"{name}.json"
            shutil.copy(source, folder / source.name)
            continue
        output = compiled[unit][name]
        artifact = {"abi": output["abi"], "bytecode": "0x" + output["evm"]["bytecode"]["object"]}
        (folder / f"{name}.json").write_text(json.dumps(artifact), encoding="utf-8")


def _is_changed(unit: str, sources: dict[str, str]) -> bool:
    return any(sources[name] != text for name, text in collect([unit]).items())


def printed(folder: Path) -> set[int]:
    """Return the numbers of the probes that the test chains printed."""
    found: set[int] = set()
    for log in folder.glob("anvil-*.log"):
        with log.open(encoding="utf-8", errors="replace") as lines:
            found |= {int(line) for line in lines if line.startswith("77") and line.strip().isdigit()}
    return found


def run_tests(folder: Path, options: Sequence[str]) -> int:
    """Run the contracts' tests on what `folder` holds; return pytest's exit status."""
    deselected = " and ".join(f"not {word}" for word in DESELECT)
    command = [sys.executable, "-m", "pytest", "-q", "tests/contracts", "-k", deselected, *options]
    environment = os.environ | {"FRACTION_INSTRUMENTED": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def table(covered: Sequence[Covered]) -> str:
    """Return the report as text."""
    lines = [f"{'contract':<44}{'statements':>14}{'outcomes':>14}"]
    for one in covered:
        statements, outcomes = f"{one.statements_hit}/{one.statements}", f"{one.outcomes_hit}/{one.outcomes}"
        lines.append(f"{one.unit:<44}{statements:>14}{outcomes:>14}")
        lines += [f"    {one.unit}:{miss}" for miss in one.missed]
    return "\n".join(lines)


def percent(covered: Sequence[Covered]) -> float:
    """Return the part of all statements and outcomes that was reached, in percent."""
    every = sum(one.statements + one.outcomes for one in covered)
    return 100 * sum(one.statements_hit + one.outcomes_hit for one in covered) / every


def main() -> int:
    """Measure and print; return 1 if tests fail or too little is covered."""
    parser = argparse.ArgumentParser(description="Measure the coverage of the contracts by their tests.")
    parser.add_argument("--least", type=float, default=100, help="fail below so many percent")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments, options = parser.parse_known_args()
    probes = Probes()
    with tempfile.TemporaryDirectory(prefix="coverage-") as name:
        folder = Path(name)
        try:
            write_artifacts(folder, rewritten([*CONTRACTS.values(), *TEST_CONTRACTS.values()], probes.change_of))
        except CompileError as error:
            print(error, file=sys.stderr)
            return 1
        status = run_tests(folder, options)
        covered = report(probes, printed(folder))
    print(table(covered))
    print(f"Covered: {percent(covered):.2f} % of statements and outcomes.")
    if arguments.json:
        arguments.json.write_text(json.dumps([vars(one) for one in covered], indent=1), encoding="utf-8")
    return 1 if status or percent(covered) < arguments.least else 0


if __name__ == "__main__":
    sys.exit(main())
