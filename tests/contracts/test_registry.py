"""Training tasks: a quorum of equal results is paid, others lose stake, and every custom error is met."""

from typing import Any

import pytest
from web3 import Web3

from tests.contracts.chain import Decoded, Refusal
from tests.contracts.refusals import Refusals, Scenario, check, text
from tests.contracts.world import (
    ETH,
    ETHER,
    MANIFEST,
    SALT,
    STAKE,
    TRAINER,
    VERIFIER,
    TaskPhase,
    World,
    someone,
)

pytestmark = pytest.mark.chain

REGISTRY = Refusals("TrainingRegistry")
NOBODY = someone(1)
TRUE, FALSE, ODD = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
NO_SHOW = STAKE * 500 // 10_000
MISMATCH = STAKE * 1000 // 10_000
Result = tuple[Refusal, tuple[Any, ...]]


def settle(world: World, id: int, event: str) -> Decoded:
    return world.registry.event(world.registry.send(NOBODY, "settle", id), event)


def locks(world: World) -> set[int]:
    nodes = [(TRAINER, n) for n in world.trainers] + [(VERIFIER, n) for n in world.verifiers]
    return {world.vault.call("nodeOf", role, node).locks for role, node in nodes}


def owed(world: World) -> int:
    accounts = [world.opener, world.treasury, *world.trainers, *world.verifiers]
    return sum(world.registry.call("balanceOf", account, ETH) for account in accounts)


def test_opening_takes_the_fee_and_records_the_task(world: World) -> None:
    receipt = world.registry.send(world.opener, "open", MANIFEST, ETH, ETHER, 3, 3, 60, 70, 80, value=ETHER)
    opened = world.registry.event(receipt, "Opened")
    assert (opened.id, opened.opener, opened.manifest, opened.fee) == (1, world.opener, MANIFEST, ETHER)
    terms = (opened.verifiers, opened.quorum, opened.commitSeconds, opened.revealSeconds, opened.disputeSeconds)
    assert terms == (3, 3, 60, 70, 80)
    task = world.registry.call("taskOf", 1)
    assert (task.manifest, task.opener, task.fee, task.nodes) == (MANIFEST, world.opener, ETHER, [])
    assert opened.drawEnd == task.deadline == world.registry.call("deadlineOf", 1)
    assert world.held(world.registry, ETH) == ETHER


def test_a_task_may_be_paid_in_dollars(world: World) -> None:
    world.usd.send(world.opener, "faucet", 500)
    world.usd.send(world.opener, "approve", world.registry.address, 500)
    world.open_task(fee=500, asset=world.usd.address)
    assert world.held(world.registry, world.usd.address) == 500


def test_one_trainer_and_the_verifiers_are_drawn_and_locked(world: World) -> None:
    id = world.drawn_task()
    trainer, *verifiers = world.panel
    assert trainer in world.trainers
    assert len(set(verifiers)) == 3
    assert set(verifiers) <= set(world.verifiers)
    assert world.registry.call("taskOf", id).nodes == world.panel
    assert world.vault.call("nodeOf", TRAINER, trainer).locks == 1
    assert {world.vault.call("nodeOf", VERIFIER, node).locks for node in verifiers} == {1}
    assert world.registry.call("answerOf", id, trainer).drawn
    assert not world.registry.call("answerOf", id, NOBODY).drawn


def test_nobody_is_drawn_twice_and_never_the_opener(world: World) -> None:
    for node in world.trainers:
        world.stake(VERIFIER, node)
    world.opener = world.trainers[0]
    id = world.open_task(fee=0, verifiers=8, quorum=5)
    world.chain.mine()
    receipt = world.registry.send(NOBODY, "draw", id)
    nodes = world.registry.event(receipt, "NodesDrawn")
    assert nodes.trainer == world.trainers[1]
    assert sorted(nodes.verifiers) == sorted(world.verifiers)


