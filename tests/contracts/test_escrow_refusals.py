"""Every custom error of the escrow is met, with its values."""

from dataclasses import replace
from typing import Any

import pytest
from web3 import Web3

from tests.contracts.chain import Decoded, Refusal
from tests.contracts.refusals import Refusals, Scenario, check, text
from tests.contracts.test_judging_refusals import JUDGING
from tests.contracts.world import (
    ETH,
    SALT,
    TRANSCRIPT,
    VERDICT,
    Phase,
    Terms,
    World,
    agent,
    packed,
    snapshot,
    someone,
)

pytestmark = pytest.mark.chain

ESCROW = Refusals("SessionEscrow")
ROW = (7000, 6000, 5000)
NOBODY = someone(1)
Result = tuple[Refusal, tuple[Any, ...]]


def enter(world: World, id: int, **changes: Decoded) -> Refusal:
    """Try to enter with something changed."""
    default = {"agent": agent(9), "snapshot": snapshot(9), "payee": world.owners[0], "value": Terms().fee}
    given: dict[str, Decoded] = default | changes
    args = (id, given["agent"], given["snapshot"], given["payee"])
    return world.escrow.refusal(world.owners[0], "enter", *args, value=given["value"])


@ESCROW.provokes("AssetNotAllowed")
def an_asset_that_governance_does_not_allow(world: World) -> Result:
    world.parameters.send(NOBODY, "refuseAsset", NOBODY)
    return world.escrow.refusal(world.opener, "open", Terms(asset=NOBODY).packed()), (NOBODY,)


@ESCROW.provokes("EmptyDigest")
def a_space_without_digest(world: World) -> Result:
    return world.escrow.refusal(world.opener, "open", Terms(space=bytes(32)).packed()), ()


BAD_TERMS: dict[str, tuple[str, int]] = {
    "max_entrants": ("maxEntrants", 12_001),
    "min_entrants": ("minEntrants", 5),
    "judges": ("judges", 16),
    "quorum": ("quorum", 4),
    "tolerance": ("tolerance", 10_001),
    "entry_seconds": ("entrySeconds", 30 * 86400 + 1),
    "play_seconds": ("playSeconds", 0),
    "commit_seconds": ("commitSeconds", 30 * 86400 + 1),
    "reveal_seconds": ("revealSeconds", 0),
}


@pytest.mark.parametrize("field", BAD_TERMS)
def test_every_term_has_bounds(world: World, field: str) -> None:
    name, value = BAD_TERMS[field]
    terms = replace(Terms(), **{field: value})
    expected = Refusal("TermOutOfBounds", (text(name), value))
    assert world.escrow.refusal(world.opener, "open", terms.packed()) == expected


@ESCROW.provokes("TermOutOfBounds")
def a_quorum_of_half_the_panel(world: World) -> Result:
    return world.escrow.refusal(world.opener, "open", Terms(judges=4, quorum=2).packed()), (text("quorum"), 2)


@ESCROW.provokes("TermOutOfBounds")
def two_of_three_in_which_one_bribed_judge_could_decide(world: World) -> Result:
    return world.escrow.refusal(world.opener, "open", Terms(quorum=2).packed()), (text("quorum"), 2)


@ESCROW.provokes("TermOutOfBounds")
def years_to_contest(world: World) -> Result:
    world.parameters.send(NOBODY, "setAppealSeconds", 30 * 86400 + 1)
    refusal = world.escrow.refusal(world.opener, "open", Terms().packed())
    return refusal, (text("appealSeconds"), 30 * 86400 + 1)


@ESCROW.provokes("FeeAboveCap")
def a_fee_above_what_the_code_allows(world: World) -> Result:
    world.parameters.send(NOBODY, "setProtocolFee", 2001)
    return world.escrow.refusal(world.opener, "open", Terms().packed()), (2001, 2000)


@ESCROW.provokes("Paused")
def opening_while_governance_has_paused(world: World) -> Result:
    world.parameters.send(NOBODY, "setPaused", True)
    return world.escrow.refusal(world.opener, "open", Terms().packed()), ()


