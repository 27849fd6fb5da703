"""Whole Sessions against the real contracts, through the port that the verbs use."""

from collections.abc import Sequence
from itertools import count

import pytest

from fraction.adapters.ethereum import Connection
from fraction.app.chain import EntryFact, EscrowPhase, Role
from fraction.base import AgentId, Conflict, Digest, NotFound, Rejected, Score, Unavailable, Wei
from fraction.economy import DEVIATION_BPS, NO_SHOW_BPS, settle_pot
from fraction.judging import deviation, lower_median
from fraction.sessions import (
    Appealed,
    AppealsLapsed,
    Cancelled,
    Closed,
    Committed,
    Convened,
    JudgesDrawn,
    Published,
    Refunded,
    Revealed,
    Scored,
    SeedFixed,
    Settled,
)
from fraction.spaces import Asset
from tests.adapters.ethereum.cast import SALT, VERDICT, Cast, space_of

pytestmark = pytest.mark.chain

_KEYS = (f"session-{number}" for number in count())

SCORES = tuple(
    tuple(Score(score) for score in given)
    for given in ((9_000, 7_000, 7_000, 100), (9_100, 6_900, 7_100, 200), (8_900, 7_100, 6_900, 150))
)
"""By judge, then by ticket; tickets 1 and 2 tie in the median."""


def opened(cast: Cast, asset: Asset = Asset.ETH, fee: int = 10**15 + 7, entrants: int = 4, seconds: int = 60) -> int:
    space = space_of(asset, fee, entrants, seconds)
    return cast.platform.escrow.open(next(_KEYS), space, space.tiers[0])


def make_rich(cast: Cast) -> None:
    """Let the opener afford the bond of any Session."""
    me = cast.platform.wallet.address
    cast.platform.faucet().fund(me, eth=Wei(0), frac=Wei(0), usd=Wei(10**13), purpose="riches")
    cast.platform.chain.rpc.request("anvil_setBalance", me, hex(10**24))


def judge_all(panel: Sequence[Connection], number: int, scores: Sequence[Sequence[int]]) -> None:
    commit_all(panel, number, scores)
    reveal_all(panel, number, scores)


def commit_all(panel: Sequence[Connection], number: int, scores: Sequence[Sequence[int]]) -> None:
    for judge, given in zip(panel, scores, strict=False):
        judge.escrow.commit(number, given, VERDICT, SALT)


def reveal_all(panel: Sequence[Connection], number: int, scores: Sequence[Sequence[int]]) -> None:
    for judge, given in zip(panel, scores, strict=False):
        judge.escrow.reveal(number, given, VERDICT, SALT)


def finish(cast: Cast, number: int) -> None:
    """Settle, let the time to contest pass, and have everybody paid."""
    cast.platform.escrow.settle(number)
    assert cast.platform.escrow.state(number).phase is EscrowPhase.APPEALABLE
    cast.pass_time(6)
    cast.platform.escrow.finalize(number)


def settlement(cast: Cast, number: int) -> Settled:
    facts = cast.platform.escrow.facts(number, confirmed=False)
    return next(fact for fact in facts if isinstance(fact, Settled))


@pytest.mark.parametrize(("asset", "fee"), [(Asset.ETH, 10**15 + 7), (Asset.USD, 1_000_003), (Asset.ETH, 0)])
def test_a_session_pays_to_the_wei_what_the_economy_says(cast: Cast, asset: Asset, fee: int) -> None:
    escrow = cast.platform.escrow
    number = opened(cast, asset, fee)
    held_before = escrow.held(asset)
    agents = cast.enter_all(number, 4)
    assert escrow.held(asset) == held_before + 4 * fee

    judge_all(cast.play(number), number, SCORES)
    if fee:
        finish(cast, number)
    else:
        escrow.settle(number)
        escrow.finalize(number)  # nothing can be won by contesting

    found = settlement(cast, number)
    medians = tuple(lower_median(given) for given in zip(*SCORES, strict=True))
    deviations = [deviation(given, medians) for given in SCORES]
    expected = settle_pot(4 * fee, medians, (5000, 3000, 2000), deviations, 500)
    assert found.medians == medians
    assert found.payouts == expected.prizes
    assert tuple(credit.amount for credit in found.judge_fees) == tuple(f for f in expected.judge_fees if f)
    assert found.treasury == expected.treasury
    assert found.slashes == ()

    fetched = [person.escrow.withdraw(asset) for person in cast.entrants[:4]]
    assert fetched == list(expected.prizes)
    assert [person.escrow.withdraw(asset) for person in cast.entrants[:4]] == [0, 0, 0, 0]
    assert [escrow.points_of(agent) for agent in agents] == [1, 1, 1, 1]


