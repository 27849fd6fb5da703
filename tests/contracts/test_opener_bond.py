"""The opener answers for a result: a Session that it lets lapse when it does not like the transcript costs its bond."""

import pytest

from tests.contracts.world import ETH, Phase, Reason, Terms, World, someone

pytestmark = pytest.mark.chain

NOBODY = someone(1)
ROW = (7000, 6000, 5000)
TERMS = Terms()
BOND = TERMS.fee * TERMS.max_entrants


@pytest.fixture
def bonded(world: World) -> World:
    """A world whose openers answer with as much as all entrants may pay."""
    world.parameters.send(NOBODY, "setOpenerBond", 10_000)
    return world


def opened(world: World, terms: Terms = TERMS, value: int = BOND, entrants: int = 3) -> int:
    """Return a Session with its bond and entrants."""
    world.escrow.send(world.opener, "open", terms.packed(), value=value)
    id = int(world.escrow.call("sessionCount"))
    world.enter(id, entrants, terms)
    return id


def credit(world: World, account: str, asset: str = ETH) -> int:
    return int(world.escrow.call("balanceOf", account, asset))


def lapse(world: World, id: int, reason: Reason) -> None:
    """Let the deadline pass, cancel, refund everybody, and check that only the opener has lost."""
    world.chain.go_to(world.deadline(id))
    receipt = world.escrow.send(NOBODY, "cancel", id)
    assert world.escrow.event(receipt, "Cancelled").reason == reason
    settled = world.escrow.event(receipt, "BondSettled")
    assert (settled.id, settled.to, settled.amount) == (id, world.treasury, BOND)
    for ticket in range(3):
        world.escrow.send(NOBODY, "refund", id, ticket)
    assert (credit(world, world.treasury), credit(world, world.opener)) == (BOND, 0)
    assert world.owed(ETH, world.owners) == 3 * TERMS.fee
    assert world.held(world.escrow, ETH) == 3 * TERMS.fee + BOND


def test_a_session_that_is_never_published_costs_the_opener_its_bond(bonded: World) -> None:
    id = opened(bonded)
    bonded.close(id)
    bonded.chain.mine()
    bonded.escrow.send(bonded.opener, "fixSeed", id)
    lapse(bonded, id, Reason.NOT_PUBLISHED)


def test_a_transcript_that_nobody_can_judge_costs_the_opener_its_bond(bonded: World) -> None:
    id = opened(bonded)
    bonded.play(id)
    for _ in range(2):
        bonded.draw(id)
        bonded.chain.go_to(bonded.deadline(id))
        bonded.escrow.send(NOBODY, "redraw", id)
    bonded.draw(id)
    lapse(bonded, id, Reason.NO_QUORUM)


def test_a_panel_that_is_never_drawn_costs_the_opener_its_bond_as_it_could_have_drawn_it(bonded: World) -> None:
    id = opened(bonded)
    bonded.play(id)
    lapse(bonded, id, Reason.NOT_DRAWN)


def test_with_a_result_the_bond_is_the_openers_again_and_serves_for_the_next_session(bonded: World) -> None:
    id = opened(bonded)
    assert bonded.escrow.call("openerBondOf", id) == BOND
    bonded.play(id)
    bonded.draw(id)
    bonded.judge(id, [ROW] * 3)
    settled = bonded.escrow.event(bonded.settle(id), "BondSettled")
    assert (settled.to, settled.amount, credit(bonded, bonded.opener)) == (bonded.opener, BOND, BOND)
    bonded.finalize(id)
    assert credit(bonded, bonded.opener) == BOND
    second = opened(bonded, value=0)
    assert (second, credit(bonded, bonded.opener)) == (id + 1, 0)


@pytest.mark.parametrize(("owed", "value"), [(BOND, 0), (BOND, 1), (BOND, BOND), (BOND // 2, BOND - BOND // 2)])
def test_what_the_opener_is_owed_pays_as_far_as_less_comes_with_the_call(bonded: World, owed: int, value: int) -> None:
    first = opened(bonded, Terms(fee=owed // 4), value=owed, entrants=0)
    bonded.escrow.send(bonded.opener, "cancel", first)
    assert credit(bonded, bonded.opener) == owed
    opened(bonded, value=value, entrants=0)
    assert credit(bonded, bonded.opener) == owed + value - BOND
    assert bonded.held(bonded.escrow, ETH) == owed + value


@pytest.mark.parametrize("value", [0, BOND - 1, BOND + 1])
def test_a_bond_that_is_not_met_opens_nothing(bonded: World, value: int) -> None:
    refusal = bonded.escrow.refusal(bonded.opener, "open", TERMS.packed(), value=value)
    assert (refusal.error, refusal.values) == ("WrongValue", (BOND, value))


def test_before_closing_and_without_enough_entrants_the_bond_comes_back(bonded: World) -> None:
    id = opened(bonded)
    receipt = bonded.escrow.send(bonded.opener, "cancel", id)
    assert bonded.escrow.event(receipt, "BondSettled").to == bonded.opener
    lonely = opened(bonded, Terms(min_entrants=2), value=0, entrants=1)
    assert bonded.escrow.event(bonded.close(lonely), "BondSettled").to == bonded.opener
    assert (bonded.phase(lonely), credit(bonded, bonded.opener)) == (Phase.CANCELLED, BOND)


def test_bonds_in_dollars_are_taken_from_credit_first_and_no_eth_may_come_with_them(bonded: World) -> None:
    usd, terms = bonded.usd, Terms(asset=bonded.usd.address, fee=5_000_000)
    bond = 4 * terms.fee
    usd.send(bonded.opener, "faucet", bond + terms.fee)
    usd.send(bonded.opener, "approve", bonded.escrow.address, bond + terms.fee)
    refusal = bonded.escrow.refusal(bonded.opener, "open", terms.packed(), value=1)
    assert (refusal.error, refusal.values) == ("WrongValue", (0, 1))
    first = opened(bonded, terms, value=0, entrants=0)
    bonded.escrow.send(bonded.opener, "cancel", first)
    opened(bonded, terms, value=0, entrants=0)
    assert (credit(bonded, bonded.opener, usd.address), usd.call("balanceOf", bonded.opener)) == (0, terms.fee)
    assert bonded.held(bonded.escrow, usd.address) == bond


def test_free_sessions_ask_no_bond_and_a_vote_changes_no_open_one(bonded: World) -> None:
    free = opened(bonded, Terms(fee=0), value=0, entrants=0)
    paid = opened(bonded, entrants=0)
    bonded.parameters.send(NOBODY, "setOpenerBond", 0)
    later = opened(bonded, value=0, entrants=0)
    assert [bonded.escrow.call("openerBondOf", id) for id in (free, paid, later)] == [0, BOND, 0]
    bonded.escrow.send(bonded.opener, "cancel", paid)
    assert credit(bonded, bonded.opener) == BOND


def test_no_parameters_make_a_bond_larger_than_the_pot(bonded: World) -> None:
    bonded.parameters.send(NOBODY, "setOpenerBond", 10_001)
    refusal = bonded.escrow.refusal(bonded.opener, "open", TERMS.packed(), value=BOND)
    assert refusal.error == "TermOutOfBounds"
    assert refusal.values[1] == 10_001
