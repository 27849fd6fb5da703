"""What each function of the escrow does, and that every state can be left without anybody's help."""

from collections.abc import Iterable
from dataclasses import astuple

import pytest
from web3 import Web3

from tests.contracts.chain import Decoded
from tests.contracts.world import (
    ETH,
    JUDGE,
    SALT,
    STAKE,
    TRANSCRIPT,
    VERDICT,
    Phase,
    Reason,
    Terms,
    World,
    agent,
    packed,
    snapshot,
    someone,
)

pytestmark = pytest.mark.chain

ROW = (7000, 6000, 5000)
ROWS = [ROW] * 3
NOBODY = someone(1)


def plain(terms: Iterable[Decoded]) -> tuple[Decoded, ...]:
    """Return decoded terms with the payouts as a tuple, which are last."""
    *single, payout_bps = terms
    return (*single, tuple(payout_bps))


def test_opening_records_terms_opener_and_deadline(world: World) -> None:
    receipt = world.escrow.send(NOBODY, "open", Terms().packed())
    opened = world.escrow.event(receipt, "Opened")
    assert (opened.id, opened.opener) == (1, NOBODY)
    assert plain(opened.terms.values()) == astuple(Terms())
    assert (opened.feeBps, opened.appealSeconds) == (1000, 5000)
    session = world.escrow.call("sessionOf", 1)
    assert plain(session.terms) == astuple(Terms())
    assert session.opener == NOBODY
    assert opened.entryEnd == session.deadline == world.deadline(1) == world.chain.next_time() - 1 + 1000
    assert world.phase(1) == Phase.OPEN


def test_entering_takes_the_fee_and_freezes_the_agent(world: World) -> None:
    id, owner, payee = world.open(), world.owners[0], NOBODY
    receipt = world.escrow.send(owner, "enter", id, agent(0), snapshot(0), payee, value=Terms().fee)
    entered = world.escrow.event(receipt, "Entered")
    assert (entered.ticket, entered.agent, entered.snapshot) == (0, agent(0), snapshot(0))
    assert (entered.owner, entered.payee) == (owner, payee)
    digest = Web3.keccak(world.chain.w3.codec.encode(["bytes32", "bytes32", "address"], [agent(0), snapshot(0), owner]))
    assert tuple(world.escrow.call("entrantOf", id, 0)) == (payee, int.from_bytes(digest[:11], "big"), False)
    assert world.escrow.call("isEntry", id, 0, agent(0), snapshot(0), owner)
    assert not world.escrow.call("isEntry", id, 0, agent(0), snapshot(0), payee)
    assert not world.escrow.call("isEntry", id, 1, agent(0), snapshot(0), owner)
    assert world.held(world.escrow, ETH) == Terms().fee
    assert world.escrow.call("sessionOf", id).entrants == 1


def test_the_free_tier_takes_nothing(world: World) -> None:
    _, settled = world.settled(ROWS, Terms(fee=0))
    assert settled.payouts == [0, 0, 0]
    assert {world.escrow.call("isPaid", 1, judge) for judge in world.panel} == {True}
    assert world.held(world.escrow, ETH) == 0


def test_entry_is_open_until_the_second_before_the_deadline(world: World) -> None:
    id = world.open()
    world.chain.go_to(world.deadline(id) - 1)
    world.enter(id, 1)
    assert world.escrow.call("sessionOf", id).entrants == 1


def test_anyone_closes_a_full_session_before_its_time_is_over(world: World) -> None:
    id = world.open()
    world.enter(id, 4)
    assert (world.phase(id), world.deadline(id)) == (Phase.CLOSABLE, 0)
    closed = world.escrow.event(world.escrow.send(NOBODY, "close", id), "Closed")
    assert closed.entrants == 4
    assert closed.playEnd == world.deadline(id)
    assert world.phase(id) == Phase.SEEDING


def test_with_too_few_entrants_closing_cancels(world: World) -> None:
    id = world.open(Terms(min_entrants=3))
    world.enter(id, 2)
    cancelled = world.escrow.event(world.close(id), "Cancelled")
    assert (cancelled.reason, cancelled.slashes) == (Reason.TOO_FEW_ENTRANTS, [])
    assert world.phase(id) == Phase.CANCELLED