@ESCROW.provokes("CurveNotAllowed")
def another_curve_than_the_version_began_with(world: World) -> Result:
    world.open()
    curve = Web3.keccak(world.chain.w3.codec.encode(["uint16[]"], [(10_000,)]))
    return world.escrow.refusal(world.opener, "open", Terms(payout_bps=(10_000,)).packed()), (curve,)


@ESCROW.provokes("TermOutOfBounds")
def a_session_without_entrants(world: World) -> Result:
    return world.escrow.refusal(world.opener, "open", Terms(min_entrants=0).packed()), (text("minEntrants"), 0)


BAD_PAYOUTS: list[tuple[int, ...]] = [(), (9999,), (10_001,), (5000, 0, 5000), (3000, 7000), (625,) * 15 + (624, 1)]


@pytest.mark.parametrize("payout_bps", BAD_PAYOUTS)
def test_payouts_are_shares_of_the_whole_in_descending_order(world: World, payout_bps: tuple[int, ...]) -> None:
    refusal = world.escrow.refusal(world.opener, "open", Terms(payout_bps=payout_bps).packed())
    assert refusal == Refusal("PayoutsInvalid", (payout_bps,))


@ESCROW.provokes("PayoutsInvalid")
def seventeen_places(world: World) -> Result:
    shares = (600,) * 16 + (400,)
    return world.escrow.refusal(world.opener, "open", Terms(payout_bps=shares).packed()), (shares,)


@ESCROW.provokes("WrongPhase")
def a_session_that_was_never_opened(world: World) -> Result:
    return enter(world, 7), (7, Phase.NONE)


@ESCROW.provokes("WrongPhase")
def entering_at_the_second_of_the_deadline(world: World) -> Result:
    id = world.open()
    world.chain.go_to(world.deadline(id))
    return enter(world, id), (id, Phase.CLOSABLE)


@ESCROW.provokes("WrongPhase")
def entering_when_it_is_full(world: World) -> Result:
    id = world.open()
    world.enter(id, 4)
    return enter(world, id), (id, Phase.CLOSABLE)


@ESCROW.provokes("WrongPhase")
def closing_before_the_time_is_over(world: World) -> Result:
    id = world.open()
    world.chain.go_to(world.deadline(id) - 1)
    return world.escrow.refusal(NOBODY, "close", id), (id, Phase.OPEN)


@ESCROW.provokes("EmptyDigest")
def an_agent_without_id(world: World) -> Result:
    return enter(world, world.open(), agent=bytes(32)), ()


@ESCROW.provokes("EmptyDigest")
def an_agent_that_is_not_frozen(world: World) -> Result:
    return enter(world, world.open(), snapshot=bytes(32)), ()


@ESCROW.provokes("ZeroAddress")
def a_prize_for_nobody(world: World) -> Result:
    return enter(world, world.open(), payee=ETH), ()


@ESCROW.provokes("WrongValue")
def too_little_eth(world: World) -> Result:
    return enter(world, world.open(), value=Terms().fee - 1), (Terms().fee, Terms().fee - 1)


@ESCROW.provokes("WrongValue")
def eth_for_a_session_in_dollars(world: World) -> Result:
    return enter(world, world.open(Terms(asset=world.usd.address)), value=1), (0, 1)


@ESCROW.provokes("WrongAmountReceived")
def a_token_that_keeps_a_fee(world: World) -> Result:
    terms, owner = Terms(asset=world.odd.address, fee=1000), world.owners[0]
    world.odd.send(owner, "mint", owner, 1000)
    world.odd.send(owner, "approve", world.escrow.address, 1000)
    world.odd.send(owner, "setFee", 100)
    return enter(world, world.open(terms), value=0), (1000, 990)


@ESCROW.provokes("SafeERC20FailedOperation")
def a_token_that_answers_no(world: World) -> Result:
    terms = Terms(asset=world.odd.address, fee=1000)
    world.odd.send(world.owners[0], "setAnswersNo", True)
    return enter(world, world.open(terms), value=0), (world.odd.address,)


