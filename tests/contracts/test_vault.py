"""Stakes: who may be drawn, how they go in and out, and every custom error of the vault."""

from collections import Counter
from typing import Any

import pytest

from tests.contracts.chain import Deployed, Refusal
from tests.contracts.refusals import Refusals, Scenario, check, text
from tests.contracts.test_delegation import DELEGATION, UNREACHABLE
from tests.contracts.world import (
    ETH,
    ETHER,
    JUDGE,
    MINIMUM_STAKE,
    STAKE,
    THAW_SECONDS,
    TRAINER,
    VERIFIER,
    World,
    drawn,
    slash,
    someone,
)

pytestmark = pytest.mark.chain

VAULT = Refusals("StakeVault")
NOBODY = someone(1)
NEWCOMER = someone(2)
Result = tuple[Refusal, tuple[Any, ...]]


def test_registering_stakes_lists_and_names_the_endpoint(world: World) -> None:
    before = world.vault.call("nodes", JUDGE)
    world.stake(JUDGE, NEWCOMER, 700 * ETHER)
    assert world.vault.call("nodes", JUDGE) == [*before, NEWCOMER]
    assert world.vault.call("stakeOf", JUDGE, NEWCOMER) == 700 * ETHER
    assert world.vault.call("stakeOf", TRAINER, NEWCOMER) == 0
    assert world.vault.call("endpointOf", JUDGE, NEWCOMER) == f"http://{NEWCOMER}"
    assert tuple(world.vault.call("nodeOf", JUDGE, NEWCOMER)) == (
        *(700 * ETHER, 0, 0, len(before) + 1),
        *(700 * ETHER, 0),
    )


def test_one_account_may_serve_several_roles_with_a_stake_for_each(world: World) -> None:
    for role in (JUDGE, TRAINER, VERIFIER):
        world.stake(role, NEWCOMER, MINIMUM_STAKE + role)
    stakes = [world.vault.call("stakeOf", role, NEWCOMER) for role in (JUDGE, TRAINER, VERIFIER)]
    assert stakes == [MINIMUM_STAKE, MINIMUM_STAKE + 1, MINIMUM_STAKE + 2]


def test_topping_up_adds_to_the_stake(world: World) -> None:
    judge = world.judges[0]
    world.frac.send(world.deployer, "transfer", judge, 5)
    world.frac.send(judge, "approve", world.vault.address, 5)
    event = world.vault.event(world.vault.send(judge, "topUp", JUDGE, 5), "ToppedUp")
    assert (event.amount, event.stake) == (5, STAKE + 5)
    assert world.vault.call("stakeOf", JUDGE, judge) == STAKE + 5


def test_a_node_may_move(world: World) -> None:
    judge = world.judges[0]
    event = world.vault.event(world.vault.send(judge, "setEndpoint", JUDGE, "http://elsewhere"), "EndpointSet")
    assert event.endpoint == world.vault.call("endpointOf", JUDGE, judge) == "http://elsewhere"


def test_a_stake_comes_back_after_it_has_thawed(world: World) -> None:
    judge = world.judges[0]
    exit_at = world.vault.event(world.vault.send(judge, "requestExit", JUDGE), "ExitRequested").exitAt
    assert exit_at == world.chain.next_time() - 1 + THAW_SECONDS
    world.chain.go_to(exit_at)
    world.vault.send(judge, "withdraw", JUDGE)
    assert world.frac.call("balanceOf", judge) == STAKE
    assert judge not in world.vault.call("nodes", JUDGE)
    assert set(world.vault.call("nodeOf", JUDGE, judge)) == {0}
    last = world.vault.call("nodes", JUDGE)[0]
    assert world.vault.call("nodeOf", JUDGE, last).place == 1  # the last took the free place


def test_who_left_may_come_back(world: World) -> None:
    judge = world.judges[0]
    world.vault.send(judge, "requestExit", JUDGE)
    world.chain.go_to(world.chain.next_time() + THAW_SECONDS)
    world.vault.send(judge, "withdraw", JUDGE)
    world.stake(JUDGE, judge)
    assert world.vault.call("nodeOf", JUDGE, judge).exitAt == 0
    assert judge in drawn(world, 15)


def test_slashing_reaches_thawing_stake_and_goes_to_the_treasury(world: World) -> None:
    judge = world.judges[0]
    world.vault.send(judge, "requestExit", JUDGE)
    event = world.vault.event(slash(world, judge, 100 * ETHER), "Slashed")
    assert (event.node, event.amount, event.reason, event.stake) == (
        judge,
        100 * ETHER,
        text("no-show"),
        STAKE - 100 * ETHER,
    )
    assert world.frac.call("balanceOf", world.treasury) == 100 * ETHER


def test_no_more_is_slashed_than_is_there(world: World) -> None:
    event = world.vault.event(slash(world, world.judges[0], 2 * STAKE), "Slashed")
    assert (event.amount, event.stake) == (STAKE, 0)


