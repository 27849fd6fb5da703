"""Let everybody act at random on all contracts at once, with forge; fail if an invariant breaks or an end is not met.

    python -m contracts.invariants [--runs 1000] [--depth 100] [--seed 1]

What runs is the bytecode of the committed artifacts. The actors are in `contracts/test/invariants/`. A run that never
settles anything proves little, so each run writes down what happened, and all of `MUST_HAPPEN` must have happened.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from contracts.build import ARTIFACTS, ROOT

FOLDER = ROOT / "contracts"
SEEN = FOLDER / "out" / "seen.txt"
MUST_HAPPEN = (
    "settled",
    "finalized",
    "slashed",
    "cancelled",
    "refunded",
    "fetched",
    "redrawn",
    "appealed",
    "appeal decided",
    "upheld",
    "denied",
    "lapsed",
    "accepted",
    "failed",
    "fee fetched",
    "stake withdrawn",
)


def write_code() -> None:
    """Put the bytecode of the committed artifacts where the tests deploy it from."""
    SEEN.parent.mkdir(exist_ok=True)
    for artifact in ARTIFACTS.glob("*.json"):
        code: str = json.loads(artifact.read_text(encoding="utf-8"))["bytecode"]
        (SEEN.parent / f"{artifact.stem}.hex").write_text(code, encoding="ascii")


def forge() -> Path | None:
    """Return npm's forge, or None if it is not installed."""
    return next((FOLDER / "tools" / "node_modules" / "@foundry-rs").glob("forge-*/bin/forge"), None)


def run(program: Path, runs: int, depth: int, seed: int) -> int:
    """Run forge; return its exit status."""
    write_code()
    SEEN.write_text("", encoding="utf-8")
    environment = os.environ | {"FOUNDRY_INVARIANT_RUNS": str(runs), "FOUNDRY_INVARIANT_DEPTH": str(depth)}
    command = [str(program), "test", "--root", ".", "--fuzz-seed", str(seed)]
    return subprocess.run(command, cwd=FOLDER, env=environment, check=False).returncode


def counts(text: str) -> Counter[str]:
    r"""Return how often each thing happened in all runs.

    >>> counts("settled 2\nsettled 1\n")
    Counter({'settled': 3})
    """
    seen: Counter[str] = Counter()
    for line in text.splitlines():
        what, _, count = line.rpartition(" ")
        seen[what] += int(count)
    return seen


def main() -> int:
    """Run and count; return 1 if something broke or never happened."""
    parser = argparse.ArgumentParser(description="Test the contracts' invariants with actors that behave at random.")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--depth", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    program = forge()
    if program is None:
        print("There is no forge: run `npm ci --prefix contracts/tools`.", file=sys.stderr)
        return 1
    status = run(program, arguments.runs, arguments.depth, arguments.seed)
    seen = counts(SEEN.read_text(encoding="utf-8"))
    print(", ".join(f"{what} {count}" for what, count in sorted(seen.items())))
    never = [what for what in MUST_HAPPEN if not seen[what]]
    print(f"Never happened: {', '.join(never)}." if never else "Everything that must happen happened.")
    return 1 if status or never else 0


if __name__ == "__main__":
    sys.exit(main())
