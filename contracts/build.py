"""Compile the contracts and write what Python needs of them: ABI, bytecode and a digest of the sources.

    python contracts/build.py            write src/fraction/adapters/ethereum/artifacts/<Name>.json (and the tests' own)
    python contracts/build.py --check    compile, compare with what is committed, exit 1 on any difference

The compiler is npm's solc at the version that `package-lock.json` pins (`npm ci` first). Users never run this: the
artifacts are committed, and CI proves them equal to the sources. What a machine has compiled once it finds again under
`~/.cache/fraction/contracts`, by the digest of everything that it was compiled from.
"""

import argparse
import hashlib
import json
import os
import posixpath
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "src" / "fraction" / "adapters" / "ethereum" / "artifacts"
TEST_ARTIFACTS = ROOT / "tests" / "contracts" / "artifacts"

CACHE = Path.home() / ".cache" / "fraction" / "contracts"
"""What was compiled before."""

CONTRACTS = {
    "FracToken": "src/tokens/FracToken.sol",
    "TestUSD": "src/tokens/TestUSD.sol",
    "BlockhashRandomness": "src/BlockhashRandomness.sol",
    "StakeVault": "src/StakeVault.sol",
    "SessionEscrow": "src/SessionEscrow.sol",
    "SessionJudging": "src/SessionJudging.sol",
    "VotingPower": "src/VotingPower.sol",
    "TrainingRegistry": "src/TrainingRegistry.sol",
    "Referee": "src/Referee.sol",
    "DisputeGame": "src/DisputeGame.sol",
    "Emissions": "src/tokens/Emissions.sol",
    "WorkPoints": "src/tokens/WorkPoints.sol",
    "Parameters": "src/governance/Parameters.sol",
    "FracGovernor": "src/governance/FracGovernor.sol",
    "TimelockController": "@openzeppelin/contracts/governance/TimelockController.sol",
    "AgentRegistry": "src/agents/AgentRegistry.sol",
    "AgentReputation": "src/agents/AgentReputation.sol",
    "AgentValidation": "src/agents/AgentValidation.sol",
    "TrainingValidator": "src/agents/TrainingValidator.sol",
    "AgentAccount": "src/agents/AgentAccount.sol",
    "AgentAccounts": "src/agents/AgentAccounts.sol",
    "AgentMarket": "src/market/AgentMarket.sol",
    "CallMeter": "src/market/CallMeter.sol",
}
"""What is deployed, and where it is written."""

TEST_CONTRACTS = {
    "Actor": "test/Actor.sol",
    "NaivePush": "test/NaivePush.sol",
    "OddToken": "test/OddToken.sol",
    "OpenParameters": "test/OpenParameters.sol",
    "Crowd": "test/Crowd.sol",
    "TestSwap": "test/TestSwap.sol",
}
"""What only tests deploy."""

SETTINGS: dict[str, Any] = {
    "evmVersion": "cancun",
    "viaIR": True,
    "optimizer": {"enabled": True, "runs": 200},
    "metadata": {"bytecodeHash": "ipfs"},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode"]}},
}

_IMPORT = re.compile(r'^\s*import\s+(?:[^"\';]*?from\s+)?["\']([^"\']+)["\']', re.MULTILINE)


class CompileError(Exception):
    """The compiler refused the sources, or could not run; the text says why."""


def source_path(name: str) -> Path:
    """Return the file of a source unit: ours lie in `contracts/`, the others in `node_modules/`."""
    return (ROOT / "contracts" if name.startswith(("src/", "test/")) else ROOT / "node_modules") / name


def imports_of(name: str, text: str) -> list[str]:
    """Return the source units that `name` imports, relative paths resolved."""
    return [
        posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) if target.startswith(".") else target
        for target in _IMPORT.findall(text)
    ]


def collect(entries: list[str]) -> dict[str, str]:
    """Return the text of every source unit that `entries` reach, by name."""
    found: dict[str, str] = {}
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = source_path(name).read_text(encoding="utf-8")
            waiting += imports_of(name, found[name])
    return dict(sorted(found.items()))