def test_the_facts_tell_the_whole_session_in_order(cast: Cast) -> None:
    escrow = cast.platform.escrow
    number = opened(cast, entrants=3)
    agents = cast.enter_all(number, 3)
    panel = cast.play(number)
    judge_all(panel, number, [given[:3] for given in SCORES])
    finish(cast, number)

    facts = escrow.facts(number, confirmed=False)

    kinds = [type(fact) for fact in facts]
    assert kinds == [
        *[EntryFact] * 3,
        *(Closed, SeedFixed, Published, JudgesDrawn),
        *[Committed] * 3,
        *[Revealed] * 3,
        *(Scored, Settled),
    ]
    entries = [fact for fact in facts if isinstance(fact, EntryFact)]
    assert [(fact.ticket, fact.agent) for fact in entries] == list(enumerate(agents))
    assert [fact.owner for fact in entries] == [person.wallet.address for person in cast.entrants[:3]]
    revealed = [fact.scores for fact in facts if isinstance(fact, Revealed)]
    assert revealed == [given[:3] for given in SCORES]
    assert all(fact.transaction.startswith("0x") and len(fact.transaction) == 66 for fact in facts)
    opening = escrow.opening(number)
    assert opening.opener == cast.platform.wallet.address
    assert abs(opening.at - cast.platform.clock.now()) < 90
    assert (len(opening.transaction), opening.fee_bps) == (66, 1_000)
    assert opening.bond == 3 * (10**15 + 7)
    assert escrow.credit_of(opening.opener, Asset.ETH) >= opening.bond  # there is a result, so it came back


def test_a_fact_counts_as_confirmed_when_it_is_old_enough(cast: Cast) -> None:
    number = opened(cast)
    cast.enter_all(number, 1)
    assert cast.platform.escrow.facts(number) == ()
    cast.pass_time(4)
    assert len(cast.platform.escrow.facts(number)) == 1


def test_the_phase_follows_what_is_done(cast: Cast) -> None:
    escrow = cast.platform.escrow
    number = opened(cast, entrants=2)
    assert escrow.sessions() == number
    seen = [escrow.state(number).phase]
    cast.enter_all(number, 2)
    seen.append(escrow.state(number).phase)
    for step in (
        lambda: escrow.close(number),
        lambda: escrow.fix_seed(number),
        lambda: escrow.publish(number, Digest("c0" * 32)),
        lambda: escrow.draw(number),
    ):
        step()
        seen.append(escrow.state(number).phase)
    names = ("OPEN", "CLOSABLE", "SEEDING", "PLAYING", "DRAWING", "COMMITTING")
    assert seen == [EscrowPhase[name] for name in names]
    state = escrow.state(number)
    assert state.transcript == "c0" * 32
    assert state.entrants == 2
    assert len(state.judges) == 3
    assert 0 < state.deadline - cast.platform.clock.now() <= 60


def test_an_unknown_session_is_none(cast: Cast) -> None:
    escrow = cast.platform.escrow
    assert escrow.state(9_999).phase is EscrowPhase.NONE
    assert escrow.facts(9_999) == ()
    with pytest.raises(NotFound, match="Session 9999 does not exist"):
        escrow.opening(9_999)
    with pytest.raises(NotFound):
        escrow.close(9_999)


def test_one_key_opens_one_session(cast: Cast) -> None:
    space = space_of(Asset.ETH, 5, 4)
    first = cast.platform.escrow.open("the same", space, space.tiers[0])
    assert cast.platform.escrow.open("the same", space, space.tiers[0]) == first
    assert cast.platform.escrow.sessions() == first


def test_an_agent_pays_once_however_often_it_is_asked_to_enter(cast: Cast) -> None:
    number = opened(cast, Asset.USD, 1_000_000)
    entrant = cast.entrants[0]
    before = entrant.wallet.balance(Asset.USD)
    agent, payee = AgentId("a1" * 32), entrant.wallet.address
    transactions = {entrant.escrow.enter(number, agent, VERDICT, payee) for _ in range(3)}
    assert len(transactions) == 1
    assert before - entrant.wallet.balance(Asset.USD) == 1_000_000