@ESCROW.provokes("ReentrancyGuardReentrantCall")
def a_token_that_calls_back(world: World) -> Result:
    terms, owner = Terms(asset=world.odd.address, fee=1000), world.owners[0]
    world.odd.send(owner, "mint", owner, 2000)
    world.odd.send(owner, "approve", world.escrow.address, 2000)
    id = world.open(terms)
    again = world.escrow.data("enter", id, agent(8), snapshot(8), owner)
    world.odd.send(owner, "setCallback", world.escrow.address, again)
    return enter(world, id, value=0), ()


@ESCROW.provokes("PermitNeedsToken")
def a_permit_for_eth(world: World) -> Result:
    args = (world.open(), agent(0), snapshot(0), NOBODY, 2**40, 27, bytes(32), bytes(32))
    return world.escrow.refusal(world.owners[0], "enterWithPermit", *args), ()


@ESCROW.provokes("NotOpener")
def cancelling_somebody_elses_session(world: World) -> Result:
    id = world.open()
    return world.escrow.refusal(NOBODY, "cancel", id), (id, NOBODY)


@ESCROW.provokes("RandomnessPending")
def fixing_the_seed_in_the_block_after_closing(world: World) -> Result:
    id = world.open()
    world.enter(id, 3)
    ticket = world.escrow.event(world.close(id), "Closed").seedTicket
    return world.escrow.refusal(NOBODY, "fixSeed", id), (ticket,)


@ESCROW.provokes("WrongPhase")
def publishing_before_the_seed_is_fixed(world: World) -> Result:
    id = world.open()
    world.enter(id, 3)
    world.close(id)
    return world.escrow.refusal(world.opener, "publish", id, TRANSCRIPT), (id, Phase.SEEDING)


def playing(world: World) -> int:
    id = world.open()
    world.enter(id, 3)
    world.close(id)
    world.chain.mine()
    world.escrow.send(NOBODY, "fixSeed", id)
    return id


@ESCROW.provokes("NotOpener")
def publishing_somebody_elses_transcript(world: World) -> Result:
    id = playing(world)
    return world.escrow.refusal(NOBODY, "publish", id, TRANSCRIPT), (id, NOBODY)


@ESCROW.provokes("EmptyDigest")
def publishing_nothing(world: World) -> Result:
    return world.escrow.refusal(world.opener, "publish", playing(world), bytes(32)), ()


@ESCROW.provokes("WrongPhase")
def publishing_at_the_second_of_the_deadline(world: World) -> Result:
    id = playing(world)
    world.chain.go_to(world.deadline(id))
    return world.escrow.refusal(world.opener, "publish", id, TRANSCRIPT), (id, Phase.CANCELLABLE)


@ESCROW.provokes("WrongPhase")
def cancelling_before_a_deadline_was_missed(world: World) -> Result:
    id = playing(world)
    world.chain.go_to(world.deadline(id) - 1)
    return world.escrow.refusal(world.opener, "cancel", id), (id, Phase.PLAYING)


@ESCROW.provokes("RandomnessPending")
def drawing_in_the_block_after_publishing(world: World) -> Result:
    id = playing(world)
    receipt = world.escrow.send(world.opener, "publish", id, TRANSCRIPT)
    ticket = world.escrow.event(receipt, "Published").drawTicket
    return world.escrow.refusal(NOBODY, "draw", id), (ticket,)


@ESCROW.provokes("TooFewJudges")
def all_judges_but_one_have_left(world: World) -> Result:
    for judge in world.judges[1:]:
        world.vault.send(judge, "requestExit", 0)
    id = playing(world)
    world.escrow.send(world.opener, "publish", id, TRANSCRIPT)
    world.chain.mine()
    return world.escrow.refusal(NOBODY, "draw", id), (id, 1, 3)


@ESCROW.provokes("NotDrawn")
def committing_without_being_drawn(world: World) -> Result:
    id = world.drawn()
    return world.escrow.refusal(NOBODY, "commit", id, b"\x01" * 32), (id, NOBODY)