def test_there_are_fewer_verifiers_if_only_a_quorum_is_there(world: World) -> None:
    for node in world.verifiers[2:]:
        world.vault.send(node, "requestExit", VERIFIER)
    id = world.drawn_task()
    assert len(world.panel) == 3
    world.work(id, [TRUE] * 3)
    assert settle(world, id, "Accepted").fees == [ETHER // 3] * 3


def test_a_draw_that_was_left_too_long_is_armed_again(world: World) -> None:
    id = world.open_task()
    world.chain.mine(300)
    world.registry.event(world.registry.send(NOBODY, "draw", id), "Rearmed")
    assert world.task_phase(id) == TaskPhase.DRAWING
    world.chain.mine()
    world.registry.event(world.registry.send(NOBODY, "draw", id), "NodesDrawn")


def test_equal_results_are_accepted_and_paid_alike(world: World) -> None:
    id = world.drawn_task(fee=ETHER + 3)
    world.work(id, [TRUE] * 4)
    accepted = settle(world, id, "Accepted")
    assert (accepted.root, accepted.adapter) == (TRUE, TRUE)
    assert accepted.fees == [ETHER // 4] * 4
    assert accepted.slashes == [0] * 4
    assert accepted.treasuryFee == 3
    assert world.task_phase(id) == TaskPhase.ACCEPTED
    task = world.registry.call("taskOf", id)
    assert (task.root, task.adapter) == (TRUE, TRUE)
    assert locks(world) == {0}
    assert owed(world) == world.held(world.registry, ETH) == ETHER + 3
    world.registry.send(world.panel[0], "withdraw", ETH, NOBODY)
    assert world.chain.balance(NOBODY) == ETHER // 4


@pytest.mark.parametrize("place", range(4))
def test_a_node_with_another_result_is_named_and_loses_a_tenth(world: World, place: int) -> None:
    id = world.drawn_task()
    roots: list[bytes | None] = [TRUE] * 4
    roots[place] = FALSE
    world.work(id, roots)
    receipt = world.registry.send(NOBODY, "settle", id)
    accepted = world.registry.event(receipt, "Accepted")
    assert accepted.slashes == [MISMATCH if k == place else 0 for k in range(4)]
    assert accepted.fees == [0 if k == place else ETHER // 3 for k in range(4)]
    named = world.registry.event(receipt, "Mismatched")
    assert (named.node, named.root, named.amount) == (world.panel[place], FALSE, MISMATCH)
    slashed = world.vault.event(receipt, "Slashed")
    assert (slashed.node, slashed.reason) == (world.panel[place], text("mismatch"))
    assert owed(world) == ETHER


def test_equal_roots_with_another_adapter_are_another_result(world: World) -> None:
    id = world.drawn_task()
    for node in world.panel:
        adapter = FALSE if node == world.panel[3] else TRUE
        world.registry.send(node, "commit", id, world.registry.call("commitmentOf", id, node, TRUE, adapter, SALT))
    for node in world.panel:
        world.registry.send(node, "reveal", id, TRUE, FALSE if node == world.panel[3] else TRUE, SALT)
    assert settle(world, id, "Accepted").slashes == [0, 0, 0, MISMATCH]


def test_a_silent_node_loses_five_percent_and_the_others_are_paid(world: World) -> None:
    id = world.drawn_task()
    world.work(id, [TRUE, None, TRUE, TRUE])
    assert settle(world, id, "Accepted").slashes == [0, NO_SHOW, 0, 0]
    assert world.registry.call("balanceOf", world.panel[1], ETH) == 0


def test_the_first_node_may_be_silent(world: World) -> None:
    id = world.drawn_task()
    world.work(id, [None, TRUE, TRUE, TRUE])
    assert settle(world, id, "Accepted").slashes == [NO_SHOW, 0, 0, 0]


def test_without_a_quorum_the_fee_goes_back_and_only_the_silent_lose(world: World) -> None:
    id = world.drawn_task()
    world.work(id, [TRUE, TRUE, FALSE, None])
    failed = settle(world, id, "Failed")
    assert (failed.refund, failed.slashes) == (ETHER, [0, 0, 0, NO_SHOW])
    assert world.registry.call("balanceOf", world.opener, ETH) == ETHER
    assert world.task_phase(id) == TaskPhase.FAILED
    assert locks(world) == {0}


def test_all_different_is_no_quorum(world: World) -> None:
    id = world.drawn_task(verifiers=2, quorum=2)
    world.work(id, [TRUE, FALSE, ODD])
    assert settle(world, id, "Failed").slashes == [0, 0, 0]


def test_nobody_worked(world: World) -> None:
    id = world.drawn_task()
    world.work(id, [None] * 4)
    assert world.task_phase(id) == TaskPhase.SETTLEABLE
    assert settle(world, id, "Failed").slashes == [NO_SHOW] * 4


def test_one_verifier_and_a_quorum_of_two(world: World) -> None:
    id = world.drawn_task(verifiers=1, quorum=2)
    world.work(id, [TRUE, TRUE])
    assert settle(world, id, "Accepted").fees == [ETHER // 2] * 2


def test_a_task_that_nobody_was_drawn_for_is_cancelled_by_anyone(world: World) -> None:
    id = world.open_task()
    deadline = world.registry.call("deadlineOf", id)
    world.chain.go_to(deadline - 1)
    assert world.task_phase(id) == TaskPhase.DRAWING
    world.chain.go_to(deadline)
    assert world.task_phase(id) == TaskPhase.CANCELLABLE
    cancelled = world.registry.event(world.registry.send(NOBODY, "cancel", id), "Cancelled")
    assert cancelled.refund == world.registry.call("balanceOf", world.opener, ETH) == ETHER
    assert world.task_phase(id) == TaskPhase.CANCELLED


def test_the_time_to_reveal_is_over_at_the_second_of_the_deadline(world: World) -> None:
    id = committed(world)
    deadline = world.registry.call("deadlineOf", id)
    world.chain.go_to(deadline - 1)
    assert world.task_phase(id) == TaskPhase.REVEALING
    world.chain.go_to(deadline)
    assert (world.task_phase(id), world.registry.call("deadlineOf", id)) == (TaskPhase.SETTLEABLE, 0)


def test_a_commitment_binds_chain_contract_task_node_result_and_salt(world: World) -> None:
    node = world.trainers[0]
    types = ["uint256", "address", "uint256", "address", "bytes32", "bytes32", "bytes32"]
    values = [world.chain.w3.eth.chain_id, world.registry.address, 9, node, TRUE, FALSE, SALT]
    expected = Web3.keccak(world.chain.w3.codec.encode(types, values))
    assert world.registry.call("commitmentOf", 9, node, TRUE, FALSE, SALT) == expected


def test_the_views_name_what_the_registry_was_built_with(world: World) -> None:
    views = [world.registry.call(view) for view in ("vault", "randomness", "treasury", "MISMATCH_BPS")]
    assert views == [world.vault.address, world.randomness.address, world.treasury, 1000]
    assert world.registry.call("isAllowed", world.usd.address)
    assert world.registry.call("MAX_VERIFIERS") == 14


def open_refusal(world: World, **changes: Decoded) -> Refusal:
    default = {
        "manifest": MANIFEST,
        "asset": ETH,
        "fee": ETHER,
        "verifiers": 3,
        "quorum": 3,
        "commit": 60,
        "reveal": 60,
        "dispute": 0,
    }
    given: dict[str, Decoded] = default | {"value": ETHER} | changes
    value = given.pop("value")
    return world.registry.refusal(world.opener, "open", *given.values(), value=value)


@REGISTRY.provokes("AssetNotAllowed")
def an_asset_that_was_not_allowed_at_construction(world: World) -> Result:
    return open_refusal(world, asset=NOBODY), (NOBODY,)


@REGISTRY.provokes("EmptyDigest")
def a_task_without_manifest(world: World) -> Result:
    return open_refusal(world, manifest=bytes(32)), ()


BAD_TERMS: dict[str, tuple[str, int]] = {
    "verifiers": ("verifiers", 0),
    "quorum": ("quorum", 2),
    "commit": ("commitSeconds", 0),
    "reveal": ("revealSeconds", 30 * 86400 + 1),
    "dispute": ("disputeSeconds", 30 * 86400 + 1),
}


@pytest.mark.parametrize("field", BAD_TERMS)
def test_every_term_has_bounds(world: World, field: str) -> None:
    name, value = BAD_TERMS[field]
    assert open_refusal(world, **{field: value}) == Refusal("TermOutOfBounds", (text(name), value))


@REGISTRY.provokes("TermOutOfBounds")
def fifteen_verifiers(world: World) -> Result:
    return open_refusal(world, verifiers=15), (text("verifiers"), 15)


@REGISTRY.provokes("TermOutOfBounds")
def a_quorum_above_all(world: World) -> Result:
    return open_refusal(world, quorum=5), (text("quorum"), 5)


@REGISTRY.provokes("WrongValue")
def a_fee_that_is_not_paid(world: World) -> Result:
    return open_refusal(world, value=0), (ETHER, 0)


@REGISTRY.provokes("WrongAmountReceived")
def a_token_that_keeps_a_fee(world: World) -> Result:
    world.odd.send(world.opener, "mint", world.opener, 1000)
    world.odd.send(world.opener, "approve", world.registry.address, 1000)
    world.odd.send(world.opener, "setFee", 1000)
    return open_refusal(world, asset=world.odd.address, fee=1000, value=0), (1000, 900)


@REGISTRY.provokes("SafeERC20FailedOperation")
def a_token_that_answers_no(world: World) -> Result:
    world.odd.send(world.opener, "setAnswersNo", True)
    return open_refusal(world, asset=world.odd.address, fee=1, value=0), (world.odd.address,)


@REGISTRY.provokes("ReentrancyGuardReentrantCall")
def a_token_that_calls_back(world: World) -> Result:
    world.odd.send(world.opener, "mint", world.opener, 1000)
    world.odd.send(world.opener, "approve", world.registry.address, 1000)
    again = world.registry.data("settle", 1)
    world.odd.send(world.opener, "setCallback", world.registry.address, again)
    return open_refusal(world, asset=world.odd.address, fee=1000, value=0), ()


@REGISTRY.provokes("RandomnessPending")
def drawing_in_the_block_after_opening(world: World) -> Result:
    id = world.open_task()
    return world.registry.refusal(NOBODY, "draw", id), (world.registry.call("taskOf", id).ticket,)


@REGISTRY.provokes("TooFewNodes")
def no_trainer(world: World) -> Result:
    for node in world.trainers:
        world.vault.send(node, "requestExit", TRAINER)
    id = world.open_task()
    world.chain.mine()
    return world.registry.refusal(NOBODY, "draw", id), (id, 0, 3)


@REGISTRY.provokes("TooFewNodes")
def too_few_verifiers(world: World) -> Result:
    for node in world.verifiers[1:]:
        world.vault.send(node, "requestExit", VERIFIER)
    id = world.open_task()
    world.chain.mine()
    return world.registry.refusal(NOBODY, "draw", id), (id, 2, 3)


@REGISTRY.provokes("WrongPhase")
def a_task_that_was_never_opened(world: World) -> Result:
    return world.registry.refusal(NOBODY, "draw", 5), (5, TaskPhase.NONE)


@REGISTRY.provokes("WrongPhase")
def cancelling_before_the_deadline(world: World) -> Result:
    id = world.open_task()
    return world.registry.refusal(world.opener, "cancel", id), (id, TaskPhase.DRAWING)


@REGISTRY.provokes("WrongPhase")
def committing_at_the_second_of_the_deadline(world: World) -> Result:
    id = world.drawn_task()
    world.chain.go_to(world.registry.call("deadlineOf", id))
    return world.registry.refusal(world.panel[0], "commit", id, TRUE), (id, TaskPhase.SETTLEABLE)


@REGISTRY.provokes("WrongPhase")
def settling_while_a_node_may_still_reveal(world: World) -> Result:
    id = committed(world)
    return world.registry.refusal(NOBODY, "settle", id), (id, TaskPhase.REVEALING)


@REGISTRY.provokes("WrongPhase")
def settling_twice(world: World) -> Result:
    id = world.drawn_task()
    world.work(id, [TRUE] * 4)
    world.registry.send(NOBODY, "settle", id)
    return world.registry.refusal(NOBODY, "settle", id), (id, TaskPhase.ACCEPTED)


@REGISTRY.provokes("NotDrawn")
def committing_without_being_drawn(world: World) -> Result:
    id = world.drawn_task()
    return world.registry.refusal(NOBODY, "commit", id, TRUE), (id, NOBODY)


@REGISTRY.provokes("EmptyDigest")
def committing_to_nothing(world: World) -> Result:
    id = world.drawn_task()
    return world.registry.refusal(world.panel[0], "commit", id, bytes(32)), ()


def committed(world: World) -> int:
    id = world.drawn_task()
    for node in world.panel:
        world.registry.send(node, "commit", id, world.registry.call("commitmentOf", id, node, TRUE, TRUE, SALT))
    return id


@REGISTRY.provokes("NotDrawn")
def revealing_without_being_drawn(world: World) -> Result:
    id = committed(world)
    return world.registry.refusal(NOBODY, "reveal", id, TRUE, TRUE, SALT), (id, NOBODY)


@REGISTRY.provokes("EmptyDigest")
def revealing_nothing(world: World) -> Result:
    id = committed(world)
    return world.registry.refusal(world.panel[0], "reveal", id, bytes(32), TRUE, SALT), ()


@REGISTRY.provokes("CommitmentMismatch")
def revealing_another_result(world: World) -> Result:
    id = committed(world)
    return world.registry.refusal(world.panel[0], "reveal", id, FALSE, TRUE, SALT), (id, world.panel[0])


@REGISTRY.provokes("CommitmentMismatch")
def revealing_a_copied_commitment(world: World) -> Result:
    id = world.drawn_task()
    honest, copier, *others = world.panel
    copied = world.registry.call("commitmentOf", id, honest, TRUE, TRUE, SALT)
    for node in (honest, copier, *others):
        world.registry.send(node, "commit", id, copied)
    world.registry.send(honest, "reveal", id, TRUE, TRUE, SALT)
    return world.registry.refusal(copier, "reveal", id, TRUE, TRUE, SALT), (id, copier)


@REGISTRY.provokes("AlreadyRevealed")
def revealing_twice(world: World) -> Result:
    id = committed(world)
    world.registry.send(world.panel[0], "reveal", id, TRUE, TRUE, SALT)
    return world.registry.refusal(world.panel[0], "reveal", id, TRUE, TRUE, SALT), (id, world.panel[0])


@REGISTRY.provokes("NothingOwed")
def fetching_what_is_not_owed(world: World) -> Result:
    return world.registry.refusal(NOBODY, "withdraw", ETH, NOBODY), (NOBODY, ETH)


@REGISTRY.provokes("ZeroAddress")
def sending_money_to_nobody(world: World) -> Result:
    return world.registry.refusal(NOBODY, "withdraw", ETH, ETH), ()


@REGISTRY.provokes("TransferFailed")
def fetching_money_to_a_contract_that_refuses_it(world: World) -> Result:
    actor = world.chain.deploy(world.deployer, "Actor")
    id = world.drawn_task()
    world.work(id, [None] * 4)
    world.registry.send(NOBODY, "settle", id)
    return world.registry.refusal(world.opener, "withdraw", ETH, actor.address), (actor.address, ETHER)


@REGISTRY.provokes("NotDeployer")
def wiring_by_somebody(world: World) -> Result:
    return world.registry.refusal(NOBODY, "wire", NOBODY), (NOBODY,)


@REGISTRY.provokes("AlreadyWired")
def wiring_twice(world: World) -> Result:
    return world.registry.refusal(world.deployer, "wire", NOBODY), ()


@REGISTRY.provokes("ZeroAddress")
def wiring_nobody(world: World) -> Result:
    parts = (world.vault.address, world.randomness.address, world.treasury, [world.usd.address], world.deployer)
    return world.chain.deploy(world.deployer, "TrainingRegistry", *parts).refusal(world.deployer, "wire", ETH), ()


@REGISTRY.provokes("NotGame")
def beginning_a_dispute_oneself(world: World) -> Result:
    return world.registry.refusal(NOBODY, "beginDispute", 1, NOBODY), (NOBODY,)


@REGISTRY.provokes("NotGame")
def deciding_a_dispute_oneself(world: World) -> Result:
    return world.registry.refusal(NOBODY, "endDispute", 1, NOBODY, 2), (NOBODY,)


@REGISTRY.provokes("WrongPhase")
def settling_while_results_may_be_disputed(world: World) -> Result:
    id = world.drawn_task(dispute=100)
    world.work(id, [TRUE] * 4)
    return world.registry.refusal(NOBODY, "settle", id), (id, TaskPhase.DISPUTABLE)


@pytest.mark.parametrize(("error", "scenario"), REGISTRY.parameters())
def test_it_is_refused_with_the_values_that_explain_it(world: World, error: str, scenario: Scenario) -> None:
    check(world, error, scenario)


def test_every_error_of_the_interface_was_met() -> None:
    assert REGISTRY.unproved() == set()