def test_the_same_seed_draws_the_same_nodes_and_none_twice(world: World) -> None:
    first = drawn(world, 5)
    assert first == drawn(world, 5)
    assert len(set(first)) == 5
    assert set(first) <= set(world.judges)
    assert any(drawn(world, 5, seed) != first for seed in range(2, 6))


def test_excluded_nodes_are_not_drawn(world: World) -> None:
    excluded = tuple(world.judges[:10])
    assert sorted(drawn(world, 15, excluded=excluded)) == sorted(world.judges[10:])
    assert drawn(world, 15, excluded=tuple(world.judges)) == []
    assert drawn(world, 0) == []


def test_stake_counts_in_proportion(world: World) -> None:
    for judge in world.judges[3:]:
        world.vault.send(judge, "requestExit", JUDGE)
    rich, *others = world.judges[:3]
    world.frac.send(world.deployer, "transfer", rich, 8 * STAKE)
    world.frac.send(rich, "approve", world.vault.address, 8 * STAKE)
    world.vault.send(rich, "topUp", JUDGE, 8 * STAKE)
    wins = Counter(drawn(world, 1, seed)[0] for seed in range(55))
    assert 34 <= wins[rich] <= 54  # nine of eleven: 45 expected, with a standard deviation of 2.9
    assert set(wins) == {rich, *others}


def test_a_node_below_the_minimum_is_not_drawn_until_it_tops_up(world: World) -> None:
    judge = world.judges[0]
    slash(world, judge, STAKE - MINIMUM_STAKE + 1)
    assert judge not in drawn(world, 15)
    world.frac.send(world.deployer, "transfer", judge, 1)
    world.frac.send(judge, "approve", world.vault.address, 1)
    world.vault.send(judge, "topUp", JUDGE, 1)
    assert judge in drawn(world, 15)


def test_nothing_that_happens_after_the_block_of_the_ticket_changes_the_draw(world: World) -> None:
    block = world.chain.w3.eth.block_number
    before = [drawn(world, 3, seed, block=block) for seed in range(5)]
    world.stake(JUDGE, NEWCOMER, 50 * STAKE)
    leaver, grower = world.judges[:2]
    world.vault.send(leaver, "requestExit", JUDGE)
    world.frac.send(world.deployer, "transfer", grower, 50 * STAKE)
    world.frac.send(grower, "approve", world.vault.address, 50 * STAKE)
    world.vault.send(grower, "topUp", JUDGE, 50 * STAKE)
    assert [drawn(world, 3, seed, block=block) for seed in range(5)] == before
    assert [drawn(world, 3, seed) for seed in range(5)] != before
    assert leaver not in drawn(world, 64)


def fill(world: World, total: int = 64) -> list[str]:
    """Fill the list of judges up with nodes of the least stake."""
    fillers = [someone(100 + number) for number in range(total - len(world.judges))]
    for node in fillers:
        world.stake(JUDGE, node, MINIMUM_STAKE)
    return fillers


def test_a_full_list_is_open_for_who_stakes_more(world: World) -> None:
    fillers = fill(world)
    world.vault.send(world.escrow.address, "lock", JUDGE, fillers[0])
    world.stake(JUDGE, NEWCOMER, MINIMUM_STAKE + 1)
    nodes = world.vault.call("nodes", JUDGE)
    assert len(nodes) == 64
    assert fillers[0] in nodes  # at work: it stays
    assert fillers[1] not in nodes
    displaced = world.vault.call("nodeOf", JUDGE, fillers[1])
    assert displaced.place == 0
    world.chain.go_to(displaced.exitAt)
    world.vault.send(fillers[1], "withdraw", JUDGE)
    assert world.frac.call("balanceOf", fillers[1]) == MINIMUM_STAKE
    assert len(world.vault.call("nodes", JUDGE)) == 64


@VAULT.provokes("ListFull")
def a_full_list_and_a_stake_no_greater_than_the_least(world: World) -> Result:
    fill(world)
    return register(world, MINIMUM_STAKE), (JUDGE,)


def register(world: World, amount: int = STAKE, node: str = NEWCOMER, endpoint: str = "http://x") -> Refusal:
    return world.vault.refusal(node, "register", JUDGE, amount, endpoint)


@VAULT.provokes("AlreadyRegistered")
def registering_twice(world: World) -> Result:
    judge = world.judges[0]
    return register(world, node=judge), (JUDGE, judge)


@VAULT.provokes("StakeTooSmall")
def less_than_the_minimum(world: World) -> Result:
    return register(world, MINIMUM_STAKE - 1), (MINIMUM_STAKE - 1, MINIMUM_STAKE)


@VAULT.provokes("EndpointLength")
def no_endpoint(world: World) -> Result:
    return register(world, endpoint=""), (0,)


@VAULT.provokes("EndpointLength")
def an_endless_endpoint(world: World) -> Result:
    return world.vault.refusal(world.judges[0], "setEndpoint", JUDGE, "x" * 257), (257,)


@VAULT.provokes("NotRegistered")
def topping_up_nothing(world: World) -> Result:
    return world.vault.refusal(NOBODY, "topUp", JUDGE, 1), (JUDGE, NOBODY)