def test_nobody_came(world: World) -> None:
    id = world.open()
    world.close(id)
    assert world.phase(id) == Phase.CANCELLED


def test_the_seed_is_that_of_the_block_after_closing_bound_to_chain_contract_and_session(world: World) -> None:
    id = world.open()
    world.enter(id, 3)
    ticket = world.escrow.event(world.close(id), "Closed").seedTicket
    world.chain.mine()
    receipt = world.escrow.send(NOBODY, "fixSeed", id)
    block = bytes.fromhex(world.chain.rpc("eth_getBlockByNumber", hex(ticket), False)["hash"][2:])
    chain_id = world.chain.w3.eth.chain_id
    expected = Web3.keccak(
        world.chain.w3.codec.encode(
            ["bytes32", "uint256", "address", "uint256"], [block, chain_id, world.escrow.address, id]
        )
    )
    assert world.escrow.event(receipt, "SeedFixed").seed == expected == world.escrow.call("sessionOf", id).seed
    assert world.phase(id) == Phase.PLAYING


def test_a_seed_that_was_left_too_long_is_armed_again(world: World) -> None:
    id = world.open()
    world.enter(id, 3)
    world.close(id)
    world.chain.mine(300)
    rearmed = world.escrow.event(world.escrow.send(NOBODY, "fixSeed", id), "Rearmed")
    assert rearmed.ticket == world.escrow.call("sessionOf", id).ticket
    assert world.phase(id) == Phase.SEEDING
    world.chain.mine()
    world.escrow.event(world.escrow.send(NOBODY, "fixSeed", id), "SeedFixed")


def test_a_draw_that_was_left_too_long_is_armed_again(world: World) -> None:
    id = world.open()
    world.enter(id, 3)
    world.play(id)
    world.chain.mine(300)
    world.escrow.event(world.escrow.send(NOBODY, "draw", id), "Rearmed")
    assert world.phase(id) == Phase.DRAWING
    assert len(world.draw(id)) == 3


def test_publishing_binds_the_transcript(world: World) -> None:
    id = world.open()
    world.enter(id, 3)
    world.close(id)
    world.chain.mine()
    world.escrow.send(NOBODY, "fixSeed", id)
    world.chain.go_to(world.deadline(id) - 1)
    published = world.escrow.event(world.escrow.send(world.opener, "publish", id, TRANSCRIPT), "Published")
    assert published.transcript == TRANSCRIPT == world.escrow.call("sessionOf", id).transcript
    assert published.drawEnd == world.deadline(id)


def test_drawn_judges_are_locked_and_neither_opener_nor_owner_nor_payee(world: World) -> None:
    opener, owner, payee, *others = world.judges
    terms = Terms(judges=15, quorum=8, fee=0)
    world.escrow.send(opener, "open", terms.packed())
    world.escrow.send(owner, "enter", 1, agent(0), snapshot(0), payee)
    world.close(1)
    world.chain.mine()
    world.escrow.send(NOBODY, "fixSeed", 1)
    world.escrow.send(opener, "publish", 1, TRANSCRIPT)
    assert sorted(world.draw(1)) == sorted(others)
    assert [world.vault.call("nodeOf", JUDGE, judge).locks for judge in (opener, owner, payee)] == [0, 0, 0]
    assert {world.vault.call("nodeOf", JUDGE, judge).locks for judge in others} == {1}
    assert world.escrow.call("panelOf", 1, 0) == world.panel
    assert world.escrow.call("judgeOf", 1, others[0]).panel == 1


def test_the_reveals_begin_when_the_last_judge_has_committed(world: World) -> None:
    id = world.drawn()
    for judge in world.panel[:2]:
        world.commit(id, judge, ROW)
    assert world.phase(id) == Phase.COMMITTING
    receipt = world.commit(id, world.panel[2], ROW)
    now = world.chain.next_time() - 1
    assert world.escrow.event(receipt, "Committed").commitEnd == now
    assert (world.phase(id), world.deadline(id)) == (Phase.REVEALING, now + 4000)


