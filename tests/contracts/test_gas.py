"""What each step costs, as bounds that a change must not exceed.

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
    snapshot,
)

pytestmark = pytest.mark.chain

ROWS: list[Scores] = [(7000, 6000, 5000, 4000)] * 3
ROOT = b"\x01" * 32

MOST: dict[str, int] = {
    "open": 296_000,
    "enter with ETH": 86_000,
    "enter with a token": 126_000,
    "close": 42_000,
    "fixSeed": 58_000,
    "publish": 65_000,
    "draw": 520_000,
    "commit": 65_000,
    "reveal": 86_000,
    "settle": 168_000,
    "appeal": 86_000,
    "convene": 50_000,
    "settle an appeal": 170_000,
    "finalize": 620_000,
    "withdraw": 34_000,
    "task: open": 172_000,
    "task: draw": 375_000,
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
    costs["settle"] = gas_used(world.settle(1))
    costs["appeal"] = gas_used(world.appeal(1, 3, world.owners[3]))
    world.chain.go_to(world.deadline(1))
    costs["convene"] = gas_used(escrow.send(world.opener, "convene", 1))
    world.draw(1)
    world.judge(1, [[4000]] * 7)
    costs["settle an appeal"] = gas_used(world.settle(1))
    costs["finalize"] = gas_used(world.finalize(1))
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
