"""Every custom error of the dispute game is met, with the values that explain it."""

from dataclasses import replace
from functools import cache

import pytest

from fraction.adapters.traces.job import carry_out
from fraction.adapters.traces.liars import lie
from fraction.base import sha256_of
from fraction.verification.dispute import Evidence, Stage, nodes_beneath, own_row, picked_operator, proof_of
from fraction.verification.program import Source
from tests.contracts.chain import Decoded, Refusal
from tests.contracts.disputes import Players, fields, job, manifest_of, plan_fields, players, proof_fields, split, words
from tests.contracts.refusals import Refusals, Scenario, check
from tests.contracts.world import BOND, ETH, TaskPhase, World, someone

pytestmark = pytest.mark.chain

GAME = Refusals("DisputeGame")
UNREACHABLE = (
    # the game takes no tokens, makes no call that could come back, and formats 32 bytes only
    "AssetNotAllowed",
    "SafeERC20FailedOperation",
    "WrongAmountReceived",
    "WrongValue",
    "ReentrancyGuardReentrantCall",
    "StringsInsufficientHexLength",
)
NOBODY = someone(7)
Result = tuple[Refusal, tuple[object, ...]]


@cache
def truth() -> Evidence:
    return carry_out(job()).evidence()


@cache
def lies() -> Evidence:
    return lie("flipped-bit", job())


def at(world: World, stage: Stage) -> tuple[Players, int]:
    """Return a dispute in which it is this stage's turn."""
    sides = players(world, lies(), truth())
    number = sides.open()
    sides.until(number, stage)
    return sides, number


def opening(sides: Players, **changes: Decoded) -> Refusal:
    specification = changes.get("specification", sides.ours.specification)
    head, tail = split(changes.get("manifest", sides.manifest), specification)
    arguments = (changes.get("task", sides.task), changes.get("defender", sides.defender.player))
    sender, bond = changes.get("sender", sides.challenger.player), changes.get("bond", BOND)
    return sides.world.game.refusal(sender, "open", *arguments, fields(specification), head, tail, value=bond)


@GAME.provokes("WrongBond")
def a_bond_that_is_not_paid(world: World) -> Result:
    return opening(players(world, lies(), truth()), bond=1), (BOND, 1)


@GAME.provokes("NothingToDispute")
def a_node_that_showed_nothing(world: World) -> Result:
    sides = players(world, lies(), truth())
    return opening(sides, defender=NOBODY), (sides.task, NOBODY)


@GAME.provokes("NothingToDispute")
def ones_own_result(world: World) -> Result:
    sides = players(world, lies(), truth())
    return opening(sides, sender=sides.defender.player), (sides.task, sides.defender.player)


@GAME.provokes("WrongManifest")
def a_manifest_that_is_not_the_tasks(world: World) -> Result:
    sides = players(world, lies(), truth())
    other = sides.manifest.replace(b"zeal", b"zest")
    return opening(sides, manifest=other), (words(sha256_of(sides.manifest)), words(sha256_of(other)))


@GAME.provokes("WrongManifest")
def a_specification_that_the_manifest_does_not_name(world: World) -> Result:
    sides = players(world, lies(), truth())
    other = replace(truth().specification, steps=1)
    named = manifest_of(other)
    met = opening(sides, specification=other, manifest=named)
    return met, (words(sha256_of(sides.manifest)), words(sha256_of(named)))


def test_a_dispute_needs_time_for_disputes(world: World) -> None:
    sides = players(world, lies(), truth(), dispute=0)
    met = opening(sides)
    assert met == world.registry.chain.decode_error(_wrong_phase(sides.task, TaskPhase.SETTLEABLE))


def _wrong_phase(task: int, phase: TaskPhase) -> str:
    from web3 import Web3

    selector = Web3.keccak(text="WrongPhase(uint256,uint8)")[:4]
    return (selector + task.to_bytes(32, "big") + int(phase).to_bytes(32, "big")).hex()


@GAME.provokes("NotTurn")
def a_move_of_the_other_side(world: World) -> Result:
    sides, number = at(world, Stage.CLAIM)
    met = world.game.refusal(sides.challenger.player, "openClaim", number, bytes(32))
    return met, (number, Stage.CLAIM.value, sides.challenger.player)


