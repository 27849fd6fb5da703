"""Run slither over the contracts; fail on every finding that `contracts/slither.json` does not explain.

    python -m contracts.slither [--slither PATH]

Slither reads what our own compiler made of the sources, in the form of a Hardhat build, so that it compiles nothing.
It lives in a virtual environment of its own (`make slither`), because it wants another web3.

The triage file is a list of {check, where, reason}; `where` is Contract.function,
or * for a reason that holds everywhere. An entry that explains nothing any
more fails too, so the file cannot outlive its reasons.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.build import CONTRACTS, ROOT, SETTINGS, CompileError, ask_solc, collect

TRIAGE = ROOT / "contracts" / "slither.json"
PROGRAM = ROOT / ".venv-slither" / "bin" / "slither"

OUTPUTS = ["abi", "devdoc", "userdoc", "evm.methodIdentifiers", "storageLayout"]
"""No bytecode, which slither does not look at and which takes a minute to make."""

VERSION = "0.8.37"
_NO_CODE = {"object": "", "sourceMap": "", "linkReferences": {}}


@dataclass(frozen=True, order=True)
class Finding:
    """What a detector says about a place."""

    check: str
    where: str
    impact: str = ""
    text: str = ""


class SlitherFailed(Exception):
    """Slither did not answer; the text says why."""


def write_build(folder: Path) -> None:
    """Compile the contracts, and write the result as Hardhat would."""
    sources = collect(list(CONTRACTS.values()))
    settings = SETTINGS | {"outputSelection": {"*": {"*": OUTPUTS, "": ["ast"]}}}
    output = ask_solc(sources, settings)
    for contract in (contract for unit in output["contracts"].values() for contract in unit.values()):
        contract["evm"] |= {"bytecode": _NO_CODE, "deployedBytecode": _NO_CODE}
    units = {name: {"content": text} for name, text in sources.items()}
    build = {
        "id": "contracts",
        "_format": "hh-sol-build-info-1",
        "solcVersion": VERSION,
        "solcLongVersion": VERSION,
        "input": {"language": "Solidity", "sources": units, "settings": settings},
        "output": output,
    }
    path = folder / "artifacts" / "build-info" / "contracts.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(build), encoding="utf-8")
    (folder / "hardhat.config.js").write_text("module.exports = {}\n", encoding="utf-8")
    for name, text in sources.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def findings(program: Path, folder: Path) -> list[Finding]:
    """Return what slither finds in our own sources, notes on style and gas left out.

    Raises:
        SlitherFailed: it cannot be run, or does not understand the build.
    """
    answer = folder / "findings.json"
    quiet = ["--exclude-informational", "--exclude-optimization", "--filter-paths", "@openzeppelin"]
    command = [str(program), ".", "--ignore-compile", "--compile-force-framework", "hardhat", *quiet, "--json", answer]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SlitherFailed(f"{program} cannot be run ({error}); install it with `make slither`.") from error
    if not answer.exists():
        raise SlitherFailed(done.stderr)
    report = json.loads(answer.read_text(encoding="utf-8"))
    if not report["success"]:
        raise SlitherFailed(report["error"])
    return sorted({_finding(found) for found in report["results"].get("detectors", [])})


def _finding(found: dict[str, Any]) -> Finding:
    element = found["elements"][0]
    names = [element["name"]]
    parent = element.get("type_specific_fields", {}).get("parent")
    while parent is not None and parent["type"] in ("contract", "function"):
        names.insert(0, parent["name"])
        parent = parent.get("type_specific_fields", {}).get("parent")
    where = ".".join(names[:2])
    return Finding(found["check"], where, found["impact"], " ".join(found["description"].split()))


def complaints(found: Iterable[Finding], triage: Iterable[dict[str, str]]) -> list[str]:
    """Return a line for each finding without a reason, and for each reason without a finding."""
    reasons = {(entry["check"], entry["where"]) for entry in triage}
    used: set[tuple[str, str]] = set()
    unexplained: list[str] = []
    for finding in found:
        known = {(finding.check, finding.where), (finding.check, "*")} & reasons
        used |= known
        if not known:
            unexplained.append(f"{finding.impact} {finding.check} {finding.where}: {finding.text}")
    stale = [f"No longer found, so drop it from the triage file: {check} {where}" for check, where in reasons - used]
    return unexplained + sorted(stale)


def main() -> int:
    """Run slither; return 1 if anything is not explained."""
    parser = argparse.ArgumentParser(description="Analyse the contracts with slither.")
    parser.add_argument("--slither", type=Path, default=PROGRAM)
    program = parser.parse_args().slither
    with tempfile.TemporaryDirectory(prefix="slither-") as name:
        try:
            write_build(Path(name))
            found = findings(program, Path(name))
        except (CompileError, SlitherFailed) as error:
            print(error, file=sys.stderr)
            return 1
    triage = json.loads(TRIAGE.read_text(encoding="utf-8"))
    wrong = complaints(found, triage)
    print("\n".join(wrong) or f"Slither: {len(found)} findings, each explained in {TRIAGE.relative_to(ROOT)}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
