"""Measure what every step costs; write `tests/contracts/gas.json` and the table `docs/gas.md`.

    python -m contracts.gas [--check]

A test compares the figures with what the contracts cost (`tests/contracts/test_gas_table.py`).
"""

import argparse
import json
import sys
from collections.abc import Mapping

from contracts.build import ROOT

PAGE = ROOT / "docs" / "gas.md"

PROTOTYPE = {
    "enter, ETH": 54_690,
    "enter, token": 72_036,
    "settle 10": 156_000,
    "settle 100": 377_000,
    "settle 1000": 2_710_000,
}
"""What the prototype took, which kept no panels, no appeals and no stakes."""

HEAD = """# Gas

Written by `python -m contracts.gas`; `make test` fails if a step changes by more than two percent. Measured on anvil
with the committed artifacts (Solidity 0.8.37, via-IR, 200 runs, `cancun`): a Session with four entrants and three
judges; calldata and the intrinsic 21,000 included. A transaction may take 16,777,216 (EIP-7825).

| step | gas | prototype |
|---|---:|---:|
"""

SETTLING = """
## Settling, five judges

Settling is two transactions: `settle` takes the medians, which can then be contested, `finalize` pays. The prototype
settled from calldata in one step, without appeals. The naive design keeps scores in storage and sends ETH to everybody
at once (`contracts/test/NaivePush.sol`): at 1,000 entrants it does not fit into a transaction (the prototype's took
43.3 M), and one receiver that refuses stops it.

| entrants | reveal, each judge | settle | finalize | both | gas an entrant | prototype's settle | naive push |
|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def page(costs: Mapping[str, int]) -> str:
    """Return `docs/gas.md`."""
    sizes = [int(step.removeprefix("settle ")) for step in costs if step.startswith("settle ") and step[7:].isdigit()]
    scaled = {f"{what} {size}" for size in sizes for what in ("reveal", "settle", "finalize", "naive")}
    steps = "".join(
        f"| {step} | {cost:,} | {_figure(PROTOTYPE.get(step))} |\n"
        for step, cost in costs.items()
        if step not in scaled
    )
    return HEAD + steps + SETTLING + "".join(_row(costs, size) for size in sizes)


def _row(costs: Mapping[str, int], size: int) -> str:
    reveal, settle, finalize = (costs[f"{what} {size}"] for what in ("reveal", "settle", "finalize"))
    both = settle + finalize
    others = f"{_figure(PROTOTYPE.get(f'settle {size}'))} | {_figure(costs.get(f'naive {size}'))}"
    return f"| {size:,} | {reveal:,} | {settle:,} | {finalize:,} | {both:,} | {both // size:,} | {others} |\n"


def _figure(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def main() -> int:
    """Measure, and write or compare; return 1 if the page is not what was measured."""
    from tests.contracts.chain import anvil
    from tests.contracts.gas import FILE, measure
    from tests.contracts.world import deploy

    parser = argparse.ArgumentParser(description="Measure the contracts' gas.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    with anvil() as chain:
        costs = measure(deploy(chain))
    if check:
        kept: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
        changed = [f"{s}: {kept.get(s)} -> {c}" for s, c in costs.items() if abs(c - kept.get(s, 0)) * 50 > c]
        print("\n".join(changed) or "Gas: as in docs/gas.md.")
        return 1 if changed else 0
    FILE.write_text(json.dumps(costs, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(costs), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