@GAME.provokes("NotTurn")
def a_move_of_another_stage(world: World) -> Result:
    sides, number = at(world, Stage.CLAIM)
    met = world.game.refusal(sides.defender.player, "openTrace", number, bytes(32))
    return met, (number, Stage.CLAIM.value, sides.defender.player)


@GAME.provokes("TooLate")
def a_move_at_the_second_of_the_deadline(world: World) -> Result:
    sides, number = at(world, Stage.CLAIM)
    deadline = world.game.call("disputeOf", number).deadline
    world.chain.go_to(deadline)
    met = world.game.refusal(sides.defender.player, "openClaim", number, lies().steps().root)
    return met, (number, deadline)


@GAME.provokes("TooEarly")
def timing_out_before_the_deadline(world: World) -> Result:
    _, number = at(world, Stage.CLAIM)
    deadline = world.game.call("disputeOf", number).deadline
    return world.game.refusal(NOBODY, "timeOut", number), (number, deadline)


@GAME.provokes("AlreadyOver")
def timing_out_what_never_was(world: World) -> Result:
    return world.game.refusal(NOBODY, "timeOut", 9), (9, Stage.NONE.value)


@GAME.provokes("AlreadyOver")
def timing_out_twice(world: World) -> Result:
    sides, number = at(world, Stage.CLAIM)
    world.chain.go_to(world.game.call("disputeOf", number).deadline)
    sides.challenger.time_out(number)
    return world.game.refusal(NOBODY, "timeOut", number), (number, Stage.REFUTED.value)


@GAME.provokes("WrongClaim")
def steps_that_were_not_claimed(world: World) -> Result:
    from fraction.verification.claim import claim_root

    sides, number = at(world, Stage.CLAIM)
    met = world.game.refusal(sides.defender.player, "openClaim", number, truth().steps().root)
    given = claim_root(truth().specification.digest(), truth().leaves)
    return met, (words(lies().claim), words(given))


@GAME.provokes("WrongCount")
def too_few_nodes(world: World) -> Result:
    sides, number = at(world, Stage.REVEAL)
    shown = list(nodes_beneath(lies(), sides.defender.position(number)))
    return world.game.refusal(sides.defender.player, "show", number, shown[:-1]), (len(shown), len(shown) - 1)


@GAME.provokes("WrongNodes")
def nodes_of_another_tree(world: World) -> Result:
    sides, number = at(world, Stage.REVEAL)
    other = list(nodes_beneath(truth(), sides.defender.position(number)))
    met = world.game.refusal(sides.defender.player, "show", number, other)
    return met, (lies().steps().root, truth().steps().root)


@GAME.provokes("WrongNodes")
def picking_among_nodes_that_were_not_shown(world: World) -> Result:
    sides, number = at(world, Stage.PICK)
    met = world.game.refusal(sides.challenger.player, "pick", number, [bytes(32)], 0)
    return met, met.values


@GAME.provokes("NoSuchNode")
def picking_beyond_the_last(world: World) -> Result:
    sides, number = at(world, Stage.PICK)
    nodes = list(sides.challenger.position(number).showings[-1].nodes)
    return world.game.refusal(sides.challenger.player, "pick", number, nodes, len(nodes)), (len(nodes),)


@GAME.provokes("WrongSpecification")
def another_specification_on_the_way(world: World) -> Result:
    sides, number = at(world, Stage.TREE)
    other, plan = replace(truth().specification, steps=1), truth().plans[0]
    met = world.game.refusal(sides.challenger.player, "chooseTree", number, fields(other), plan_fields(plan), [], True)
    return met, (words(truth().specification.digest()), words(other.digest()))


@GAME.provokes("UnprovedPlan")
def a_plan_of_another_step(world: World) -> Result:
    sides, number = at(world, Stage.TREE)
    plan, proof = plan_fields(truth().plans[0]), list(truth().plan_proof(0))
    specification = fields(truth().specification)
    return world.game.refusal(sides.challenger.player, "chooseTree", number, specification, plan, proof, True), ()


@GAME.provokes("WrongOperator")
def an_operator_that_was_not_picked(world: World) -> Result:
    sides, number = at(world, Stage.OPERATOR)
    position = sides.challenger.position(number)
    _, _, proof = picked_operator(truth(), position)
    plan = truth().plans[position.step]
    other = truth().trace(position.step).program.operators[0].encode()
    specification = fields(truth().specification)
    arguments = (number, specification, plan_fields(plan), other, list(proof))
    return world.game.refusal(sides.challenger.player, "showOperator", *arguments), ()


