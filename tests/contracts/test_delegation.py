"""Stake that others add to a node's: it counts in draws and votes, is slashed with it, and thaws before it leaves."""

from typing import Any

import pytest

from tests.contracts.chain import Decoded, Refusal
from tests.contracts.refusals import Refusals, Scenario, check
from tests.contracts.world import (
    ETHER,
    JUDGE,
    MINIMUM_STAKE,
    STAKE,
    THAW_SECONDS,
    World,
    drawn,
    slash,
    someone,
)

pytestmark = pytest.mark.chain

DELEGATION = Refusals("StakeVault")
BACKER = someone(50)
Result = tuple[Refusal, tuple[Any, ...]]

UNREACHABLE = {
    # of OpenZeppelin's Votes, whose own tests meet them; nothing here reaches them but through its functions
    "CheckpointUnorderedInsertion",
    "ECDSAInvalidSignature",
    "ECDSAInvalidSignatureLength",
    "ECDSAInvalidSignatureS",
    "ERC6372InconsistentClock",
    "InvalidAccountNonce",
    "InvalidShortString",
    "SafeCastOverflowedUintDowncast",
    "SafeERC20FailedOperation",  # FRAC never answers no: it reverts with an error of its own
    "StringTooLong",
    "VotesExpiredSignature",
}


def back(world: World, node: str, amount: int = STAKE, by: str = BACKER) -> Decoded:
    """Let somebody delegate stake to a node."""
    world.frac.send(world.deployer, "transfer", by, amount)
    world.frac.send(by, "approve", world.vault.address, amount)
    return world.vault.event(world.vault.send(by, "delegateStake", JUDGE, node, amount), "Delegated")


def worth(world: World, node: str, account: str) -> int:
    return int(world.vault.call("worthOf", JUDGE, node, account))


def test_delegated_stake_counts_as_the_nodes_own_in_the_draw(world: World) -> None:
    node = world.judges[0]
    delegated = back(world, node, 100 * STAKE)
    assert delegated.stake == world.vault.call("stakeOf", JUDGE, node) == 101 * STAKE
    first = [drawn(world, 1, seed)[0] for seed in range(12)]
    assert first.count(node) > 6


