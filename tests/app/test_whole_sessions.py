"""Whole Sessions on a real chain: who plays, is judged, paid, caught, and what anyone can check afterwards."""

import json
from dataclasses import replace
from itertools import count

import pytest

from fraction.app import judge_node
from fraction.app.advance_session import advance_session
from fraction.app.appeal_score import appeal_score
from fraction.app.chain import EscrowPhase, Role
from fraction.app.cheats import Cheat, Conduct
from fraction.app.emissions import claim_all, earnings
from fraction.app.join_session import join_session
from fraction.app.make_bundle import make_bundle
from fraction.app.publish_space import find_space, publish_space
from fraction.app.replay_bundle import replay_bundle
from fraction.base import AgentId, Conflict, NotFound, Rejected, SessionId, canonical_json
from fraction.economy import Group
from fraction.sessions import Committed, Phase, Session
from fraction.spaces import Asset, Panel, Space
from tests.adapters.ethereum.cast import Cast
from tests.app.small_world import SmallWorld, small_world, stake_of
from tests.sessions.logs import space

pytestmark = pytest.mark.chain


VERSIONS = count(1)


def quick(name: str, entrants: int = 4) -> Space:
    """Return a Space of the catalogue that is full with `entrants`; a version of its own, as the chain is shared."""
    return replace(space(name), version=next(VERSIONS), max_entrants=entrants, rounds=3)


@pytest.fixture
def world(cast: Cast) -> SmallWorld:
    return small_world(cast, [quick("writing-tweets"), quick("writing-code"), quick("playing-games")])


@pytest.mark.parametrize("name", ["writing-tweets", "writing-code", "playing-games"])
def test_a_session_is_played_judged_paid_and_replays(world: SmallWorld, name: str) -> None:
    id = world.play(world.agents(4), name)
    session = world.session(id)
    assert session.phase is Phase.SETTLED
    assert session.settled is not None
    paid = sum(session.settled.payouts) + sum(f.amount for f in session.settled.judge_fees) + session.settled.treasury
    assert paid == 4 * 800_000_000_000_000
    assert len(session.sheets) == len(session.reveals) == 3
    report = replay_bundle(make_bundle(world.platform, id), world.platform.own.escrow)
    assert (report.differences, report.compared_with_chain) == ((), True)


def test_fees_in_the_stablecoin_are_paid_out_in_the_stablecoin(world: SmallWorld) -> None:
    escrow = world.platform.own.escrow
    opener = world.platform.own.wallet.address

    def others() -> int:
        return escrow.held(Asset.USD) - escrow.credit_of(opener, Asset.USD)

    before = others()
    id = world.play(world.agents(4), "writing-tweets", "usd")
    settled = world.session(id).settled
    assert settled is not None
    assert world.session(id).opened.bond == 4 * 2_000_000
    assert others() - before == 8_000_000 == sum(settled.payouts) + 2 * 400_000
    winner = world.session(id).entrants[settled.payouts.index(max(settled.payouts))]
    account = world.platform.account_of(winner.payee)
    owed = escrow.credit_of(winner.payee, Asset.USD)
    assert owed >= max(settled.payouts)
    assert account.escrow.withdraw(Asset.USD) == owed
    assert escrow.credit_of(winner.payee, Asset.USD) == 0


def test_every_entrant_earns_a_point(world: SmallWorld) -> None:
    agents = world.agents(4)
    escrow = world.platform.own.escrow
    before = [escrow.points_of(agent) for agent in agents]
    world.play(agents, "writing-tweets")
    assert [escrow.points_of(agent) - old for agent, old in zip(agents, before, strict=True)] == [1] * 4


def test_paid_work_is_recorded_and_its_frac_can_be_claimed_when_the_month_is_over(world: SmallWorld) -> None:
    emissions, agents = world.platform.own.emissions, world.agents(4)
    id = world.play(agents, "writing-tweets")
    session, month = world.session(id), emissions.month()
    world.cast.pass_time(3_600)
    judges = [reveal.judge for reveal in session.reveals]
    for group, accounts in {
        Group.BUILDER: [entrant.payee for entrant in session.entrants],
        Group.CREATOR: [world.platform.own.wallet.address],
        Group.EVALUATOR: judges,
    }.items():
        for account in accounts:
            due = earnings(emissions, account)
            assert (month, group) in {(one.month, one.group) for one in due}
            assert claim_all(emissions, account) == sum(one.amount for one in due) > 0
            assert claim_all(emissions, account) == 0