def test_too_few_entrants_are_refunded_after_the_time(cast: Cast) -> None:
    escrow = cast.platform.escrow
    number = opened(cast, Asset.USD, 2_000_000)
    entrant = cast.entrants[0]
    before = entrant.wallet.balance(Asset.USD)
    cast.enter_all(number, 1)
    with pytest.raises(Conflict, match="is open now"):
        cast.entrants[1].escrow.close(number)
    cast.pass_time(61)
    assert escrow.state(number).phase is EscrowPhase.CLOSABLE
    cast.entrants[1].escrow.close(number)
    assert escrow.state(number).phase is EscrowPhase.CANCELLED
    cast.entrants[2].escrow.refund(number, 0)
    assert escrow.state(number).refunded == (0,)
    assert entrant.escrow.withdraw(Asset.USD) == 2_000_000
    assert entrant.wallet.balance(Asset.USD) == before
    last = escrow.facts(number, confirmed=False)[-2:]
    assert isinstance(last[0], Cancelled)
    assert last[0].reason == "too-few-entrants"
    assert isinstance(last[1], Refunded)
    assert last[1].amount == 2_000_000


def test_a_session_that_is_not_published_in_time_can_be_cancelled_by_anyone(cast: Cast) -> None:
    escrow = cast.platform.escrow
    number = opened(cast, entrants=2)
    cast.enter_all(number, 2)
    escrow.close(number)
    escrow.fix_seed(number)
    with pytest.raises(Conflict):
        cast.entrants[0].escrow.cancel(number)
    cast.pass_time(61)
    assert escrow.state(number).phase is EscrowPhase.CANCELLABLE
    cast.entrants[0].escrow.cancel(number)
    assert [escrow.refund(number, ticket) for ticket in (0, 1)] == [None, None]
    assert escrow.state(number).refunded == (0, 1)


def test_a_judge_that_stays_away_loses_stake_and_is_replaced(cast: Cast) -> None:
    escrow = cast.platform.escrow
    number = opened(cast)
    cast.enter_all(number, 4)
    panel = cast.play(number)
    absent = panel[2].wallet.address
    stake = cast.platform.vault.stake_of(Role.JUDGE, absent)
    commit_all(panel[:2], number, SCORES[:2])
    cast.pass_time(61)
    assert escrow.state(number).phase is EscrowPhase.REDRAWABLE
    escrow.redraw(number)
    escrow.draw(number)
    newcomer = cast.drawn(number)[2]
    assert newcomer.wallet.address != absent
    commit_all([newcomer], number, SCORES[2:])
    reveal_all([*panel[:2], newcomer], number, SCORES)
    finish(cast, number)
    (slash,) = settlement(cast, number).slashes
    assert (slash.node, slash.reason) == (absent, "no-show")
    assert slash.amount == stake * NO_SHOW_BPS // 10_000
    assert len(settlement(cast, number).judge_fees) == 3


def test_a_score_is_contested_and_the_appeal_lapses_where_no_panel_can_be_drawn(cast: Cast) -> None:
    escrow, appellant = cast.platform.escrow, cast.entrants[3]
    number = opened(cast, Asset.USD, 1_000_000)
    cast.enter_all(number, 4)
    judge_all(cast.play(number), number, SCORES)
    escrow.settle(number)
    assert appellant.escrow.appeal(number, 3) == 1_000_000
    before = escrow.credit_of(appellant.wallet.address, Asset.USD)
    cast.pass_time(6)
    assert escrow.state(number).phase is EscrowPhase.CONTESTED
    escrow.convene(number)
    state = escrow.state(number)
    assert (state.phase, state.round, state.contested) == (EscrowPhase.DRAWING, 1, (3,))
    with pytest.raises(Unavailable, match="more judges must stake"):
        escrow.draw(number)
    cast.pass_time(61)
    escrow.finalize(number)
    kinds = [type(fact) for fact in escrow.facts(number, confirmed=False)][-5:]
    assert kinds == [Scored, Appealed, Convened, AppealsLapsed, Settled]
    assert escrow.credit_of(appellant.wallet.address, Asset.USD) == before + 1_000_000


