"""Disputes: every kind of liar loses to one honest node, an honest node loses to nobody, and silence loses."""

from functools import cache
from typing import Any

import pytest

from fraction.adapters.traces.job import carry_out, small_job
from fraction.adapters.traces.liars import LIARS, lie
from fraction.app.disputes import advance_dispute
from fraction.base import Rejected
from fraction.verification.dispute import Evidence, Stage
from tests.contracts.disputes import STEPS, job, players, words
from tests.contracts.world import BOND, ETH, MOVE_SECONDS, STAKE, TRAINER, TaskPhase, World

pytestmark = pytest.mark.chain


@cache
def truth() -> Evidence:
    return carry_out(job()).evidence()


@cache
def liar(name: str) -> Evidence:
    return lie(name, job())


@pytest.mark.parametrize("name", LIARS)
def test_a_liar_is_refuted_by_one_number(world: World, name: str) -> None:
    sides = players(world, liar(name), truth())
    number = sides.open()
    assert sides.play(number) is Stage.REFUTED
    ruling = sides.challenger.ruling(number)
    assert ruling is not None
    assert ruling[0] != ruling[1]
    assert world.vault.call("stakeOf", TRAINER, sides.defender.account) == STAKE // 2
    assert world.game.call("balanceOf", sides.challenger.account, ETH) == BOND
    world.chain.go_to(int(world.registry.call("deadlineOf", sides.task)))
    settled = world.registry.event(world.registry.send(world.opener, "settle", sides.task), "Accepted")
    assert settled.root == words(truth().claim)
    assert settled.fees[0] == 0


@pytest.mark.parametrize("name", ["flipped-bit", "product"])
def test_an_honest_node_is_never_refuted(world: World, name: str) -> None:
    sides = players(world, truth(), liar(name))
    number = sides.open()
    assert sides.play(number) is Stage.DEFENDED
    ruling = sides.challenger.ruling(number)
    assert ruling is not None
    assert ruling[0] == ruling[1]
    assert world.vault.call("stakeOf", TRAINER, sides.defender.account) == STAKE
    assert world.game.call("balanceOf", sides.defender.account, ETH) == BOND


def test_whoever_computed_with_another_base_cannot_prove_it_against_an_honest_node(world: World) -> None:
    sides = players(world, truth(), liar("other-base"))
    number = sides.open()
    sides.until(number, Stage.PROOF)
    with pytest.raises(AssertionError, match="UnprovedInput"):
        advance_dispute(sides.challenger, sides.ours, number)
    world.chain.go_to(world.game.call("disputeOf", number).deadline)
    sides.defender.time_out(number)
    assert sides.defender.position(number).stage is Stage.DEFENDED


def test_a_claim_to_another_specification_cannot_be_opened(world: World) -> None:
    other = carry_out(small_job(STEPS, data="better data")).evidence()  # claims what it did, not what was asked
    sides = players(world, other, truth())
    number = sides.open()
    steps = other.steps().root
    assert world.game.refusal(sides.defender.player, "openClaim", number, steps).error == "WrongClaim"
    world.chain.go_to(world.game.call("disputeOf", number).deadline)
    sides.challenger.time_out(number)
    assert sides.challenger.position(number).stage is Stage.REFUTED


def test_a_claim_with_fewer_steps_cannot_be_opened(world: World) -> None:
    short = Evidence(truth().specification, truth().plans, truth().leaves[:-1], truth().trace)
    sides = players(world, short, truth())
    number = sides.open()
    sides.defender.open_claim(number, short.steps().root)
    with pytest.raises(AssertionError, match="WrongCount"):
        sides.defender.show(number, sides.defender.position(number), tuple(map(words, short.leaves)))


def test_nobody_can_move_against_a_claim_that_is_its_own(world: World) -> None:
    sides = players(world, truth(), truth())
    number = sides.open()
    with pytest.raises(Rejected, match="nothing wrong"):
        sides.play(number)
    world.chain.go_to(world.game.call("disputeOf", number).deadline)
    sides.defender.time_out(number)
    assert sides.defender.position(number).stage is Stage.DEFENDED


SILENT = {
    Stage.CLAIM: True,
    Stage.REVEAL: True,
    Stage.PICK: False,
    Stage.TRACE: True,
    Stage.TREE: False,
    Stage.OPERATOR: False,
    Stage.ROW: True,
    Stage.PROOF: False,
}
"""Whether the claim is refuted when nobody moves in this stage."""


@pytest.mark.parametrize("stage", SILENT)
def test_whose_turn_it_is_and_is_silent_loses(world: World, stage: Stage) -> None:
    sides = players(world, liar("flipped-bit"), truth())
    number = sides.open()
    sides.until(number, stage)
    world.chain.go_to(world.game.call("disputeOf", number).deadline)
    sides.challenger.time_out(number)
    refuted = SILENT[stage]
    assert sides.challenger.position(number).stage is (Stage.REFUTED if refuted else Stage.DEFENDED)
    assert world.vault.call("stakeOf", TRAINER, sides.defender.account) == (STAKE // 2 if refuted else STAKE)


def test_one_honest_node_among_liars_is_enough(world: World) -> None:
    sides = players(world, truth(), liar("flipped-bit"))  # the trainer alone is honest
    trainer, *liars = world.panel
    sides.defender, sides.challenger = sides.challenger, sides.defender
    sides.theirs, sides.ours = sides.ours, sides.theirs
    assert sides.play(sides.open()) is Stage.REFUTED
    world.chain.go_to(int(world.registry.call("deadlineOf", sides.task)))
    receipt = world.registry.send(world.opener, "settle", sides.task)
    accepted = world.registry.event(receipt, "Accepted")
    assert accepted.root == words(truth().claim)
    assert accepted.fees == [10**18, 0, 0, 0]
    assert accepted.slashes == [0, 0, STAKE // 10, STAKE // 10]  # the refuted one lost half already
    assert trainer not in liars


def test_a_task_cannot_be_settled_while_a_dispute_is_open(world: World) -> None:
    sides = players(world, liar("flipped-bit"), truth(), dispute=50)
    number = sides.open()
    world.chain.go_to(int(world.registry.call("deadlineOf", sides.task)))
    world.chain.mine()
    assert world.task_phase(sides.task) == TaskPhase.DISPUTABLE
    world.chain.go_to(world.game.call("disputeOf", number).deadline)
    sides.challenger.time_out(number)
    assert world.task_phase(sides.task) == TaskPhase.SETTLEABLE


def test_every_move_starts_the_clock_again(world: World) -> None:
    sides = players(world, liar("flipped-bit"), truth())
    number = sides.open()
    first: Any = world.game.call("disputeOf", number)
    world.chain.go_to(first.deadline - 1)
    sides.defender.open_claim(number, sides.theirs.steps().root)
    assert world.game.call("disputeOf", number).deadline == first.deadline - 1 + MOVE_SECONDS