@VAULT.provokes("NotRegistered")
def leaving_without_having_come(world: World) -> Result:
    return world.vault.refusal(NOBODY, "requestExit", JUDGE), (JUDGE, NOBODY)


@VAULT.provokes("ExitRequestedAlready")
def leaving_twice(world: World) -> Result:
    judge = world.judges[0]
    world.vault.send(judge, "requestExit", JUDGE)
    return world.vault.refusal(judge, "requestExit", JUDGE), (JUDGE, judge)


@VAULT.provokes("ExitRequestedAlready")
def topping_up_on_the_way_out(world: World) -> Result:
    judge = world.judges[0]
    world.vault.send(judge, "requestExit", JUDGE)
    return world.vault.refusal(judge, "topUp", JUDGE, 1), (JUDGE, judge)


@VAULT.provokes("ExitNotRequested")
def withdrawing_at_once(world: World) -> Result:
    judge = world.judges[0]
    return world.vault.refusal(judge, "withdraw", JUDGE), (JUDGE, judge)


@VAULT.provokes("StillThawing")
def withdrawing_a_second_too_early(world: World) -> Result:
    judge = world.judges[0]
    exit_at = world.vault.event(world.vault.send(judge, "requestExit", JUDGE), "ExitRequested").exitAt
    world.chain.go_to(exit_at - 1)
    return world.vault.refusal(judge, "withdraw", JUDGE), (exit_at,)


@VAULT.provokes("StillLocked")
def withdrawing_while_at_work(world: World) -> Result:
    world.drawn()
    judge = world.panel[0]
    exit_at = world.vault.event(world.vault.send(judge, "requestExit", JUDGE), "ExitRequested").exitAt
    world.chain.go_to(exit_at)
    return world.vault.refusal(judge, "withdraw", JUDGE), (1,)


@VAULT.provokes("NotModule")
def slashing_without_right(world: World) -> Result:
    args = (JUDGE, world.judges[0], 1, bytes(32))
    return world.vault.refusal(world.deployer, "slash", *args), (JUDGE, world.deployer)


@VAULT.provokes("NotModule")
def the_escrow_slashing_a_trainer(world: World) -> Result:
    args = (TRAINER, world.trainers[0], 1, bytes(32))
    return world.vault.refusal(world.escrow.address, "slash", *args), (TRAINER, world.escrow.address)


@VAULT.provokes("NotModule")
def the_registry_locking_a_judge(world: World) -> Result:
    args = (JUDGE, world.judges[0])
    return world.vault.refusal(world.registry.address, "lock", *args), (JUDGE, world.registry.address)


@VAULT.provokes("NotModule")
def releasing_oneself(world: World) -> Result:
    judge = world.judges[0]
    return world.vault.refusal(judge, "release", JUDGE, judge), (JUDGE, judge)


@VAULT.provokes("AlreadyWired")
def wiring_twice(world: World) -> Result:
    return world.vault.refusal(world.deployer, "wire", NOBODY, NOBODY), ()


@VAULT.provokes("NotDeployer")
def wiring_somebody_elses_vault(world: World) -> Result:
    return unwired(world).refusal(NOBODY, "wire", NOBODY, NOBODY), (NOBODY,)


@VAULT.provokes("ZeroAddress")
def wiring_to_nothing(world: World) -> Result:
    return unwired(world).refusal(world.deployer, "wire", NOBODY, ETH), ()


@VAULT.provokes("ZeroAddress")
def a_vault_without_treasury(world: World) -> Result:
    return world.chain.deploy_refusal(world.deployer, "StakeVault", world.frac.address, ETH, 1, 1, NOBODY), ()


def unwired(world: World) -> Deployed:
    return world.chain.deploy(world.deployer, "StakeVault", world.frac.address, world.treasury, 1, 1, world.deployer)


def test_a_vault_is_wired_once_by_who_deployed_it(world: World) -> None:
    vault = unwired(world)
    event = vault.event(vault.send(world.deployer, "wire", someone(7), someone(8)), "Wired")
    assert (event.escrow, event.registry) == (someone(7), someone(8))
    assert (vault.call("escrow"), vault.call("registry")) == (someone(7), someone(8))


def test_the_views_name_what_the_vault_was_built_with(world: World) -> None:
    views = [world.vault.call(view) for view in ("token", "treasury", "minimumStake", "thawSeconds")]
    assert views == [world.frac.address, world.treasury, MINIMUM_STAKE, THAW_SECONDS]
    assert [world.vault.call(view) for view in ("MAX_NODES", "MAX_ENDPOINT")] == [64, 256]


@pytest.mark.parametrize(("error", "scenario"), VAULT.parameters())
def test_it_is_refused_with_the_values_that_explain_it(world: World, error: str, scenario: Scenario) -> None:
    check(world, error, scenario)


def test_every_error_of_the_interface_was_met() -> None:
    # a checkpoint out of order cannot be written: its key is the number of the block
    assert VAULT.unproved(UNREACHABLE) & DELEGATION.unproved(UNREACHABLE) == set()
