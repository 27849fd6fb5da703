"""Every custom error of judging, appeals and payment is met, with its values."""

from typing import Any

import pytest

from tests.contracts.chain import Refusal
from tests.contracts.refusals import Refusals, Scenario, check
from tests.contracts.world import SALT, VERDICT, Phase, Terms, World, packed, someone

pytestmark = pytest.mark.chain

JUDGING = Refusals("SessionEscrow")
ROW = (7000, 6000, 5000)
NOBODY = someone(1)
Result = tuple[Refusal, tuple[Any, ...]]


def reveal(world: World, id: int, row: tuple[int, ...] = ROW, place: int = 0, salt: bytes = SALT) -> Refusal:
    return world.escrow.refusal(world.panel[place], "reveal", id, packed(row), VERDICT, salt)


def committed(world: World, row: tuple[int, ...] = ROW) -> int:
    id = world.drawn()
    for judge in world.panel:
        world.commit(id, judge, row)
    return id


@JUDGING.provokes("WrongPhase")
def settling_while_a_judge_may_still_reveal(world: World) -> Result:
    id = committed(world)
    for judge in world.panel[:2]:
        world.reveal(id, judge, ROW)
    return world.escrow.refusal(NOBODY, "settle", id), (id, Phase.REVEALING)


def revealed(world: World) -> int:
    id = world.drawn()
    world.judge(id, [ROW] * 3)
    return id


@JUDGING.provokes("WrongPhase")
def settling_twice(world: World) -> Result:
    id = revealed(world)
    world.settle(id)
    return world.escrow.refusal(NOBODY, "settle", id), (id, Phase.APPEALABLE)


@JUDGING.provokes("WrongPhase")
def paying_while_scores_can_be_contested(world: World) -> Result:
    id = revealed(world)
    world.settle(id)
    world.chain.go_to(world.deadline(id) - 1)
    return world.escrow.refusal(NOBODY, "finalize", id), (id, Phase.APPEALABLE)


@JUDGING.provokes("WrongPhase")
def paying_twice(world: World) -> Result:
    id, _ = world.settled([ROW] * 3)
    return world.escrow.refusal(NOBODY, "finalize", id), (id, Phase.SETTLED)


def scored(world: World) -> int:
    id = revealed(world)
    world.settle(id)
    return id


def appeal(world: World, id: int, ticket: int, value: int) -> Refusal:
    return world.escrow.refusal(world.owners[0], "appeal", id, ticket, value=value)


@JUDGING.provokes("WrongPhase")
def contesting_at_the_second_of_the_deadline(world: World) -> Result:
    id = scored(world)
    world.chain.go_to(world.deadline(id))
    return appeal(world, id, 0, Terms().fee), (id, Phase.FINALIZABLE)


@JUDGING.provokes("WrongValue")
def contesting_with_half_a_bond(world: World) -> Result:
    return appeal(world, scored(world), 0, Terms().fee // 2), (Terms().fee, Terms().fee // 2)


@JUDGING.provokes("NoSuchEntrant")
def contesting_the_score_of_nobody(world: World) -> Result:
    id = scored(world)
    return appeal(world, id, 3, Terms().fee), (id, 3)


@JUDGING.provokes("AlreadyContested")
def contesting_twice_in_a_round(world: World) -> Result:
    id = scored(world)
    world.appeal(id, 1)
    return appeal(world, id, 1, Terms().fee), (id, 1)


@JUDGING.provokes("TooManyAppeals")
def contesting_more_than_a_panel_can_hear(world: World) -> Result:
    terms = Terms(fee=1, max_entrants=65)
    id = world.open(terms)
    world.enter(id, 65, terms)
    world.play(id)
    world.draw(id)
    world.judge(id, [[5000] * 65] * 3)
    world.settle(id)
    for ticket in range(64):
        world.appeal(id, ticket)
    return appeal(world, id, 64, 1), (id,)


@JUDGING.provokes("WrongPhase")
def convening_while_more_can_be_contested(world: World) -> Result:
    id = scored(world)
    world.appeal(id, 1)
    world.chain.go_to(world.deadline(id) - 1)
    return world.escrow.refusal(NOBODY, "convene", id), (id, Phase.APPEALABLE)


@JUDGING.provokes("WrongPhase")
def convening_where_nothing_is_contested(world: World) -> Result:
    id = scored(world)
    world.chain.go_to(world.deadline(id))
    return world.escrow.refusal(NOBODY, "convene", id), (id, Phase.FINALIZABLE)


@JUDGING.provokes("NotDrawn")
def a_judge_of_the_first_panel_in_the_appeal(world: World) -> Result:
    id = revealed(world)
    judge = world.panel[0]
    world.settle(id)
    world.appeal(id, 1)
    world.convene(id)
    return world.escrow.refusal(judge, "commit", id, b"\x01" * 32), (id, judge)


@JUDGING.provokes("WrongScoresLength")
def scores_for_more_than_was_contested(world: World) -> Result:
    id = world.contested([1], [ROW] * 3)
    for judge in world.panel:
        world.commit(id, judge, ROW)
    return reveal(world, id), (2, 6)


@JUDGING.provokes("NothingToClaim")
def claiming_what_was_credited(world: World) -> Result:
    id, _ = world.settled([ROW] * 3)
    return world.escrow.refusal(NOBODY, "claim", id, [0]), (id, 0)


@JUDGING.provokes("NoSuchEntrant")
def a_score_that_is_not_known_yet(world: World) -> Result:
    id = revealed(world)
    return world.escrow.refusal(NOBODY, "scoreOf", id, 0), (id, 0)


@pytest.mark.parametrize(("error", "scenario"), JUDGING.parameters())
def test_it_is_refused_with_the_values_that_explain_it(world: World, error: str, scenario: Scenario) -> None:
    check(world, error, scenario)
