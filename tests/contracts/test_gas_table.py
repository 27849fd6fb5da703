"""The gas table shows every change: what `docs/gas.md` says is what the contracts cost.

After a change that is meant: `python -m contracts.gas`, and look at the difference.
"""

import json

import pytest

from tests.contracts.chain import ROOT
from tests.contracts.gas import FILE, measure
from tests.contracts.world import World

TOLERANCE_PERCENT = 2
"""Zero bytes in addresses and digests are cheaper; chance may not look like a change."""


@pytest.mark.chain
def test_every_step_costs_what_the_table_says(world: World) -> None:
    kept: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
    costs = measure(world, sizes=(10, 100))
    changed = {
        step: (kept.get(step), cost)
        for step, cost in costs.items()
        if abs(cost - kept.get(step, 0)) * 100 > TOLERANCE_PERCENT * cost
    }
    assert changed == {}


def test_the_page_tells_the_kept_figures() -> None:
    kept: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "gas.md").read_text(encoding="utf-8")
    assert [step for step, cost in kept.items() if f"{cost:,}" not in page] == []