def test_a_bribed_judge_moves_nobody_and_loses_its_fee_and_stake(cast: Cast) -> None:
    world = small_world(cast, [quick("writing-tweets")])
    agents = world.agents(4)
    bribed = cast.judges[0].wallet.address
    world.judges[bribed].conduct = Conduct(Cheat.BRIBED, agents[0])
    session = _until_drawn(world, agents, bribed)
    settled = session.settled
    assert settled is not None
    reveal = next(r for r in session.reveals if r.judge == bribed)
    assert max(reveal.scores) == 10_000
    assert settled.medians[0] < 10_000
    assert bribed not in {fee.account for fee in settled.judge_fees if fee.amount}
    assert [(s.node, s.reason) for s in settled.slashes] == [(bribed, "deviation")]


def test_a_judge_that_does_not_show_up_is_slashed_and_replaced(cast: Cast) -> None:
    world = small_world(cast, [quick("writing-tweets")])
    sleeper = cast.judges[1].wallet.address
    world.judges[sleeper].conduct = Conduct(Cheat.NO_SHOW)
    stake = stake_of(world, Role.JUDGE, sleeper)
    session = _until_drawn(world, world.agents(4), sleeper)
    assert session.phase is Phase.SETTLED
    assert session.settled is not None
    assert [(s.node, s.reason) for s in session.settled.slashes] == [(sleeper, "no-show")]
    assert stake_of(world, Role.JUDGE, sleeper) == stake - session.settled.slashes[0].amount < stake
    assert len(session.judges) == 4
    assert len(session.reveals) == 3


def test_a_copied_commitment_cannot_be_revealed(cast: Cast) -> None:
    world = small_world(cast, [quick("writing-tweets")])
    copier = cast.judges[2].wallet.address
    world.judges[copier].conduct = Conduct(Cheat.COPY)
    session = _until_drawn(world, world.agents(4), copier)
    log = world.platform.logs.read(session.opened.session)
    commitments = {e.judge: e.commitment for e in log if isinstance(e, Committed)}
    assert list(commitments.values()).count(commitments[copier]) == 2
    assert copier not in {reveal.judge for reveal in session.reveals}
    assert session.settled is not None
    assert (copier, "no-show") in [(s.node, s.reason) for s in session.settled.slashes]


def test_a_bribed_judge_is_overruled_on_appeal_and_everything_replays(cast: Cast) -> None:
    rules = replace(quick("writing-tweets"), panel=Panel(judges=1, quorum=1, tolerance=500))
    world = small_world(cast, [rules])
    agents = world.agents(4)
    (id,) = {join_session(world.platform, agent, "writing-tweets", "eth") for agent in agents}
    _step_until(world, id, EscrowPhase.COMMITTING)
    with pytest.raises(Conflict, match="cannot be contested now"):
        appeal_score(world.platform, id, agents[0])
    (bribed,) = world.platform.own.escrow.state(world.session(id).opened.number).judges
    world.judges[bribed].conduct = Conduct(Cheat.BRIBED, agents[0])
    _step_until(world, id, EscrowPhase.APPEALABLE)
    assert appeal_score(world.platform, id, agents[0]) == 800_000_000_000_000
    session = world.session(world.run(id))
    (appeal,) = session.appeals
    assert (appeal.outcome, len(session.appeal_reveals)) == ("upheld", 3)
    assert session.scored is not None
    assert session.settled is not None
    assert session.scored.medians[0] == 10_000 > session.settled.medians[0] == appeal.score
    assert [(s.node, s.reason) for s in session.settled.slashes] == [(bribed, "deviation")]
    report = replay_bundle(make_bundle(world.platform, id), world.platform.own.escrow)
    assert (report.differences, report.compared_with_chain) == ((), True)


def _step_until(world: SmallWorld, id: SessionId, phase: EscrowPhase) -> None:
    """Let everybody act, a second at a time, until the platform finds the Session in that phase on chain."""
    for _ in range(60):
        advance_session(world.platform, id)
        if world.platform.own.escrow.state(world.session(id).opened.number).phase is phase:
            return
        for judge in world.judges.values():
            judge_node.look(judge)
        world.cast.pass_time(1)
    raise AssertionError(f"Session {id} is never {phase.value}")


def _until_drawn(world: SmallWorld, agents: list[AgentId], judge: str) -> Session:
    """Play until a Session draws that judge; return the Session."""
    for _ in range(12):
        session = world.session(world.play(agents, "writing-tweets"))
        if judge in session.judges:
            return session
    raise AssertionError("the judge was never drawn")


