"""Five thousand entrants and five judges settle in one transaction, more in several; each of at most 16,777,216 gas."""

import pytest

from tests.contracts.chain import gas_used
from tests.contracts.world import ETH, Phase, Terms, World, packed

pytestmark = [pytest.mark.chain, pytest.mark.slow]

ENTRANTS = 5_200
BATCH = 130


def test_more_than_five_thousand_tie_and_everyone_can_claim(world: World) -> None:
    terms = Terms(fee=10**6 + 1, max_entrants=ENTRANTS, judges=5, payout_bps=(625,) * 16)
    id = world.open(terms)
    crowd = world.chain.deploy(world.deployer, "Crowd")
    for first in range(0, ENTRANTS, BATCH):
        args = (world.escrow.address, id, first, BATCH, terms.fee)
        crowd.send(world.deployer, "enter", *args, value=BATCH * terms.fee)
    world.play(id)
    world.draw(id)
    # the worst case: the judges' scores in falling order, and all tie, so that all are paid
    rows = [[5000 + 100 * (2 - judge)] * ENTRANTS for judge in range(5)]
    world.judge(id, rows)

    first = world.settle(id)
    assert world.escrow.event(first, "Scored").appealEnd == 0
    assert world.phase(id) == Phase.SETTLEABLE
    scored = world.escrow.event(world.settle(id), "Scored")
    assert (scored.first, scored.medians) == (5_000, packed([5000] * 200))
    receipt = world.finalize(id)
    settled = world.escrow.event(receipt, "Settled")
    assert gas_used(first) < 16_000_000
    assert gas_used(receipt) < 14_000_000

    net = ENTRANTS * terms.fee * 9 // 10
    (prize,) = settled.prizes
    assert (prize.median, prize.tied) == (5000, ENTRANTS)
    assert prize.share * ENTRANTS + prize.bonusBelow == net
    tickets = [0, prize.bonusBelow - 1, prize.bonusBelow, ENTRANTS - 1]
    world.escrow.send(world.opener, "claim", id, tickets)
    payees = [world.escrow.call("entrantOf", id, ticket).payee for ticket in tickets]
    owed = [world.escrow.call("balanceOf", payee, ETH) for payee in payees]
    assert owed == [prize.share + 1, prize.share + 1, prize.share, prize.share]
    assert world.escrow.refusal(world.opener, "claim", id, [1, 0]).error == "NothingToClaim"