def test_a_judge_may_think_again_while_others_have_not_committed(world: World) -> None:
    id = world.drawn()
    first, second, third = world.panel
    world.commit(id, first, (0, 0, 0))
    world.commit(id, first, ROW)
    assert world.escrow.call("sessionOf", id).commits == 1
    world.commit(id, second, ROW)
    world.commit(id, third, ROW)
    revealed = world.escrow.event(world.reveal(id, first, ROW), "Revealed")
    assert (revealed.judge, revealed.scores, revealed.verdict) == (first, packed(ROW), VERDICT)
    kept = world.chain.w3.eth.get_code(world.escrow.call("judgeOf", id, first).scores)
    assert kept == b"\0" + packed(ROW)  # STOP, then the scores


def test_a_commitment_binds_chain_contract_session_judge_scores_verdict_and_salt(world: World) -> None:
    id, judge = 5, world.judges[0]
    types = ["uint256", "address", "uint256", "address", "bytes32", "bytes32", "bytes32"]
    values = [world.chain.w3.eth.chain_id, world.escrow.address, id, judge, Web3.keccak(packed(ROW)), VERDICT, SALT]
    expected = Web3.keccak(world.chain.w3.codec.encode(types, values))
    assert world.escrow.call("commitmentOf", id, judge, packed(ROW), VERDICT, SALT) == expected
    twin = world.chain.deploy(
        world.deployer,
        "SessionEscrow",
        world.vault.address,
        world.randomness.address,
        world.treasury,
        world.parameters.address,
    )
    assert twin.call("commitmentOf", id, judge, packed(ROW), VERDICT, SALT) != expected


def test_nothing_is_paid_while_scores_can_be_contested(world: World) -> None:
    id = world.drawn()
    world.judge(id, ROWS)
    scored = world.escrow.event(world.settle(id), "Scored")
    assert (scored.first, scored.medians, scored.slashes) == (0, packed(ROW), [0, 0, 0])
    assert scored.appealEnd == world.deadline(id) == world.chain.next_time() - 1 + 5000
    assert [world.escrow.call("scoreOf", id, ticket) for ticket in range(3)] == list(ROW)
    assert world.owed(ETH, [*world.owners, *world.panel, world.treasury]) == 0
    assert {world.vault.call("nodeOf", JUDGE, judge).locks for judge in world.panel} == {1}
    world.chain.go_to(world.deadline(id) - 1)
    assert world.phase(id) == Phase.APPEALABLE
    world.chain.go_to(world.deadline(id))
    assert (world.phase(id), world.deadline(id)) == (Phase.FINALIZABLE, 0)


def test_finalizing_pays_everybody_and_frees_the_panel(world: World) -> None:
    id, result = world.settled(ROWS)
    now = world.chain.next_time() - 1
    assert (world.phase(id), world.escrow.call("sessionOf", id).deadline) == (Phase.SETTLED, now)
    assert [world.escrow.call("isPaid", id, judge) for judge in [*world.panel, NOBODY]] == [True, True, True, False]
    assert {world.vault.call("nodeOf", JUDGE, judge).locks for judge in world.panel} == {0}
    assert sum(result.payouts) + sum(result.judge_fees) + result.treasury == 3 * Terms().fee
    assert world.owed(ETH, [*world.owners, *world.panel, world.treasury]) == 3 * Terms().fee


def test_a_session_in_which_nothing_can_be_won_back_is_final_at_once(world: World) -> None:
    id = world.drawn(terms=Terms(fee=0))
    world.judge(id, ROWS)
    world.settle(id)
    assert world.phase(id) == Phase.FINALIZABLE


