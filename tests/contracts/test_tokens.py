"""The two tokens and the randomness."""

import pytest

from tests.contracts.world import ETHER, World, someone

pytestmark = pytest.mark.chain

NOBODY = someone(1)
PENDING, READY, EXPIRED = 0, 1, 2


def test_anyone_takes_test_dollars_and_they_say_that_they_are_worth_nothing(world: World) -> None:
    world.usd.send(NOBODY, "faucet", 1_000_000)
    assert world.usd.call("balanceOf", NOBODY) == 1_000_000
    assert world.usd.call("decimals") == 6
    assert "no value" in world.usd.call("name")


def test_the_supply_of_frac_goes_to_its_holder_and_has_a_cap(world: World) -> None:
    cap = 100_000_000 * ETHER
    assert world.frac.call("CAP") == world.frac.call("cap") == cap
    frac = world.chain.deploy(world.deployer, "FracToken", NOBODY, cap)
    assert frac.call("balanceOf", NOBODY) == frac.call("totalSupply") == cap
    refusal = world.chain.deploy_refusal(world.deployer, "FracToken", NOBODY, cap + 1)
    assert (refusal.error, refusal.values) == ("ERC20ExceededCap", (cap + 1, cap))


def test_votes_are_counted_by_time(world: World) -> None:
    assert world.frac.call("CLOCK_MODE") == "mode=timestamp"
    world.frac.send(world.deployer, "transfer", NOBODY, 7)
    world.frac.send(NOBODY, "delegate", NOBODY)
    then = world.frac.call("clock") - 1
    world.frac.send(NOBODY, "transfer", world.deployer, 7)
    assert world.frac.call("getVotes", NOBODY) == 0
    world.chain.mine()
    assert world.frac.call("getPastVotes", NOBODY, then) == 7


def test_frac_has_no_mint_and_no_owner(world: World) -> None:
    functions = {entry["name"] for entry in world.frac.contract.abi if entry["type"] == "function"}
    assert not functions & {"mint", "burn", "owner", "pause", "grantRole"}


def test_randomness_is_unknown_when_it_is_asked_for_known_a_block_later_and_expires(world: World) -> None:
    world.chain.mine()
    ticket = world.chain.w3.eth.block_number + 1
    assert world.randomness.call("ticket") == ticket + 1  # of the block that comes next
    assert read(world, ticket) == (PENDING, bytes(32))
    world.chain.mine()
    block = world.chain.rpc("eth_getBlockByNumber", hex(ticket), False)
    assert read(world, ticket) == (READY, bytes.fromhex(block["hash"][2:]))
    world.chain.mine(255)
    assert read(world, ticket)[0] == READY
    world.chain.mine()
    assert read(world, ticket) == (EXPIRED, bytes(32))


def read(world: World, ticket: int) -> tuple[int, bytes]:
    status, value = world.randomness.call("read", ticket)
    return status, value
