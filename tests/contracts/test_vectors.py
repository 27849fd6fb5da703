"""The contract pays what the golden vectors say; `tests/economy` holds Python to the same file."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.chain import ROOT
from tests.contracts.world import ETH, JUDGE, STAKE, Terms, World, least_quorum, packed

pytestmark = pytest.mark.chain

CASES: list[dict[str, Any]] = json.loads((ROOT / "vectors" / "payouts.json").read_text(encoding="utf-8"))


def terms_of(case: dict[str, Any], asset: str) -> Terms:
    judges = len(case["scores"])
    entrants = len(case["medians"])
    return replace(
        Terms(asset=asset, max_entrants=max(2, entrants), judges=judges, quorum=least_quorum(judges)),
        fee=int(case["fee"]),
        tolerance=case["tolerance"],
        payout_bps=tuple(case["payoutBps"]),
    )


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["name"] for case in CASES])
def test_the_contract_pays_what_the_vector_says(world: World, number: int) -> None:
    case = CASES[number]
    asset = [ETH, world.usd.address][number % 2]
    _, result = world.settled(case["scores"], terms_of(case, asset))
    assert result.scores == packed(case["medians"])
    assert [str(p) for p in result.payouts] == case["payouts"]
    assert [str(f) for f in result.judge_fees] == case["judgeFees"]
    assert result.deviations == [d or 0 for d in case["deviations"]]
    assert result.slashes == [STAKE * bps // 10_000 for bps in case["slashBps"]]
    assert str(result.treasury) == case["treasury"]
    _check_credits(world, case, asset)


def _check_credits(world: World, case: dict[str, Any], asset: str) -> None:
    """What the event says is also what everybody can fetch, and all that the contract holds."""
    owed = {world.treasury: int(case["treasury"])}
    for ticket, payout in enumerate(case["payouts"]):
        owner = world.owners[ticket % len(world.owners)]
        owed[owner] = owed.get(owner, 0) + int(payout)
    owed |= {judge: int(fee) for judge, fee in zip(world.panel, case["judgeFees"], strict=True)}
    assert {account: world.escrow.call("balanceOf", account, asset) for account in owed} == owed
    assert sum(owed.values()) == world.held(world.escrow, asset)
    for judge, bps in zip(world.panel, case["slashBps"], strict=True):
        assert world.vault.call("stakeOf", JUDGE, judge) == STAKE - STAKE * bps // 10_000
        assert world.vault.call("nodeOf", JUDGE, judge).locks == 0