def test_a_rogue_judge_loses_its_fee_and_half_a_percent(world: World) -> None:
    id, result = world.settled([ROW, (0, 0, 10_000), ROW])
    rogue = world.panel[1]
    assert result.slashes == [0, STAKE * 50 // 10_000, 0]
    assert result.judge_fees[1] == 0
    assert not world.escrow.call("isPaid", id, rogue)
    assert world.vault.call("stakeOf", JUDGE, rogue) == STAKE * 9950 // 10_000
    assert result.scores == packed(ROW)


def test_with_a_quorum_a_silent_judge_loses_five_percent_and_the_others_settle_at_once(world: World) -> None:
    id = world.drawn(terms=Terms(judges=4))
    for judge in world.panel[:3]:
        world.commit(id, judge, ROW)
    world.chain.go_to(world.deadline(id))
    for judge in world.panel[:3]:
        world.reveal(id, judge, ROW)
    assert world.phase(id) == Phase.SETTLEABLE  # the fourth never committed: nobody needs to wait for it
    scored = world.escrow.event(world.settle(id), "Scored")
    assert scored.slashes == [0, 0, 0, STAKE * 500 // 10_000]
    assert world.frac.call("balanceOf", world.treasury) == STAKE * 500 // 10_000
    assert world.vault.call("nodeOf", JUDGE, world.panel[3]).locks == 0


def test_a_judge_that_does_not_reveal_is_waited_for_until_the_deadline(world: World) -> None:
    id = world.drawn(terms=Terms(judges=4))
    for judge in world.panel:
        world.commit(id, judge, ROW)
    for judge in world.panel[:3]:
        world.reveal(id, judge, ROW)
    world.chain.go_to(world.deadline(id) - 1)
    assert world.phase(id) == Phase.REVEALING
    world.chain.go_to(world.deadline(id))
    assert world.phase(id) == Phase.SETTLEABLE
    world.settle(id)


def test_fees_are_fetched_by_whom_they_are_owed_to_and_sent_where_they_want(world: World) -> None:
    world.settled(ROWS)
    owner = world.owners[0]
    owed = world.escrow.call("balanceOf", owner, ETH)
    withdrawn = world.escrow.event(world.escrow.send(owner, "withdraw", ETH, NOBODY), "Withdrawn")
    assert (withdrawn.account, withdrawn.to, withdrawn.amount) == (owner, NOBODY, owed)
    assert world.chain.balance(NOBODY) == owed > 0
    assert world.escrow.call("balanceOf", owner, ETH) == 0


def test_dollars_are_fetched_too(world: World) -> None:
    world.settled(ROWS, Terms(asset=world.usd.address, fee=5_000_000))
    owed = world.escrow.call("balanceOf", world.treasury, world.usd.address)
    world.escrow.send(world.treasury, "withdraw", world.usd.address, world.treasury)
    assert world.usd.call("balanceOf", world.treasury) == owed == 750_000


def test_the_opener_cancels_before_closing_and_everybody_is_refunded(world: World) -> None:
    id = world.open()
    world.enter(id, 2)
    cancelled = world.escrow.event(world.escrow.send(world.opener, "cancel", id), "Cancelled")
    assert cancelled.reason == Reason.BY_OPENER
    refunded = world.escrow.event(world.escrow.send(NOBODY, "refund", id, 1), "Refunded")
    assert (refunded.ticket, refunded.payee, refunded.amount) == (1, world.owners[1], Terms().fee)
    assert world.escrow.call("entrantOf", id, 1).done
    world.escrow.send(NOBODY, "refund", id, 0)
    for owner in world.owners[:2]:
        world.escrow.send(owner, "withdraw", ETH, owner)
    assert world.held(world.escrow, ETH) == 0


def test_a_session_that_is_never_seeded_is_cancelled_by_anyone(world: World) -> None:
    id = world.open()
    world.enter(id, 2)
    world.close(id)
    check_time_out(world, id, Reason.NOT_PUBLISHED, [])


def test_a_transcript_that_is_never_published_cancels(world: World) -> None:
    id = world.open()
    world.enter(id, 2)
    world.close(id)
    world.chain.mine()
    world.escrow.send(NOBODY, "fixSeed", id)
    check_time_out(world, id, Reason.NOT_PUBLISHED, [])


def test_a_panel_that_is_never_drawn_cancels(world: World) -> None:
    id = world.open()
    world.enter(id, 2)
    world.play(id)
    check_time_out(world, id, Reason.NOT_DRAWN, [])


def check_time_out(world: World, id: int, reason: Reason, slashes: list[int]) -> None:
    """At the second of the deadline, and not before, anyone cancels; everybody is refunded and the panel is free."""
    deadline = world.deadline(id)
    world.chain.go_to(deadline - 1)
    assert world.phase(id) < Phase.SETTLEABLE
    world.chain.go_to(deadline)
    assert world.phase(id) == Phase.CANCELLABLE
    cancelled = world.escrow.event(world.escrow.send(NOBODY, "cancel", id), "Cancelled")
    assert (cancelled.reason, cancelled.slashes) == (reason, slashes)
    for ticket in range(world.escrow.call("sessionOf", id).entrants):
        world.escrow.send(NOBODY, "refund", id, ticket)
    assert world.owed(ETH, world.owners) == world.held(world.escrow, ETH) > 0
    assert {world.vault.call("nodeOf", JUDGE, judge).locks for judge in world.judges} == {0}


def test_the_panel_is_smaller_if_only_a_quorum_is_there(world: World) -> None:
    for judge in world.judges[4:]:
        world.vault.send(judge, "requestExit", JUDGE)
    id = world.drawn(terms=Terms(judges=5))
    assert sorted(world.panel) == sorted(world.judges[:4])
    world.judge(id, [ROW, ROW, (6000, 7000, 5000), (6000, 7000, 5000)])
    scored = world.escrow.event(world.settle(id), "Scored")
    assert scored.medians == packed((6000, 6000, 5000))  # the lower of the two in the middle


def test_governance_sets_what_new_sessions_get_and_open_ones_keep_theirs(world: World) -> None:
    first = world.open()
    world.parameters.send(NOBODY, "setProtocolFee", 500)
    world.parameters.send(NOBODY, "setAppealSeconds", 70)
    second = world.open()
    sessions = [world.escrow.call("sessionOf", id) for id in (first, second)]
    assert [(s.feeBps, s.appealSeconds) for s in sessions] == [(1000, 5000), (500, 70)]
    world.enter(first, 3)
    assert world.escrow.call("protocolFeeOf", first) == 3 * Terms().fee // 10


def test_a_space_version_keeps_its_curve_when_governance_drops_it(world: World) -> None:
    world.open()
    curve = world.escrow.call("curveOf", world.opener, Terms().space)
    assert curve == Web3.keccak(world.chain.w3.codec.encode(["uint16[]"], [Terms().payout_bps]))
    world.parameters.send(NOBODY, "refuseCurve", curve, True)
    assert world.open() == 2
    newer = Terms(space=b"\x02" * 32)
    assert world.escrow.refusal(world.opener, "open", newer.packed()).error == "CurveNotAllowed"


def test_pausing_stops_new_sessions_only(world: World) -> None:
    id = world.open()
    world.enter(id, 2)
    world.parameters.send(NOBODY, "setPaused", True)
    assert world.escrow.refusal(world.opener, "open", Terms().packed()).error == "Paused"
    world.enter(id, 1)
    world.play(id)
    world.draw(id)
    world.judge(id, ROWS)
    world.settle(id)
    world.finalize(id)
    world.escrow.send(world.owners[0], "withdraw", ETH, world.owners[0])


def test_state_is_rebuilt_from_logs_alone(world: World) -> None:
    id, _ = world.settled(ROWS)
    names = ["Opened", "Entered", "Closed", "SeedFixed", "Published", "JudgesDrawn", "Committed", "Revealed"]
    names += ["Scored", "Settled"]
    logs = world.chain.w3.eth.get_logs({"address": world.escrow.contract.address, "fromBlock": 0})
    found = [
        next(name for name in names if world.escrow.contract.events[name]().topic == log["topics"][0].to_0x_hex())
        for log in logs
        if log["topics"][1] == id.to_bytes(32, "big")
    ]
    assert found == ["Opened", *["Entered"] * 3, *names[2:6], *["Committed"] * 3, *["Revealed"] * 3, *names[8:]]


def test_the_views_name_what_the_escrow_was_built_with(world: World) -> None:
    parts = [world.escrow.call(view) for view in ("vault", "randomness", "treasury", "parameters")]
    assert parts == [world.vault.address, world.randomness.address, world.treasury, world.parameters.address]
    world.parameters.send(NOBODY, "refuseAsset", NOBODY)
    allowed = [world.escrow.call("isAllowed", asset) for asset in (ETH, world.usd.address, NOBODY)]
    assert allowed == [True, True, False]
    assert world.escrow.call("MAX_FEE_BPS") == 2000


def test_the_judging_code_called_itself_knows_no_session_and_holds_nothing(world: World) -> None:
    id = world.drawn()
    judging = world.chain.at("SessionJudging", world.escrow.call("judging"))
    assert judging.refusal(world.panel[0], "commit", id, b"\1" * 32).error == "WrongPhase"
    assert world.vault.refusal(judging.address, "release", JUDGE, world.panel[0]).error == "NotModule"