def test_a_judge_far_from_the_others_gets_no_fee_and_loses_a_little(cast: Cast) -> None:
    number = opened(cast)
    cast.enter_all(number, 4)
    panel = cast.play(number)
    stake = cast.platform.vault.stake_of(Role.JUDGE, panel[1].wallet.address)
    judge_all(panel, number, (SCORES[0], (0, 10_000, 0, 10_000), SCORES[2]))
    finish(cast, number)
    (slash,) = settlement(cast, number).slashes
    assert (slash.node, slash.reason) == (panel[1].wallet.address, "deviation")
    assert slash.amount == stake * DEVIATION_BPS // 10_000


def test_a_copied_commitment_cannot_be_revealed(cast: Cast) -> None:
    number = opened(cast)
    cast.enter_all(number, 4)
    honest, copier, third = cast.play(number)
    honest.escrow.commit(number, SCORES[0], VERDICT, SALT)
    facts = copier.escrow.facts(number, confirmed=False)
    seen = next(fact for fact in facts if isinstance(fact, Committed))
    copier.escrow.copy_commitment(number, seen.commitment)
    third.escrow.commit(number, SCORES[2], VERDICT, SALT)
    honest.escrow.reveal(number, SCORES[0], VERDICT, SALT)
    with pytest.raises(Rejected, match="not what this account committed to"):
        copier.escrow.reveal(number, SCORES[0], VERDICT, SALT)


def test_a_stranger_cannot_judge(cast: Cast) -> None:
    number = opened(cast)
    cast.enter_all(number, 4)
    cast.play(number)
    with pytest.raises(Rejected, match="was not drawn"):
        cast.entrants[0].escrow.commit(number, SCORES[0], VERDICT, SALT)


def test_judges_who_never_come_are_slashed_and_everybody_is_refunded(cast: Cast) -> None:
    escrow = cast.platform.escrow
    number = opened(cast)
    cast.enter_all(number, 4)
    panel = cast.play(number)
    cast.pass_time(61)
    escrow.redraw(number)  # one judge is left, too few for a panel
    cast.pass_time(61)
    assert escrow.state(number).phase is EscrowPhase.CANCELLABLE
    escrow.cancel(number)
    cancelled = next(f for f in escrow.facts(number, confirmed=False) if isinstance(f, Cancelled))
    assert cancelled.reason == "not-drawn"
    assert {slash.node for slash in cancelled.slashes} == {judge.wallet.address for judge in panel}
    escrow.refund(number, 3)
    assert cast.platform.escrow.credit_of(cast.entrants[3].wallet.address, Asset.ETH) >= Wei(10**15 + 7)


def test_judges_who_came_lose_nothing_where_nobody_replaces_the_one_who_did_not(cast: Cast) -> None:
    escrow = cast.platform.escrow
    number = opened(cast)
    cast.enter_all(number, 4)
    panel = cast.play(number)
    commit_all(panel[:2], number, SCORES[:2])
    cast.pass_time(61)
    escrow.redraw(number)
    cast.pass_time(61)
    escrow.cancel(number)
    cancelled = next(f for f in escrow.facts(number, confirmed=False) if isinstance(f, Cancelled))
    assert cancelled.reason == "not-drawn"
    assert [(slash.node, slash.reason) for slash in cancelled.slashes] == [(panel[2].wallet.address, "no-show")]


def test_an_expired_seed_is_drawn_anew(cast: Cast) -> None:
    escrow = cast.platform.escrow
    number = opened(cast, entrants=2, seconds=600)
    cast.enter_all(number, 2)
    escrow.close(number)
    cast.platform.chain.rpc.request("anvil_mine", hex(300))
    escrow.fix_seed(number)
    assert escrow.state(number).phase is EscrowPhase.PLAYING


def test_who_cannot_pay_is_told_so_and_pays_nothing(cast: Cast) -> None:
    make_rich(cast)
    number = opened(cast, Asset.USD, 10**12)
    entrant = cast.entrants[0]
    with pytest.raises(Rejected, match="of the 1000000000000 needed"):
        entrant.escrow.enter(number, AgentId("b2" * 32), VERDICT, entrant.wallet.address)
    expensive = opened(cast, Asset.ETH, 10**23)
    with pytest.raises(Rejected, match="too little ETH"):
        entrant.escrow.enter(expensive, AgentId("b2" * 32), VERDICT, entrant.wallet.address)
    assert cast.platform.escrow.state(expensive).entrants == 0