def test_without_the_platform_the_judges_settle(world: SmallWorld) -> None:
    agents = world.agents(4)
    (id,) = {join_session(world.platform, agent, "writing-tweets", "eth") for agent in agents}
    while world.session(id).phase is not Phase.JUDGING:
        advance_session(world.platform, id)
        world.cast.pass_time(2)
    for _ in range(30):  # the platform does nothing from here on
        for judge in world.judges.values():
            judge_node.look(judge)
        world.cast.pass_time(4)
    number = world.session(id).opened.number
    assert world.platform.own.escrow.state(number).phase.value == "settled"


def test_too_few_entrants_get_their_fees_back(world: SmallWorld) -> None:
    (agent,) = world.agents(1)
    id = join_session(world.platform, agent, "writing-tweets", "eth")
    world.cast.pass_time(60)
    world.run(id)
    session = world.session(id)
    assert session.phase is Phase.CANCELLED
    assert [r.amount for r in session.refunds] == [800_000_000_000_000]


def test_a_platform_that_never_publishes_loses_the_session_and_nobody_their_fee(world: SmallWorld) -> None:
    agents = world.agents(4)
    (id,) = {join_session(world.platform, agent, "writing-tweets", "eth") for agent in agents}
    number = world.session(id).opened.number
    stranger = world.cast.judges[0].escrow
    stranger.close(number)
    stranger.fix_seed(number)
    world.cast.pass_time(601)
    stranger.cancel(number)
    world.run(id)
    session = world.session(id)
    assert session.phase is Phase.CANCELLED
    assert len(session.refunds) == 4


def test_an_agent_enters_a_session_once_and_the_next_one_is_opened_for_it(world: SmallWorld) -> None:
    (agent,) = world.agents(1)
    first = join_session(world.platform, agent, "writing-tweets", "eth")
    second = join_session(world.platform, agent, "writing-tweets", "eth")
    assert first != second


def test_tiers_and_spaces_have_queues_of_their_own(world: SmallWorld) -> None:
    one, two, three = world.agents(3)
    ids = {
        join_session(world.platform, one, "writing-tweets", "eth"),
        join_session(world.platform, two, "writing-tweets", "usd"),
        join_session(world.platform, three, "writing-code", "eth"),
    }
    assert len(ids) == 3


@pytest.mark.parametrize(("space_id", "tier"), [("writing-poems", "eth"), ("writing-tweets", "gold")])
def test_what_is_not_there_is_said(world: SmallWorld, space_id: str, tier: str) -> None:
    (agent,) = world.agents(1)
    with pytest.raises(NotFound):
        join_session(world.platform, agent, space_id, tier)


def test_published_rules_do_not_change(world: SmallWorld) -> None:
    published = find_space(world.platform.records, "writing-tweets")
    changed = replace(published, goal="Something else entirely.")
    with pytest.raises(Conflict):
        publish_space(world.platform.records, world.platform.blobs, changed)


def tampered(bundle: bytes, old: str, new: str) -> bytes:
    text = bundle.decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def test_a_tampered_bundle_is_found_out(world: SmallWorld) -> None:
    id = world.play(world.agents(4), "writing-tweets")
    bundle = make_bundle(world.platform, id)
    escrow = world.platform.own.escrow
    session = world.session(id)
    assert session.settled is not None
    reply = session.replies[0].text
    for forged in (
        tampered(bundle, f'"text":{json.dumps(reply)}', '"text":"a better reply"'),
        tampered(bundle, f'"treasury":{session.settled.treasury}', f'"treasury":{session.settled.treasury + 1}'),
        tampered(bundle, f'"medians":[{session.settled.medians[0]}', f'"medians":[{session.settled.medians[0] + 1}'),
    ):
        assert replay_bundle(forged, escrow).differences
        assert replay_bundle(forged, None).differences
    seed = tampered(bundle, f'"seed":"{session.seed}"', f'"seed":"{"0" * 64}"')
    assert replay_bundle(seed, None).differences


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"format":"other","log":[]}', canonical_json({"log": [1]})])
def test_a_file_that_is_no_bundle_is_refused(payload: bytes) -> None:
    with pytest.raises(Rejected):
        replay_bundle(payload, None)


def test_a_session_of_another_world_is_unknown(world: SmallWorld) -> None:
    with pytest.raises(NotFound):
        make_bundle(world.platform, SessionId("1-1"))
