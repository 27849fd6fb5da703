"""Contested scores: a bond, a fresh panel, a correction before anything is paid; to the wei what the vectors say."""

import json
from typing import Any

import pytest

from tests.contracts.chain import ROOT, Decoded
from tests.contracts.world import (
    ETH,
    JUDGE,
    STAKE,
    Outcome,
    Phase,
    Scores,
    Terms,
    World,
    least_quorum,
    packed,
    someone,
)

pytestmark = pytest.mark.chain

CASES: list[dict[str, Any]] = json.loads((ROOT / "vectors" / "appeals.json").read_text(encoding="utf-8"))
ROWS: list[Scores] = [(7000, 6000, 5000)] * 3
APPELLANT = someone(7)
MORE_JUDGES = [someone(100 + number) for number in range(20)]


@pytest.fixture
def court(world: World) -> World:
    """A world with judges for three panels."""
    for judge in MORE_JUDGES:
        world.stake(JUDGE, judge)
    return world


def contest(world: World, id: int, tickets: list[int]) -> None:
    for ticket in tickets:
        world.chain.rpc("anvil_setBalance", APPELLANT, hex(10**30))
        world.appeal(id, ticket, APPELLANT)


def play_round(world: World, id: int, tickets: list[int], rows: list[Scores | None]) -> None:
    """Contest these scores, and let the fresh panel give these rows; with no rows it does nothing."""
    contest(world, id, tickets)
    world.convene(id)
    if rows:
        world.judge(id, rows)
        world.settle(id)
        return
    while world.phase(id) != Phase.FINALIZABLE:
        if world.phase(id) == Phase.REDRAWABLE:
            world.escrow.send(world.opener, "redraw", id)
        elif world.phase(id) == Phase.DRAWING:
            world.chain.go_to(world.deadline(id))
            world.chain.rpc("evm_mine")
        else:
            world.chain.go_to(world.deadline(id))
            world.chain.rpc("evm_mine")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_contract_rules_and_pays_what_the_vector_says(court: World, case: dict[str, Any]) -> None:
    world, judges, expected = court, len(case["scores"]), case["expected"]
    terms = Terms(
        fee=int(case["fee"]),
        max_entrants=max(2, len(expected["scores"])),
        judges=judges,
        quorum=least_quorum(judges),
        tolerance=case["tolerance"],
        payout_bps=tuple(case["payoutBps"]),
    )
    id = world.drawn(len(expected["scores"]), terms)
    world.judge(id, case["scores"])
    world.settle(id)
    before = world.held(world.escrow, ETH)
    for round in case["rounds"]:
        play_round(world, id, round["tickets"], round["scores"])
    settled = world.escrow.event(world.finalize(id), "Settled")
    check_result(world, id, case, settled)
    bonds = sum(int(case["fee"]) * 2**n * len(r["tickets"]) for n, r in enumerate(case["rounds"]))
    back = sum(int(b) for bonds_back in expected["bondsBack"] for b in bonds_back)
    assert world.held(world.escrow, ETH) == before + bonds
    assert world.escrow.call("balanceOf", APPELLANT, ETH) == back
    owed = world.owed(ETH, [*world.owners, *world.judges, *MORE_JUDGES, world.treasury, APPELLANT])
    assert owed == world.held(world.escrow, ETH)