@ESCROW.provokes("EmptyDigest")
def committing_to_nothing(world: World) -> Result:
    id = world.drawn()
    return world.escrow.refusal(world.panel[0], "commit", id, bytes(32)), ()


@ESCROW.provokes("WrongPhase")
def committing_at_the_second_of_the_deadline(world: World) -> Result:
    id = world.drawn()
    world.commit(id, world.panel[0], ROW)
    world.chain.go_to(world.deadline(id))
    return world.escrow.refusal(world.panel[1], "commit", id, b"\x01" * 32), (id, Phase.REDRAWABLE)


@ESCROW.provokes("NotDrawn")
def committing_after_having_been_replaced(world: World) -> Result:
    id = world.drawn()
    absent = world.panel[0]
    for judge in world.panel[1:]:
        world.commit(id, judge, ROW)
    world.chain.go_to(world.deadline(id))
    world.escrow.send(NOBODY, "redraw", id)
    world.draw(id)
    return world.escrow.refusal(absent, "commit", id, b"\x01" * 32), (id, absent)


@ESCROW.provokes("AlreadyRevealed")
def committing_anew_after_having_revealed(world: World) -> Result:
    id = committed(world)
    came = world.panel[0]
    world.reveal(id, came, ROW)
    world.chain.go_to(world.deadline(id))
    world.escrow.send(NOBODY, "redraw", id)
    world.draw(id)
    return world.escrow.refusal(came, "commit", id, b"\x01" * 32), (id, came)


@ESCROW.provokes("WrongPhase")
def replacing_judges_who_still_have_time(world: World) -> Result:
    id = world.drawn()
    world.chain.go_to(world.deadline(id) - 1)
    return world.escrow.refusal(NOBODY, "redraw", id), (id, Phase.COMMITTING)


@ESCROW.provokes("WrongPhase")
def revealing_while_others_may_commit(world: World) -> Result:
    id = world.drawn()
    world.commit(id, world.panel[0], ROW)
    return reveal(world, id), (id, Phase.COMMITTING)


def reveal(world: World, id: int, row: tuple[int, ...] = ROW, place: int = 0, salt: bytes = SALT) -> Refusal:
    return world.escrow.refusal(world.panel[place], "reveal", id, packed(row), VERDICT, salt)


def committed(world: World, row: tuple[int, ...] = ROW) -> int:
    id = world.drawn()
    for judge in world.panel:
        world.commit(id, judge, row)
    return id


@ESCROW.provokes("NotDrawn")
def revealing_without_being_drawn(world: World) -> Result:
    id = committed(world)
    return world.escrow.refusal(NOBODY, "reveal", id, packed(ROW), VERDICT, SALT), (id, NOBODY)


@ESCROW.provokes("CommitmentMismatch")
def revealing_other_scores(world: World) -> Result:
    id = committed(world)
    return reveal(world, id, (7001, 6000, 5000)), (id, world.panel[0])


@ESCROW.provokes("CommitmentMismatch")
def revealing_with_another_salt(world: World) -> Result:
    id = committed(world)
    return reveal(world, id, salt=bytes(32)), (id, world.panel[0])


@ESCROW.provokes("CommitmentMismatch")
def revealing_without_having_committed(world: World) -> Result:
    id = world.drawn(terms=Terms(judges=4))
    for judge in world.panel[1:]:
        world.commit(id, judge, ROW)
    world.chain.go_to(world.deadline(id))
    return reveal(world, id), (id, world.panel[0])


@ESCROW.provokes("CommitmentMismatch")
def revealing_a_copied_commitment(world: World) -> Result:
    id = world.drawn()
    honest, copier, third = world.panel
    receipt = world.commit(id, honest, ROW)
    copied = world.escrow.event(receipt, "Committed").commitment
    world.escrow.send(copier, "commit", id, copied)
    world.commit(id, third, ROW)
    world.reveal(id, honest, ROW)  # now everybody can read scores, verdict and salt
    return reveal(world, id, place=1), (id, copier)


