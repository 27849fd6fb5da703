"""What each step costs, as bounds that a change must not exceed; the greatest Session fits in one transaction.

The figures stand in docs/adr/0003-contracts.md. The chain of these tests gives a transaction 16,777,216 gas at most.
"""

import pytest

from tests.contracts.chain import gas_used
from tests.contracts.world import (
    ETH,
    TRANSCRIPT,
    Scores,
    Terms,
    World,
    agent,
    packed,
    snapshot,
    someone,
)

pytestmark = pytest.mark.chain

ROWS: list[Scores] = [(7000, 6000, 5000, 4000)] * 3
ROOT = b"\x01" * 32

MOST: dict[str, int] = {
    "open": 200_000,
    "enter with ETH": 150_000,
    "enter with a token": 190_000,
    "close": 60_000,
    "fixSeed": 60_000,
    "publish": 65_000,
    "draw": 440_000,
    "commit": 60_000,
    "reveal": 65_000,
    "settle": 520_000,
    "withdraw": 35_000,
    "task: open": 172_000,
    "task: draw": 365_000,
    "task: settle": 276_000,
}
"""Gas of a Session with four entrants and three judges, and of a task with three verifiers."""


def session_gas(world: World) -> dict[str, int]:
    terms, escrow = Terms(), world.escrow
    costs = {"open": gas_used(escrow.send(world.opener, "open", terms.packed()))}
    entry = (agent(0), snapshot(0), world.owners[0])
    costs["enter with ETH"] = gas_used(escrow.send(world.owners[0], "enter", 1, *entry, value=terms.fee))
    for number in range(1, 4):
        owner = world.owners[number]
        escrow.send(owner, "enter", 1, agent(number), snapshot(number), owner, value=terms.fee)
    costs["close"] = gas_used(escrow.send(world.opener, "close", 1))
    world.chain.mine()
    costs["fixSeed"] = gas_used(escrow.send(world.opener, "fixSeed", 1))
    costs["publish"] = gas_used(escrow.send(world.opener, "publish", 1, TRANSCRIPT))
    world.chain.mine()
    receipt = escrow.send(world.opener, "draw", 1)
    costs["draw"] = gas_used(receipt)
    world.panel = list(escrow.event(receipt, "JudgesDrawn").judges)
    costs["commit"] = max(gas_used(world.commit(1, judge, ROWS[0])) for judge in world.panel)
    costs["reveal"] = max(gas_used(world.reveal(1, judge, ROWS[0])) for judge in world.panel)
    costs["settle"] = gas_used(world.settle(1, ROWS))
    costs["withdraw"] = gas_used(escrow.send(world.owners[0], "withdraw", ETH, world.owners[0]))
    return costs


def token_gas(world: World) -> dict[str, int]:
    terms, owner = Terms(asset=world.usd.address, fee=5), world.owners[0]
    id = world.open(terms)
    world.usd.send(owner, "faucet", 10)
    world.usd.send(owner, "approve", world.escrow.address, 10)
    receipt = world.escrow.send(owner, "enter", id, agent(0), snapshot(0), owner)
    return {"enter with a token": gas_used(receipt)}


def task_gas(world: World) -> dict[str, int]:
    args = (ROOT, ETH, 10**18, 3, 3, 60, 60, 0)
    costs = {"task: open": gas_used(world.registry.send(world.opener, "open", *args, value=10**18))}
    world.chain.mine()
    receipt = world.registry.send(world.opener, "draw", 1)
    costs["task: draw"] = gas_used(receipt)
    drawn = world.registry.event(receipt, "NodesDrawn")
    world.panel = [drawn.trainer, *drawn.verifiers]
    world.work(1, [ROOT] * 4)
    costs["task: settle"] = gas_used(world.registry.send(world.opener, "settle", 1))
    return costs


def test_no_step_costs_more_than_it_did(world: World) -> None:
    costs = session_gas(world) | token_gas(world) | task_gas(world)
    assert costs.keys() == MOST.keys()
    assert {name: cost for name, cost in costs.items() if cost > MOST[name]} == {}


def test_the_greatest_session_settles_in_one_transaction(world: World) -> None:
    entrants, judges = 128, 15
    terms = Terms(fee=10**6, max_entrants=entrants, judges=judges, quorum=8, payout_bps=(625,) * 16, tolerance=10_000)
    id = world.open(terms)
    for number in range(entrants):
        entry = (id, agent(number), snapshot(number), someone(1000 + number))
        world.escrow.send(world.owners[0], "enter", *entry, value=terms.fee)
    world.play(id)
    world.draw(id)
    # the worst case: all tie, so all are paid, to accounts that never had anything; judges in falling order
    rows = [[5000 + 100 * (7 - judge)] * entrants for judge in range(judges)]
    world.judge(id, rows)
    receipt = world.settle(id, rows)
    settled = world.escrow.event(receipt, "Settled")
    assert settled.medians == packed([5000] * entrants)
    assert sum(settled.payouts) == entrants * terms.fee * 9 // 10
    assert min(settled.payouts) > 0
    assert gas_used(receipt) < 10_000_000
