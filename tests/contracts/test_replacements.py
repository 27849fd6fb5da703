"""Judges that stay away are replaced, so that no one of three can decide, block or end a Session alone."""

import pytest

from tests.contracts.world import ETH, JUDGE, STAKE, Outcome, Phase, Reason, Scores, Terms, World, packed, someone

pytestmark = pytest.mark.chain

ROW = (7000, 6000, 5000)
BRIBED = (10_000, 0, 0)
NO_SHOW = STAKE * 500 // 10_000
NOBODY = someone(1)


def absent_at_commit(world: World, id: int, rows: list[Scores]) -> str:
    """Let the panel commit but for its last judge, and have that one replaced; return it."""
    *present, absent = world.panel
    for judge, row in zip(present, rows, strict=False):
        world.commit(id, judge, row)
    world.chain.go_to(world.deadline(id))
    world.escrow.send(NOBODY, "redraw", id)
    world.draw(id)
    return absent


def test_a_no_show_and_a_bribed_judge_leave_two_who_may_not_decide(world: World) -> None:
    id = world.drawn()
    honest, bribed, absent = world.panel
    world.commit(id, honest, ROW)
    world.commit(id, bribed, BRIBED)
    world.chain.go_to(world.deadline(id))
    assert (world.phase(id), world.deadline(id)) == (Phase.REDRAWABLE, 0)
    redrawn = world.escrow.event(world.escrow.send(NOBODY, "redraw", id), "Redrawn")
    assert (redrawn.missing, redrawn.slashes) == ([absent], [NO_SHOW])
    assert (world.phase(id), redrawn.drawEnd) == (Phase.DRAWING, world.deadline(id))
    panel = world.draw(id)
    assert panel[:2] == [honest, bribed]
    assert panel[2] not in (honest, bribed, absent)
    world.commit(id, panel[2], ROW)  # the last that was missing: reveals begin
    for judge, row in zip(panel, [ROW, BRIBED, ROW], strict=True):
        world.reveal(id, judge, row)
    assert world.escrow.event(world.settle(id), "Scored").medians == packed(ROW)
    assert world.vault.call("stakeOf", JUDGE, absent) == STAKE - NO_SHOW
    assert world.vault.call("nodeOf", JUDGE, absent).locks == 0


def test_a_judge_that_withholds_its_reveal_is_replaced_too(world: World) -> None:
    id = world.drawn()
    for judge in world.panel:
        world.commit(id, judge, ROW)
    first, second, withholding = world.panel
    for judge in (first, second):
        world.reveal(id, judge, ROW)
    world.chain.go_to(world.deadline(id))
    redrawn = world.escrow.event(world.escrow.send(NOBODY, "redraw", id), "Redrawn")
    assert redrawn.missing == [withholding]
    panel = world.draw(id)
    world.commit(id, panel[2], ROW)
    world.reveal(id, panel[2], ROW)
    world.settle(id)
    world.finalize(id)
    assert {world.vault.call("nodeOf", JUDGE, judge).locks for judge in world.judges} == {0}
    assert world.owed(ETH, [*world.owners, *world.judges, world.treasury]) == 3 * Terms().fee


def test_a_replacement_that_stays_away_is_replaced_once_more_and_then_the_session_ends(world: World) -> None:
    id = world.drawn()
    gone = [absent_at_commit(world, id, [ROW, ROW]) for _ in range(2)]
    assert world.escrow.call("sessionOf", id).redraws == 2
    world.chain.go_to(world.deadline(id))
    assert world.phase(id) == Phase.CANCELLABLE
    cancelled = world.escrow.event(world.escrow.send(NOBODY, "cancel", id), "Cancelled")
    assert (cancelled.reason, cancelled.slashes) == (
        Reason.NO_QUORUM,
        [0, 0, NO_SHOW],
    )  # two committed, and could not reveal
    assert len({*gone, *world.panel}) == 5
    assert [world.vault.call("stakeOf", JUDGE, judge) for judge in world.panel] == [STAKE, STAKE, STAKE - NO_SHOW]
    for ticket in range(3):
        world.escrow.send(NOBODY, "refund", id, ticket)
    assert world.owed(ETH, world.owners) == world.held(world.escrow, ETH) == 3 * Terms().fee
    assert {world.vault.call("nodeOf", JUDGE, judge).locks for judge in world.judges} == {0}


