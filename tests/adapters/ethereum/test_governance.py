"""A vote from proposal to execution through the ports, on the local chain with the local chain's periods."""

import time

import pytest

from fraction.adapters.ethereum import FRAC
from fraction.app.governance import (
    AppealTime,
    AssetRule,
    CurveRule,
    EmissionSplit,
    OpenerBond,
    Pause,
    ProposalState,
    ProtocolFee,
    RecipeRule,
    TrainingQuorum,
    Vote,
    advance_proposal,
    carry_out,
)
from fraction.base import Address, Conflict, Digest, NotFound, Rejected, Wei
from fraction.economy import EmissionPlan, Group
from tests.adapters.ethereum.cast import Cast

pytestmark = pytest.mark.chain

CURVE = (4_000, 3_000, 2_000, 1_000)
SPLIT = EmissionPlan((5_000, 1_000, 2_000, 2_000), (7, 7, 7, 7))


def voter(cast: Cast, place: int, frac: int) -> int:
    """Give an entrant FRAC that votes; return its place."""
    person = cast.entrants[place]
    cast.platform.faucet().fund(person.wallet.address, eth=Wei(0), frac=Wei(frac * FRAC), usd=Wei(0), purpose="votes")
    person.governance().delegate()
    person.governance().delegate()  # again: nothing more to do
    return place


def pause(cast: Cast) -> None:
    cast.pass_time(1)
    cast.platform.chain.rpc.mine()
    time.sleep(0.01)


def test_a_vote_changes_every_parameter(own_cast: Cast) -> None:
    first, second = (own_cast.entrants[voter(own_cast, place, 3_000_000)].governance() for place in (0, 1))
    asset = Address("0x" + "11" * 20)
    changes = (
        CurveRule(CURVE, True),
        CurveRule((10_000,), False),
        ProtocolFee(900),
        OpenerBond(2_500),
        RecipeRule(Digest("0a" * 32), True),
        AssetRule(asset, True),
        AppealTime(9),
        TrainingQuorum(4),
        Pause(False),
        EmissionSplit(SPLIT),
    )
    before = first.parameters()
    id = first.propose(changes, "More places are paid")
    assert first.propose(changes, "More places are paid") == id
    assert first.proposal(id).state is ProposalState.PENDING
    pause(own_cast)
    pause(own_cast)
    cast_votes = first.vote(id, Vote.FOR) + second.vote(id, Vote.FOR)
    assert cast_votes >= 6_000_000 * FRAC
    carry_out(second, id, lambda: pause(own_cast), 60)
    found = first.proposal(id)
    assert (found.state, found.text, found.votes[Vote.FOR]) == (
        ProposalState.EXECUTED,
        "More places are paid",
        cast_votes,
    )
    now = first.parameters()
    assert CURVE in now.curves
    assert (10_000,) in before.curves
    assert (10_000,) not in now.curves
    assert (before.opener_bond_bps, now.opener_bond_bps) == (10_000, 2_500)
    assert (now.protocol_fee_bps, now.appeal_seconds, now.training_quorum, now.paused) == (900, 9, 4, False)
    assert now.emissions == before.emissions  # until the next month
    assert advance_proposal(first, id) is ProposalState.EXECUTED


def test_what_is_voted_down_is_over(own_cast: Cast) -> None:
    against = own_cast.entrants[voter(own_cast, 2, 3_000_000)].governance()
    id = against.propose((ProtocolFee(1),), "Free for all")
    pause(own_cast)
    pause(own_cast)
    against.vote(id, Vote.AGAINST)
    with pytest.raises(Conflict, match="voted down"):
        carry_out(against, id, lambda: pause(own_cast), 60)


def test_no_vote_passes_what_the_code_forbids(own_cast: Cast) -> None:
    eager = own_cast.entrants[voter(own_cast, 3, 5_000_000)].governance()
    id = eager.propose((ProtocolFee(1_001),), "More for us")
    pause(own_cast)
    pause(own_cast)
    eager.vote(id, Vote.FOR)
    with pytest.raises(Rejected, match="above the cap"):
        carry_out(eager, id, lambda: pause(own_cast), 60)


def test_who_has_no_votes_and_what_does_not_exist(own_cast: Cast) -> None:
    nobody = own_cast.entrants[4].governance()
    with pytest.raises(Rejected, match="GovernorInsufficientProposerVotes"):
        nobody.propose((Pause(True),), "Stop")
    with pytest.raises(NotFound, match="no proposal 7"):
        nobody.proposal(7)


def test_emissions_are_read_and_claimed_by_month(own_cast: Cast) -> None:
    person = own_cast.entrants[5]
    emissions = person.emissions()
    month = emissions.month()
    assert emissions.points(month, Group.BUILDER, person.wallet.address) == 0
    assert emissions.earned(month, Group.BUILDER, person.wallet.address) == 0
    assert not emissions.record_session(99)
    assert not emissions.record_task(99)
    with pytest.raises(Conflict, match="claim it then"):
        emissions.claim(month, Group.BUILDER, person.wallet.address)
    own_cast.pass_time(3_600)
    with pytest.raises(Conflict, match="nothing left to get"):
        emissions.claim(month, Group.BUILDER, person.wallet.address)