@ESCROW.provokes("AlreadyRevealed")
def revealing_twice(world: World) -> Result:
    id = committed(world)
    world.reveal(id, world.panel[0], ROW)
    return reveal(world, id), (id, world.panel[0])


@ESCROW.provokes("WrongPhase")
def revealing_at_the_second_of_the_deadline(world: World) -> Result:
    id = committed(world)
    world.reveal(id, world.panel[1], ROW)
    world.chain.go_to(world.deadline(id))
    return reveal(world, id), (id, Phase.REDRAWABLE)


@ESCROW.provokes("WrongScoresLength")
def scores_for_fewer_than_entered(world: World) -> Result:
    return reveal(world, committed(world, (1, 2)), (1, 2)), (6, 4)


@ESCROW.provokes("ScoreOutOfRange")
def a_score_above_a_hundred_points(world: World) -> Result:
    return reveal(world, committed(world, (1, 10_001, 3)), (1, 10_001, 3)), (1, 10_001)


@ESCROW.provokes("WrongPhase")
def a_refund_of_a_session_that_goes_on(world: World) -> Result:
    id = playing(world)
    return world.escrow.refusal(world.owners[0], "refund", id, 0), (id, Phase.PLAYING)


def cancelled(world: World) -> int:
    id = world.open()
    world.enter(id, 2)
    world.escrow.send(world.opener, "cancel", id)
    return id


@ESCROW.provokes("NoSuchEntrant")
def a_refund_for_nobody(world: World) -> Result:
    id = cancelled(world)
    return world.escrow.refusal(world.owners[0], "refund", id, 2), (id, 2)


@ESCROW.provokes("NoSuchEntrant")
def asking_for_an_entrant_that_is_not_there(world: World) -> Result:
    id = cancelled(world)
    return world.escrow.refusal(NOBODY, "entrantOf", id, 2), (id, 2)


@ESCROW.provokes("AlreadyRefunded")
def a_refund_twice(world: World) -> Result:
    id = cancelled(world)
    world.escrow.send(NOBODY, "refund", id, 1)
    return world.escrow.refusal(NOBODY, "refund", id, 1), (id, 1)


@ESCROW.provokes("NothingOwed")
def fetching_what_is_not_owed(world: World) -> Result:
    return world.escrow.refusal(NOBODY, "withdraw", ETH, NOBODY), (NOBODY, ETH)


@ESCROW.provokes("ZeroAddress")
def sending_money_to_nobody(world: World) -> Result:
    return world.escrow.refusal(NOBODY, "withdraw", ETH, ETH), ()


@ESCROW.provokes("TransferFailed")
def fetching_money_to_a_contract_that_refuses_it(world: World) -> Result:
    actor = world.chain.deploy(world.deployer, "Actor")
    id = cancelled(world)
    world.escrow.send(NOBODY, "refund", id, 0)
    refusal = world.escrow.refusal(world.owners[0], "withdraw", ETH, actor.address)
    return refusal, (actor.address, Terms().fee)


@ESCROW.provokes("ZeroAddress")
def an_escrow_without_treasury(world: World) -> Result:
    args = (world.vault.address, world.randomness.address, ETH, world.parameters.address)
    return world.chain.deploy_refusal(world.deployer, "SessionEscrow", *args), ()


@ESCROW.provokes("ZeroAddress")
def an_escrow_without_parameters(world: World) -> Result:
    args = (world.vault.address, world.randomness.address, world.treasury, ETH)
    return world.chain.deploy_refusal(world.deployer, "SessionEscrow", *args), ()


@pytest.mark.parametrize(("error", "scenario"), ESCROW.parameters())
def test_it_is_refused_with_the_values_that_explain_it(world: World, error: str, scenario: Scenario) -> None:
    check(world, error, scenario)


def test_every_error_of_the_interface_was_met() -> None:
    assert ESCROW.unproved() & JUDGING.unproved() == set()
