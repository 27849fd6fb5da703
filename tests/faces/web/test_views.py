"""What is told of agents, money, nodes and trainings follows from the logs."""

from dataclasses import replace

import pytest

from fraction.agents import create_agent, serve_adapter
from fraction.app.training_jobs import keep_job
from fraction.base import Address, AgentId, Digest, SpaceId, Wei
from fraction.faces.web.history import agent_history
from fraction.sessions import Cancelled, Entered, Event, Refunded, replay
from fraction_sdk import ApiError, Fraction
from tests.faces.memory_platform import MemoryPlatform, filled_platform, paid_log, training_job
from tests.sessions.logs import JUDGES, begun

WINNER, LOSER = AgentId(f"{2:064x}"), AgentId(f"{0:064x}")


def test_a_session_view_tells_what_the_log_tells(world: MemoryPlatform, client: Fraction) -> None:
    log = paid_log()
    view = client.session(world.keep_log(log))
    session = replay(log)
    assert view.phase == "settled"
    assert view.complete
    assert view.log_length == len(log)
    assert [e.snapshot_digest for e in view.entrants] == [e.snapshot.digest() for e in session.entrants]
    assert [s.ticket for s in view.standings] == [2, 1, 0]
    assert [s.place for s in view.standings] == [1, 2, 3]
    assert len(view.rounds) == session.opened.space.rounds
    marks = view.rounds[0].entries[2].scores
    assert [judge.score for judge in marks] == [3_000, 3_100, 3_200]
    assert view.settlement is not None
    assert view.standings[0].payout == view.settlement.payouts[2]


def test_standings_are_provisional_until_the_contract_has_settled(world: MemoryPlatform, client: Fraction) -> None:
    log = paid_log()
    one_reveal = next(n for n, event in enumerate(log) if event.kind == "revealed") + 1
    view = client.session(world.keep_log(log[:one_reveal]))
    assert all(standing.provisional and standing.median is not None for standing in view.standings)
    assert view.standings[0].payout is None


def test_tasks_of_rounds_to_come_are_not_told(world: MemoryPlatform, client: Fraction) -> None:
    log = paid_log()
    first_replies = next(n for n, event in enumerate(log) if event.kind == "replied") + 1
    assert len(client.session(world.keep_log(log[:first_replies])).rounds) == 1


def test_an_agents_history_counts_score_return_and_lost_points() -> None:
    (history,) = agent_history(WINNER, [replay(paid_log())])
    assert history.sessions == 1
    assert history.average == 3_100
    assert history.results[0].place == 1
    fee = int(history.returns[0].paid)
    assert int(history.returns[0].won) == fee * 3 * 9 // 10 // 2
    assert history.returns[0].roi_bps == 3_500
    assert {loss.criterion: loss.lost for loss in history.lost} == {
        "relevance": 2760,
        "engagement": 2070,
        "craft": 2070,
    }
    assert agent_history(AgentId("f" * 64), [replay(paid_log())]) == []


def test_the_leaderboard_goes_by_rating_and_claims_no_rank_that_chance_could_make(
    world: MemoryPlatform, client: Fraction
) -> None:
    log = paid_log()
    for event in log:
        if isinstance(event, Entered):
            snapshot = event.snapshot
            agent = create_agent(snapshot.owner, snapshot.name, "base", snapshot.prompt)
            world.platform.agents.keep(replace(agent, id=snapshot.agent))
    world.keep_log(log)
    rows = client.leaderboard()
    assert [(row.place, row.name, row.wins) for row in rows] == [
        (1, "agent 2", 1),
        (1, "agent 1", 0),
        (1, "agent 0", 0),
    ]
    assert rows[0].rating is not None
    assert rows[2].rating is not None
    assert rows[0].rating > 1_000 > rows[2].rating
    assert client.leaderboard("writing-tweets") == rows
    assert client.leaderboard("writing-code") == []


def test_the_books_balance_where_the_chain_holds_what_the_logs_say() -> None:
    world = filled_platform(paid_log())
    eth = next(asset for asset in world.backend.money().assets if asset.asset == "ETH")
    assert int(eth.fees) == int(eth.held) > 0
    assert int(eth.prizes) + int(eth.judge_fees) + int(eth.treasury) == int(eth.fees)
    assert eth.pending == eth.withdrawn == eth.refunds == "0"
    assert all(credit.expected == credit.on_chain for credit in eth.credits)


def test_a_cancelled_session_is_over_when_every_fee_is_back(world: MemoryPlatform, client: Fraction) -> None:
    cancelled = Cancelled(reason="nobody could be drawn", slashes=(), transaction="0xc")
    log: list[Event] = [*begun(), cancelled]
    session = world.keep_log(log)
    assert not client.session(session).over
    refunds = [Refunded(ticket=t, amount=Wei(8), transaction=f"0xr{t}") for t in range(3)]
    world.platform.logs.append(session, len(log), refunds)
    view = client.session(session)
    assert view.over
    assert [refund.ticket for refund in view.refunds] == [0, 1, 2]
    assert view.cancelled is not None


def test_nodes_tell_stake_earnings_and_work(world: MemoryPlatform, client: Fraction) -> None:
    world.keep_log(paid_log())
    nodes = client.nodes()
    assert [node.address for node in nodes] == list(JUDGES)
    assert all(node.jobs == 1 and node.earned[0].asset == "ETH" for node in nodes)
    records = [node.record for node in nodes if node.record is not None]
    assert [(record.drawn, record.answered.value) for record in records] == [(1, 1_000)] * len(JUDGES)


@pytest.fixture
def trained(world: MemoryPlatform) -> AgentId:
    """An agent whose second adapter serves in Writing Tweets."""
    agent = create_agent(Address("0x" + "1" * 40), "learner", "base", "write")
    keep_job(world.platform.records, training_job(agent.id))
    world.platform.agents.keep(serve_adapter(agent, SpaceId("writing-tweets"), Digest("2" * 64)))
    return agent.id


def test_a_training_tells_nodes_curve_and_comparison(trained: AgentId, client: Fraction) -> None:
    view = client.training("one")
    assert view.over
    assert view.agent_name == "learner"
    assert view.nodes[0].first_difference == 7
    assert view.comparison is not None
    assert (view.comparison.low, view.comparison.promoted) == (400, True)
    assert client.trainings() == [view]


def test_rolling_back_serves_what_served_before(trained: AgentId, client: Fraction) -> None:
    assert [a.digest for a in client.rollback(trained, "writing-tweets").adapters] == ["1" * 64]
    assert client.rollback(trained, "writing-tweets").adapters == []
    with pytest.raises(ApiError, match="nothing to roll back"):
        client.rollback(trained, "writing-tweets")


def test_receipts_tell_every_unit_with_its_reason_and_transaction(world: MemoryPlatform, client: Fraction) -> None:
    session = world.keep_log(paid_log())
    receipts = client.receipts()
    fees = -sum(int(r.amount) for r in receipts if r.what == "entry fee")
    view = client.session(session)
    assert view.settlement is not None
    paid = sum(int(r.amount) for r in receipts if r.what in ("prize", "judge's fee"))
    assert paid + int(view.settlement.treasury) == fees == int(view.pot)
    assert all(r.reason and r.transaction and r.session == session for r in receipts)
    assert {r.what for r in client.receipts(WINNER)} == {"entry fee", "prize"}
    assert client.receipts("nobody") == []