def test_a_slash_takes_the_same_part_of_everybody_in_the_pool_what_thaws_included(world: World) -> None:
    node = world.judges[0]
    back(world, node, 3 * STAKE)
    world.vault.send(BACKER, "thaw", JUDGE, node, STAKE)
    slash(world, node, STAKE)  # a quarter of the four
    assert (worth(world, node, node), worth(world, node, BACKER)) == (STAKE * 3 // 4, 3 * STAKE * 3 // 4)
    world.chain.go_to(world.chain.next_time() + THAW_SECONDS)
    thawed = world.vault.event(world.vault.send(BACKER, "withdrawThawed", JUDGE, node), "ThawedWithdrawn")
    assert thawed.amount == world.frac.call("balanceOf", BACKER) == STAKE * 3 // 4
    assert worth(world, node, BACKER) == 2 * STAKE * 3 // 4


def test_what_thaws_counts_no_more_in_draws(world: World) -> None:
    node = world.judges[0]
    back(world, node, 1000 * STAKE)
    world.vault.send(BACKER, "thaw", JUDGE, node, 1000 * STAKE)
    first = [drawn(world, 1, seed)[0] for seed in range(12)]
    assert first.count(node) < 6


def test_a_node_takes_out_a_part_and_keeps_the_minimum(world: World) -> None:
    node = world.judges[0]
    world.vault.send(node, "thaw", JUDGE, node, STAKE - MINIMUM_STAKE)
    world.chain.go_to(world.chain.next_time() + THAW_SECONDS)
    world.vault.send(node, "withdrawThawed", JUDGE, node)
    assert world.frac.call("balanceOf", node) == STAKE - MINIMUM_STAKE
    assert world.vault.call("stakeOf", JUDGE, node) == MINIMUM_STAKE


def test_who_delegated_gets_it_out_after_the_node_has_left(world: World) -> None:
    node = world.judges[0]
    back(world, node, 2 * STAKE)
    world.vault.send(node, "requestExit", JUDGE)
    world.chain.go_to(world.chain.next_time() + THAW_SECONDS)
    world.vault.send(node, "withdraw", JUDGE)
    assert world.frac.call("balanceOf", node) == STAKE
    world.vault.send(BACKER, "thaw", JUDGE, node, 2 * STAKE)
    world.chain.go_to(world.chain.next_time() + THAW_SECONDS)
    world.vault.send(BACKER, "withdrawThawed", JUDGE, node)
    assert world.frac.call("balanceOf", BACKER) == 2 * STAKE
    assert world.vault.call("nodeOf", JUDGE, node).shares == 0


def test_who_stakes_keeps_its_votes(world: World) -> None:
    power = world.chain.deploy(world.deployer, "VotingPower", world.frac.address, world.vault.address)
    node = world.judges[0]
    world.frac.send(world.deployer, "transfer", BACKER, 3 * STAKE)
    world.frac.send(BACKER, "delegate", BACKER)
    world.frac.send(BACKER, "approve", world.vault.address, 3 * STAKE)
    world.vault.send(BACKER, "delegateStake", JUDGE, node, 2 * STAKE)
    assert [c.call("getVotes", BACKER) for c in (world.frac, world.vault, power)] == [STAKE, 2 * STAKE, 3 * STAKE]
    assert world.vault.call("delegates", BACKER) == BACKER
    before = world.chain.next_time() - 1
    world.chain.mine()
    world.vault.send(BACKER, "thaw", JUDGE, node, 2 * STAKE)
    assert world.vault.call("getVotes", BACKER) == 2 * STAKE  # until it leaves
    world.chain.go_to(world.chain.next_time() + THAW_SECONDS)
    world.vault.send(BACKER, "withdrawThawed", JUDGE, node)
    assert [c.call("getVotes", BACKER) for c in (world.frac, world.vault, power)] == [3 * STAKE, 0, 3 * STAKE]
    assert power.call("getPastVotes", BACKER, before) == 3 * STAKE
    assert power.call("getPastTotalSupply", before) == world.frac.call("totalSupply")


def test_a_slash_takes_votes_of_the_node_at_once_and_of_others_when_anyone_tells(world: World) -> None:
    node = world.judges[0]
    for account in (node, BACKER):
        world.vault.send(account, "delegate", account)
    back(world, node, STAKE)
    slash(world, node, STAKE)
    assert [world.vault.call("getVotes", account) for account in (node, BACKER)] == [STAKE // 2, STAKE]
    world.vault.send(someone(1), "sync", JUDGE, node, BACKER)
    assert world.vault.call("getVotes", BACKER) == STAKE // 2
    world.vault.send(someone(1), "sync", JUDGE, node, BACKER)
    assert world.vault.call("positionOf", JUDGE, node, BACKER).units == STAKE // 2


@DELEGATION.provokes("NotRegistered")
def delegating_to_who_is_no_node(world: World) -> Result:
    return world.vault.refusal(BACKER, "delegateStake", JUDGE, someone(3), 1), (JUDGE, someone(3))


@DELEGATION.provokes("ExitRequestedAlready")
def delegating_to_who_leaves(world: World) -> Result:
    node = world.judges[0]
    world.vault.send(node, "requestExit", JUDGE)
    return world.vault.refusal(BACKER, "delegateStake", JUDGE, node, 1), (JUDGE, node)


@DELEGATION.provokes("StakeTooSmall")
def delegating_nothing(world: World) -> Result:
    return world.vault.refusal(BACKER, "delegateStake", JUDGE, world.judges[0], 0), (0, 1)


@DELEGATION.provokes("StakeTooSmall")
def a_node_that_takes_out_more_than_it_may(world: World) -> Result:
    node = world.judges[0]
    refusal = world.vault.refusal(node, "thaw", JUDGE, node, STAKE - MINIMUM_STAKE + 1)
    return refusal, (MINIMUM_STAKE - 1, MINIMUM_STAKE)


@DELEGATION.provokes("NotThatMuch")
def taking_out_what_is_not_ones_own(world: World) -> Result:
    return world.vault.refusal(BACKER, "thaw", JUDGE, world.judges[0], ETHER), (0, ETHER)


@DELEGATION.provokes("NotThatMuch")
def taking_out_what_thaws_already(world: World) -> Result:
    back(world, world.judges[0], STAKE)
    world.vault.send(BACKER, "thaw", JUDGE, world.judges[0], STAKE)
    return world.vault.refusal(BACKER, "thaw", JUDGE, world.judges[0], 1), (0, 1)


@DELEGATION.provokes("NotThatMuch")
def fetching_what_never_thawed(world: World) -> Result:
    return world.vault.refusal(BACKER, "withdrawThawed", JUDGE, world.judges[0]), (0, 0)


@DELEGATION.provokes("StillThawing")
def fetching_a_second_too_early(world: World) -> Result:
    node = world.judges[0]
    back(world, node, STAKE)
    thaws_at = world.vault.event(world.vault.send(BACKER, "thaw", JUDGE, node, STAKE), "Thawing").thawsAt
    world.chain.go_to(thaws_at - 1)
    return world.vault.refusal(BACKER, "withdrawThawed", JUDGE, node), (thaws_at,)


@DELEGATION.provokes("PoolRuined")
def delegating_to_a_pool_that_lost_everything(world: World) -> Result:
    node = world.judges[0]
    slash(world, node, STAKE)
    return world.vault.refusal(BACKER, "delegateStake", JUDGE, node, STAKE), (JUDGE, node)


@DELEGATION.provokes("ERC5805FutureLookup")
def votes_of_a_second_that_is_not_over(world: World) -> Result:
    now = world.chain.next_time()
    return world.vault.refusal(BACKER, "getPastVotes", BACKER, now + 5), (now + 5, now)


@pytest.mark.parametrize(("error", "scenario"), DELEGATION.parameters())
def test_it_is_refused_with_the_values_that_explain_it(world: World, error: str, scenario: Scenario) -> None:
    check(world, error, scenario)
