"""What each step costs in gas: measured on the test chain, kept in `gas.json`, told in `docs/gas.md`."""

from collections.abc import Sequence
from pathlib import Path

from tests.contracts.chain import gas_used
from tests.contracts.world import ETH, JUDGE, TRANSCRIPT, Terms, World, agent, snapshot, someone

FILE = Path(__file__).parent / "gas.json"
SIZES = (10, 100, 1000, 5000)
"""Entrants of the Sessions whose settlement is measured."""
JUDGES = 5
ROOT = b"\x01" * 32
HUNDRED = 100


def scores_of(entrants: int, judge: int) -> list[int]:
    """Return different scores for every entrant, and nearly the same from every judge."""
    return [(entrant * 7919 + 11 * judge) % 10_001 for entrant in range(entrants)]


def steps_gas(world: World) -> dict[str, int]:
    """Return the gas of a Session's steps with four entrants and three judges."""
    terms, escrow = Terms(), world.escrow
    costs = {"open": gas_used(escrow.send(world.opener, "open", terms.packed()))}
    id = int(escrow.call("sessionCount"))
    for number in range(4):
        owner = world.owners[number]
        entry = (id, agent(number), snapshot(number), owner)
        costs["enter, ETH"] = gas_used(escrow.send(owner, "enter", *entry, value=terms.fee))
    costs["close"] = gas_used(escrow.send(world.opener, "close", id))
    world.chain.mine()
    costs["fix the seed"] = gas_used(escrow.send(world.opener, "fixSeed", id))
    costs["publish"] = gas_used(escrow.send(world.opener, "publish", id, TRANSCRIPT))
    world.chain.mine()
    receipt = escrow.send(world.opener, "draw", id)
    costs["draw 3 of 15 judges"] = gas_used(receipt)
    world.panel = list(escrow.event(receipt, "JudgesDrawn").judges)
    row = (7000, 6000, 5000, 4000)
    costs["commit"] = max(gas_used(world.commit(id, judge, row)) for judge in world.panel)
    costs["reveal"] = max(gas_used(world.reveal(id, judge, row)) for judge in world.panel)
    costs["settle"] = gas_used(world.settle(id))
    costs["appeal"] = gas_used(world.appeal(id, 3))
    world.chain.go_to(world.deadline(id))
    costs["convene"] = gas_used(escrow.send(world.opener, "convene", id))
    world.draw(id)
    world.judge(id, [(4100,)] * len(world.panel))
    costs["settle an appeal, 7 judges"] = gas_used(world.settle(id))
    costs["finalize after an appeal"] = gas_used(world.finalize(id))
    costs["withdraw"] = gas_used(escrow.send(world.owners[0], "withdraw", ETH, world.owners[0]))
    return costs


def other_gas(world: World) -> dict[str, int]:
    """Return the gas of entering with a token, of refunds, stakes and training tasks."""
    owner, escrow = world.owners[0], world.escrow
    id = world.open(Terms(asset=world.usd.address, fee=5))
    world.usd.send(owner, "faucet", 100)
    world.usd.send(owner, "approve", escrow.address, 100)
    escrow.send(owner, "enter", id, agent(0), snapshot(0), owner)
    costs = {"enter, token": gas_used(escrow.send(owner, "enter", id, agent(1), snapshot(1), owner))}
    costs["cancel"] = gas_used(escrow.send(world.opener, "cancel", id))
    costs["refund"] = gas_used(escrow.send(world.opener, "refund", id, 0))
    costs["ask to leave"] = gas_used(world.vault.send(world.judges[0], "requestExit", JUDGE))
    args = (ROOT, ETH, 10**18, 3, 3, 60, 60, 0)
    costs["open a task"] = gas_used(world.registry.send(world.opener, "open", *args, value=10**18))
    world.chain.mine()
    receipt = world.registry.send(world.opener, "draw", world.registry.call("taskCount"))
    costs["draw 4 nodes"] = gas_used(receipt)
    return costs


def settlement_gas(world: World, entrants: int) -> tuple[int, int, int]:
    """Return the gas of a reveal, of `settle` and of `finalize` with five judges, all transactions added up."""
    terms = Terms(fee=10**6, max_entrants=entrants, judges=JUDGES, quorum=JUDGES)
    id = world.open(terms)
    crowd = world.chain.deploy(world.opener, "Crowd")
    for first in range(0, entrants, HUNDRED):
        count = min(HUNDRED, entrants - first)
        args = (world.escrow.address, id, first, count, terms.fee)
        crowd.send(world.opener, "enter", *args, value=count * terms.fee)
    world.play(id)
    world.draw(id)
    rows = [scores_of(entrants, judge) for judge in range(JUDGES)]
    for judge, row in zip(world.panel, rows, strict=True):
        world.commit(id, judge, row)
    reveal = max(gas_used(world.reveal(id, judge, row)) for judge, row in zip(world.panel, rows, strict=True))
    return reveal, gas_used(world.settle(id)), gas_used(world.finalize(id))


def naive_gas(world: World, entrants: int) -> int:
    """Return what paying everybody at once, from scores in storage, costs (`contracts/test/NaivePush.sol`)."""
    naive = world.chain.deploy(world.opener, "NaivePush")
    for first in range(0, entrants, HUNDRED):
        count = min(HUNDRED, entrants - first)
        naive.send(world.opener, "enterMany", int(someone(first), 16), count, value=count * 10**6)
    for judge in range(JUDGES):
        naive.send(world.opener, "judge", [1 + score for score in scores_of(entrants, judge)])
    return gas_used(naive.send(world.opener, "settle"))


def measure(world: World, sizes: Sequence[int] = SIZES) -> dict[str, int]:
    """Return the gas of everything, by step."""
    costs = steps_gas(world) | other_gas(world)
    for entrants in sizes:
        reveal, settle, finalize = settlement_gas(world, entrants)
        costs |= {f"reveal {entrants}": reveal, f"settle {entrants}": settle, f"finalize {entrants}": finalize}
        if entrants < 1000:  # beyond, it does not fit into a transaction
            costs[f"naive {entrants}"] = naive_gas(world, entrants)
    return costs
