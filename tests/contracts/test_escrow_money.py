"""Money goes out once, to whom it is owed, whoever that is and whatever it tries."""

from typing import Any

import pytest
from eth_account import Account

from tests.contracts.world import ETH, Terms, World, agent, snapshot, someone

pytestmark = pytest.mark.chain

ROWS = [(7000, 6000, 5000)] * 3
NOBODY = someone(1)


def settled_for(world: World, payee: str) -> int:
    """Play a Session whose winner's prize goes to `payee`; return the prize."""
    id = world.open()
    fee = Terms().fee
    world.escrow.send(world.owners[0], "enter", id, agent(10), snapshot(10), payee, value=fee)
    world.enter(id, 2)
    world.play(id)
    world.draw(id)
    world.judge(id, ROWS)
    world.settle(id)
    return world.escrow.event(world.finalize(id), "Settled").prizes[0].share


def test_a_winner_that_refuses_eth_blocks_nobody_and_fetches_it_elsewhere(world: World) -> None:
    actor = world.chain.deploy(world.deployer, "Actor")
    prize = settled_for(world, actor.address)
    world.escrow.send(world.owners[1], "withdraw", ETH, NOBODY)
    to_itself = world.escrow.data("withdraw", ETH, actor.address)
    assert actor.refusal(NOBODY, "act", world.escrow.address, to_itself).error == "TransferFailed"
    to_another = world.escrow.data("withdraw", ETH, someone(2))
    actor.send(NOBODY, "act", world.escrow.address, to_another)
    assert world.chain.balance(someone(2)) == prize


def test_a_winner_that_calls_back_while_it_is_paid_gets_nothing_more(world: World) -> None:
    actor = world.chain.deploy(world.deployer, "Actor")
    prize = settled_for(world, actor.address)
    again = world.escrow.data("withdraw", ETH, actor.address)
    actor.send(NOBODY, "setAccepts", True)
    actor.send(NOBODY, "setCallback", world.escrow.address, again)
    assert actor.refusal(NOBODY, "act", world.escrow.address, again).error == "TransferFailed"
    actor.send(NOBODY, "setCallback", ETH, b"")
    actor.send(NOBODY, "act", world.escrow.address, again)
    assert world.chain.balance(actor.address) == prize
    assert actor.refusal(NOBODY, "act", world.escrow.address, again).error == "NothingOwed"


def test_eth_that_nobody_asked_for_is_not_taken(world: World) -> None:
    receipt = world.chain.send(world.owners[0], world.escrow.address, "0x", 1)
    assert receipt["status"] == "0x0"


def permit(world: World, fee: int, deadline: int) -> tuple[str, tuple[Any, ...]]:
    """Return an account of its own key and its signature of a permit."""
    account = Account.from_key("0x" + "11" * 32)
    domain = {
        "name": world.usd.call("name"),
        "version": "1",
        "chainId": world.chain.w3.eth.chain_id,
        "verifyingContract": world.usd.address,
    }
    fields = [("owner", "address"), ("spender", "address"), ("value", "uint256"), ("nonce", "uint256")]
    types = {"Permit": [{"name": n, "type": t} for n, t in [*fields, ("deadline", "uint256")]]}
    message = {
        "owner": account.address,
        "spender": world.escrow.address,
        "value": fee,
        "nonce": world.usd.call("nonces", account.address),
        "deadline": deadline,
    }
    signed: Any = Account.sign_typed_data(account.key, domain, types, message)
    return account.address, (deadline, signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big"))


def test_a_permit_stands_in_for_an_allowance(world: World) -> None:
    terms = Terms(asset=world.usd.address, fee=5_000_000)
    id = world.open(terms)
    owner, signature = permit(world, terms.fee, 2**40)
    world.usd.send(owner, "faucet", terms.fee)
    world.escrow.send(owner, "enterWithPermit", id, agent(0), snapshot(0), owner, *signature)
    assert world.held(world.escrow, world.usd.address) == terms.fee


def test_a_permit_that_somebody_sent_first_does_no_harm(world: World) -> None:
    terms = Terms(asset=world.usd.address, fee=5_000_000)
    id = world.open(terms)
    owner, signature = permit(world, terms.fee, 2**40)
    world.usd.send(owner, "faucet", terms.fee)
    world.usd.send(NOBODY, "permit", owner, world.escrow.address, terms.fee, *signature)
    world.escrow.send(owner, "enterWithPermit", id, agent(0), snapshot(0), owner, *signature)
    assert world.escrow.call("isEntry", id, 0, agent(0), snapshot(0), owner)


def test_somebody_elses_permit_does_not_enter_for_them(world: World) -> None:
    terms = Terms(asset=world.usd.address, fee=5_000_000)
    id = world.open(terms)
    owner, signature = permit(world, terms.fee, 2**40)
    world.usd.send(owner, "faucet", terms.fee)
    entry = (id, agent(0), snapshot(0), NOBODY, *signature)
    assert world.escrow.refusal(NOBODY, "enterWithPermit", *entry).error == "ERC20InsufficientAllowance"


def test_two_sessions_do_not_share_a_purse(world: World) -> None:
    first, second = world.open(), world.open()
    world.enter(first, 2)
    world.enter(second, 2)
    world.escrow.send(world.opener, "cancel", first)
    for ticket in range(2):
        world.escrow.send(NOBODY, "refund", first, ticket)
    for owner in world.owners[:2]:
        world.escrow.send(owner, "withdraw", ETH, owner)
    assert world.held(world.escrow, ETH) == 2 * Terms().fee