@GAME.provokes("WrongRow")
def another_row_than_the_one_that_was_picked(world: World) -> Result:
    sides, number = at(world, Stage.ROW)
    row = own_row(truth(), sides.defender.position(number))
    return world.game.refusal(sides.defender.player, "showRow", number, row), ()


def proving(world: World, **changes: Decoded) -> tuple[Players, Refusal]:
    sides, number = at(world, Stage.PROOF)
    position = sides.challenger.position(number)
    proof = replace(proof_of(truth(), position), **changes)
    plan = plan_fields(changes.get("plan", truth().plans[position.step]))
    arguments = (number, fields(truth().specification), plan, proof_fields(proof))
    return sides, world.game.refusal(sides.challenger.player, "prove", *arguments)


@GAME.provokes("WrongOperator")
def proving_by_another_operator(world: World) -> Result:
    return proving(world, operator=truth().trace(0).program.operators[0].encode())[1], ()


@GAME.provokes("WrongRow")
def proving_against_another_row(world: World) -> Result:
    return proving(world, row=bytes(4 * 32))[1], ()


@GAME.provokes("WrongCount")
def proving_without_inputs(world: World) -> Result:
    return proving(world, inputs=())[1], (1, 0)


@GAME.provokes("UnprovedState")
def a_state_before_that_was_not_claimed(world: World) -> Result:
    return proving(world, previous=bytes(32))[1], ()


@GAME.provokes("UnprovedInput")
def an_input_that_was_changed(world: World) -> Result:
    sides, number = at(world, Stage.PROOF)
    position = sides.challenger.position(number)
    proof = proof_of(truth(), position)
    changed = replace(proof.inputs[0], row=bytes(len(proof.inputs[0].row)))
    arguments = (fields(truth().specification), plan_fields(truth().plans[position.step]))
    packed = proof_fields(replace(proof, inputs=(changed, *proof.inputs[1:])))
    return world.game.refusal(sides.challenger.player, "prove", number, *arguments, packed), (0,)


@GAME.provokes("NothingOwed")
def fetching_what_is_not_owed(world: World) -> Result:
    return world.game.refusal(NOBODY, "withdraw", ETH, NOBODY), (NOBODY, ETH)


@GAME.provokes("TransferFailed")
def fetching_money_to_a_contract_that_refuses_it(world: World) -> Result:
    actor = world.chain.deploy(world.deployer, "Actor")
    sides, number = at(world, Stage.CLAIM)
    world.chain.go_to(world.game.call("disputeOf", number).deadline)
    sides.challenger.time_out(number)
    met = world.game.refusal(sides.challenger.player, "withdraw", ETH, actor.address)
    return met, (actor.address, BOND)


@GAME.provokes("ZeroAddress")
def a_game_without_registry(world: World) -> Result:
    arguments = (ETH, world.referee.address, BOND, 1)
    return world.chain.deploy_refusal(world.deployer, "DisputeGame", *arguments), ()


@GAME.provokes("ZeroPeriod")
def a_game_without_time_to_move(world: World) -> Result:
    arguments = (world.registry.address, world.referee.address, BOND, 0)
    return world.chain.deploy_refusal(world.deployer, "DisputeGame", *arguments), ()


@pytest.mark.parametrize(("error", "scenario"), GAME.parameters())
def test_it_is_refused_with_the_values_that_explain_it(world: World, error: str, scenario: Scenario) -> None:
    check(world, error, scenario)


def test_every_error_of_the_interface_was_met() -> None:
    assert GAME.unproved(UNREACHABLE) == set()


def test_the_views_name_what_the_game_was_built_with(world: World) -> None:
    views = [world.game.call(view) for view in ("registry", "referee", "bond", "disputeCount")]
    assert views == [world.registry.address, world.referee.address, BOND, 0]


def test_constants_are_named_as_the_program_reads_them() -> None:
    plan, program = truth().plans[0], truth().trace(0).program
    reads = [v for operator in program.operators for v in operator.inputs]
    assert {v.index < plan.data_count for v in reads if v.source is Source.DATA} == {True}
    assert {v.index < truth().specification.constant_count for v in reads if v.source is Source.CONSTANT} == {True}