def source_digest(entry: str) -> str:
    """Return the SHA-256 of everything that `entry` is compiled from, settings and compiler version included."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    compiler = lock["packages"]["node_modules/solc"]["integrity"]
    parts = {"compiler": compiler, "settings": SETTINGS, "sources": collect([entry])}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def compile_sources(entries: list[str], contract: str = "*") -> dict[str, dict[str, Any]]:
    """Return what solc makes of the sources that `entries` reach, by source unit and then by contract.

    Args:
        entries: source units
        contract: which of their contracts the output is wanted of; all unless named

    Raises:
        CompileError: a source has an error, one of ours a warning, or solc is not installed.
    """
    wanted = {entry: {contract: SETTINGS["outputSelection"]["*"]["*"]} for entry in entries}
    return ask_solc(collect(entries), SETTINGS | {"outputSelection": wanted})["contracts"]


def ask_solc(
    sources: dict[str, str], settings: dict[str, Any], accepted: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Return solc's whole answer (standard JSON) about the texts of some source units.

    Args:
        sources: text by name of the source unit
        settings: as in solc's standard JSON
        accepted: codes of warnings that do not count

    Raises:
        CompileError: a source has an error, one of ours a warning, or solc is not installed.
    """
    units = {name: {"content": text} for name, text in sources.items()}
    request = {"language": "Solidity", "sources": units, "settings": settings}
    solc = ROOT / "node_modules" / "solc" / "solc.js"
    if not solc.exists():
        raise CompileError("The compiler is missing: run `npm ci`.")
    # files, because solc.js reads and writes pipes badly: it stops at EAGAIN and cuts off what is long
    with tempfile.TemporaryFile("w+") as question, tempfile.TemporaryFile("w+") as answer:
        json.dump(request, question)
        question.seek(0)
        command = ["node", str(solc), "--standard-json"]
        done = subprocess.run(command, stdin=question, stdout=answer, stderr=subprocess.PIPE, text=True, check=False)
        answer.seek(0)
        text = answer.read()
    if done.returncode or "{" not in text:
        raise CompileError(f"solc did not answer: {done.stderr}")
    output = json.loads(text[text.index("{") :])  # a remark about SMT solvers stands before the JSON
    remarks = [remark for remark in output.get("errors", []) if remark.get("errorCode") not in accepted]
    errors = [e["formattedMessage"] for e in remarks if e["severity"] == "error" or _is_ours(e)]
    if errors:
        raise CompileError("\n".join(errors))
    return output


def _is_ours(remark: dict[str, Any]) -> bool:
    """Return whether the compiler warns about a source of this repository, which counts as an error."""
    file = remark.get("sourceLocation", {}).get("file", "")
    return remark["severity"] == "warning" and file.startswith(("src/", "test/"))


def artifacts(contracts: dict[str, str]) -> dict[str, str]:
    """Return each contract's artifact as JSON text, by name."""
    return {name: artifact(name, unit) for name, unit in contracts.items()}


def artifact(name: str, unit: str) -> str:
    """Return one contract's artifact as JSON text, from the cache if nothing that it is compiled from has changed."""
    digest = source_digest(unit)
    cached = CACHE / f"{name}-{digest}.json"
    if cached.exists():
        return cached.read_text(encoding="utf-8")
    output = compile_sources([unit], name)[unit][name]
    document = {
        "abi": output["abi"],
        "bytecode": "0x" + output["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + output["evm"]["deployedBytecode"]["object"],
        "immutables": _immutables(output["evm"]["deployedBytecode"]),
        "sourceDigest": digest,
    }
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    CACHE.mkdir(parents=True, exist_ok=True)
    part = cached.with_suffix(f".{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.rename(cached)
    return text


def _immutables(deployed: dict[str, Any]) -> list[list[int]]:
    """Return where the deployed code holds what its constructor filled in: start and length in bytes."""
    found = deployed["immutableReferences"].values()
    return sorted([part["start"], part["length"]] for places in found for part in places)


def differences(built: dict[Path, str]) -> list[str]:
    """Return the names of committed artifacts that are missing, left over, or not byte for byte what was built."""
    folders = {path.parent for path in built}
    committed = {path: path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.json")}
    return sorted(path.stem for path in {*built, *committed} if built.get(path) != committed.get(path))


def main() -> int:
    """Build or check; return the exit status."""
    parser = argparse.ArgumentParser(description="Compile the contracts.")
    parser.add_argument("--check", action="store_true", help="compare with the committed artifacts instead of writing")
    check = parser.parse_args().check
    try:
        texts = artifacts(CONTRACTS | TEST_CONTRACTS)
    except CompileError as error:
        print(error, file=sys.stderr)
        return 1
    built = {(TEST_ARTIFACTS if name in TEST_CONTRACTS else ARTIFACTS) / f"{name}.json": texts[name] for name in texts}
    if check:
        changed = differences(built)
        print(f"Differs from the sources: {', '.join(changed)}; run contracts/build.py." if changed else "Equal.")
        return 1 if changed else 0
    for path, text in built.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"Wrote {len(built)} artifacts.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