def check_result(world: World, id: int, case: dict[str, Any], settled: Decoded) -> None:
    expected = case["expected"]
    count = len(expected["scores"])
    assert [world.escrow.call("scoreOf", id, ticket) for ticket in range(count)] == expected["scores"]
    prizes = {prize.median: prize for prize in settled.prizes}
    payouts = [p.share + (t < p.bonusBelow) if (p := prizes.get(s)) else 0 for t, s in enumerate(expected["scores"])]
    assert [str(p) for p in payouts] == expected["payouts"]
    assert str(settled.treasuryFee) == expected["treasury"]
    outcomes = [Outcome(appeal.outcome).name.lower() for appeal in world.escrow.call("appealsOf", id)]
    assert outcomes == [outcome for round in expected["outcomes"] for outcome in round]
    fees = [fee for panel in expected["judgeFees"] for fee in panel]
    assert [str(fee) for fee in settled.judgeFees][: len(fees)] == fees
    judges = [world.escrow.call("judgeOf", id, judge) for judge in settled.judges]
    for kind, bps in (("deviates", 50), ("overruled", 500)):
        found = [off for panel in expected[kind] for off in panel]
        assert [getattr(judge, kind) for judge in judges][: len(found)] == found
        least = [amount >= STAKE * bps // 10_000 for amount in settled.slashes]
        assert least[: len(found)] == found
    locked = [judge for judge in settled.judges if world.vault.call("nodeOf", JUDGE, judge).locks]
    assert locked == []


def test_a_fresh_panel_has_no_judge_of_the_first_no_party_and_no_appellant(world: World) -> None:
    id = world.drawn()
    first = list(world.panel)
    world.judge(id, ROWS)
    world.settle(id)
    appellant = next(judge for judge in world.judges if judge not in first)
    appealed = world.escrow.event(world.appeal(id, 2, appellant), "Appealed")
    assert (appealed.ticket, appealed.appellant, appealed.round, appealed.bond) == (2, appellant, 1, Terms().fee)
    world.chain.go_to(world.deadline(id))
    assert world.phase(id) == Phase.CONTESTED
    convened = world.escrow.event(world.escrow.send(someone(1), "convene", id), "Convened")
    assert (convened.round, world.phase(id)) == (1, Phase.DRAWING)
    fresh = world.draw(id)
    assert len(fresh) == 7 == len({*fresh} - {*first, appellant})
    assert world.escrow.call("panelOf", id, 0) == first
    assert world.escrow.call("panelOf", id, 1) == fresh


def test_a_bribed_majority_loses_fee_and_stake_and_the_player_gets_its_prize(world: World) -> None:
    id = world.drawn(terms=Terms(payout_bps=(10_000,)))
    honest, *bribed = world.panel
    world.judge(id, [(9000, 6000, 5000), (0, 10_000, 5000), (0, 10_000, 5000)])
    world.settle(id)
    for ticket in (0, 1):
        world.appeal(id, ticket)
    world.convene(id)
    world.judge(id, [[9000, 6000]] * 7)
    decided = world.escrow.event(world.settle(id), "AppealsDecided")
    assert (decided.round, decided.scores, decided.isUpheld) == (1, packed([9000, 6000]), [True, True])
    assert world.escrow.call("balanceOf", world.owners[0], ETH) == 2 * Terms().fee  # the bonds, at once
    settled = world.escrow.event(world.finalize(id), "Settled")
    lost = dict(zip(settled.judges, settled.slashes, strict=True))
    assert [lost[judge] for judge in (honest, *bribed)] == [0, STAKE * 500 // 10_000, STAKE * 500 // 10_000]
    assert [world.escrow.call("isPaid", id, judge) for judge in (honest, *bribed)] == [True, False, False]
    assert world.escrow.call("balanceOf", world.owners[0], ETH) == 2 * Terms().fee + 3 * Terms().fee * 9 // 10


def test_an_appeal_without_a_panel_lapses_and_the_result_stands(world: World) -> None:
    id = world.drawn()
    world.judge(id, ROWS)
    world.settle(id)
    for judge in world.judges[3:]:
        if judge not in world.panel:
            world.vault.send(judge, "requestExit", JUDGE)
    contest(world, id, [2])
    world.chain.go_to(world.deadline(id))
    world.escrow.send(world.opener, "convene", id)
    world.chain.mine()
    assert world.escrow.refusal(world.opener, "draw", id).error == "TooFewJudges"
    world.chain.go_to(world.deadline(id))
    assert world.phase(id) == Phase.FINALIZABLE
    receipt = world.finalize(id)
    assert world.escrow.event(receipt, "AppealsLapsed").round == 1
    assert world.escrow.call("balanceOf", APPELLANT, ETH) == Terms().fee
    assert world.escrow.call("scoreOf", id, 2) == 5000


def test_a_panel_that_stays_away_lapses_the_appeal_and_is_slashed(court: World) -> None:
    world = court
    id = world.drawn()
    world.judge(id, ROWS)
    world.settle(id)
    play_round(world, id, [0], [])
    settled = world.escrow.event(world.finalize(id), "Settled")
    assert world.escrow.call("appealsOf", id)[0].outcome == Outcome.LAPSED
    assert world.escrow.call("balanceOf", APPELLANT, ETH) == Terms().fee
    assert sum(settled.judgeFees) > 0
    assert {world.vault.call("nodeOf", JUDGE, judge).locks for judge in [*world.judges, *MORE_JUDGES]} == {0}


def test_there_are_two_rounds_and_the_second_costs_twice_as_much(court: World) -> None:
    world = court
    id = world.drawn()
    world.judge(id, ROWS)
    world.settle(id)
    play_round(world, id, [0], [[7000]] * 7)
    assert (world.phase(id), world.escrow.call("bondOf", id)) == (Phase.APPEALABLE, 2 * Terms().fee)
    play_round(world, id, [0], [[7000]] * 15)
    assert world.phase(id) == Phase.FINALIZABLE


def test_bonds_in_dollars_are_taken_and_returned_in_dollars(world: World) -> None:
    terms = Terms(asset=world.usd.address, fee=5_000_000)
    id = world.drawn(terms=terms)
    world.judge(id, ROWS)
    world.settle(id)
    world.usd.send(APPELLANT, "faucet", terms.fee)
    world.usd.send(APPELLANT, "approve", world.escrow.address, terms.fee)
    world.escrow.send(APPELLANT, "appeal", id, 0)
    world.convene(id)
    world.judge(id, [[1000]] * 7)
    world.settle(id)
    world.finalize(id)
    world.escrow.send(APPELLANT, "withdraw", world.usd.address, APPELLANT)
    assert world.usd.call("balanceOf", APPELLANT) == terms.fee