def test_where_nobody_is_left_to_replace_them_the_session_ends_in_time(world: World) -> None:
    for judge in world.judges[3:]:
        world.vault.send(judge, "requestExit", JUDGE)
    id = world.drawn()
    world.chain.go_to(world.deadline(id))
    world.escrow.send(NOBODY, "redraw", id)
    world.chain.mine()
    assert world.escrow.refusal(NOBODY, "draw", id).error == "TooFewJudges"
    world.chain.go_to(world.deadline(id))
    cancelled = world.escrow.event(world.escrow.send(NOBODY, "cancel", id), "Cancelled")
    assert (cancelled.reason, cancelled.slashes) == (Reason.NOT_DRAWN, [])
    assert {world.vault.call("stakeOf", JUDGE, judge) for judge in world.judges[:3]} == {STAKE - NO_SHOW}


def test_who_committed_in_vain_is_let_go_unslashed_where_nobody_can_be_drawn_any_more(world: World) -> None:
    for judge in world.judges[3:]:
        world.vault.send(judge, "requestExit", JUDGE)
    id = world.drawn()
    honest, *absent = world.panel
    world.commit(id, honest, ROW)
    world.chain.go_to(world.deadline(id))
    world.escrow.send(NOBODY, "redraw", id)
    world.chain.go_to(world.deadline(id))
    cancelled = world.escrow.event(world.escrow.send(NOBODY, "cancel", id), "Cancelled")
    assert (cancelled.reason, cancelled.slashes) == (Reason.NOT_DRAWN, [0])
    assert world.vault.call("stakeOf", JUDGE, honest) == STAKE
    assert [world.vault.call("stakeOf", JUDGE, judge) for judge in absent] == [STAKE - NO_SHOW] * 2
    assert {world.vault.call("nodeOf", JUDGE, judge).locks for judge in world.judges} == {0}


def test_who_withheld_its_reveal_where_it_could_is_slashed_also_when_the_session_ends(world: World) -> None:
    for judge in world.judges[3:]:
        world.vault.send(judge, "requestExit", JUDGE)
    id = world.drawn()
    for judge in world.panel:
        world.commit(id, judge, ROW)
    world.reveal(id, world.panel[0], ROW)
    world.chain.go_to(world.deadline(id))
    redrawn = world.escrow.event(world.escrow.send(NOBODY, "redraw", id), "Redrawn")
    assert (redrawn.missing, redrawn.slashes) == (world.panel[1:], [NO_SHOW] * 2)
    world.chain.go_to(world.deadline(id))
    cancelled = world.escrow.event(world.escrow.send(NOBODY, "cancel", id), "Cancelled")
    assert (cancelled.reason, cancelled.slashes) == (Reason.NOT_DRAWN, [0])


def test_who_committed_in_vain_is_let_go_unslashed_when_an_appeal_lapses(world: World) -> None:
    terms = Terms(judges=1, quorum=1, payout_bps=(10_000,))
    id = world.contested([1], [[7000, 6000]], terms)
    first, second, third = world.panel
    for judge in (first, second):
        world.commit(id, judge, [9000])
    for _ in range(2):
        world.chain.go_to(world.deadline(id))
        world.escrow.send(NOBODY, "redraw", id)
        world.draw(id)
    assert world.panel[:2] == [first, second]
    world.chain.go_to(world.deadline(id))
    settled = world.escrow.event(world.finalize(id), "Settled")
    assert settled.slashes == [0, 0, 0, NO_SHOW]  # the first panel's judge, then those of the appeal
    stakes = [world.vault.call("stakeOf", JUDGE, judge) for judge in (first, second, third)]
    assert stakes == [STAKE, STAKE, STAKE - NO_SHOW]
    assert {world.vault.call("nodeOf", JUDGE, judge).locks for judge in world.judges} == {0}


def test_an_appeal_replaces_its_absent_judges_as_well(world: World) -> None:
    terms = Terms(judges=1, quorum=1, payout_bps=(10_000,))
    id = world.contested([1], [[7000, 6000]], terms)
    first = absent_at_commit(world, id, [[9000], [9000]])
    panel = world.panel
    assert first not in panel
    world.commit(id, panel[2], [9000])
    for judge in panel:
        world.reveal(id, judge, [9000])
    decided = world.escrow.event(world.settle(id), "AppealsDecided")
    assert (decided.scores, decided.isUpheld) == (packed([9000]), [True])
    assert world.escrow.call("appealsOf", id)[0].outcome == Outcome.UPHELD
