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


FIRST_CREDIT = 17_100
"""Gas by which writing a slot that was zero (20,000 + 2,100) is dearer than changing one (2,900 + 2,100)."""

MOST_FIRST_CREDITS = 6
"""Three prizes and three judges: which of them were paid in an earlier test is chance."""


@pytest.mark.chain
def test_every_step_costs_what_the_table_says(world: World) -> None:
    kept: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
    costs = measure(world, sizes=(10, 100))
    changed = {
        step: (kept.get(step), cost)
        for step, cost in costs.items()
        if _beyond_chance(cost - kept.get(step, 0)) * 100 > TOLERANCE_PERCENT * cost
    }
    assert changed == {}


def _beyond_chance(change: int) -> int:
    """Return what is left of a change in gas when accounts that are credited for the first time are taken out."""
    firsts = round(change / FIRST_CREDIT)
    return abs(change) if abs(firsts) > MOST_FIRST_CREDITS else abs(change - firsts * FIRST_CREDIT)


def test_the_page_tells_the_kept_figures() -> None:
    kept: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "gas.md").read_text(encoding="utf-8")
    assert [step for step, cost in kept.items() if f"{cost:,}" not in page] == []
