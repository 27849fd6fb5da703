"""Automation within its limits, and the coach's advice: pure parts over real logs."""

from dataclasses import replace

import pytest

from fraction.agents import create_agent
from fraction.app.automate import Automation, Tally, reason_to_stop, tally
from fraction.app.coach import advise
from fraction.base import AgentId, Instant, Rejected, SpaceId
from fraction.sessions import replay
from tests.faces.memory_platform import paid_log
from tests.sessions.logs import begun

LOSER, WINNER = AgentId(f"{0:064x}"), AgentId(f"{2:064x}")


def rule(agent: AgentId = WINNER, /, **changes: int | None) -> Automation:
    whole = Automation(
        agent=agent,
        space=SpaceId("writing-tweets"),
        tier="eth",
        max_sessions=3,
        stop_loss=None,
        take_profit=None,
        parallel=1,
        begun_at=Instant(0),
    )
    return replace(whole, **changes)  # pyright: ignore[reportArgumentType]


def test_a_tally_counts_fees_payouts_and_what_still_runs() -> None:
    over, running = replay(paid_log()), replay(begun())
    fee = next(tier.fee for tier in over.opened.space.tiers if tier.name == "eth")
    won = 3 * fee * 9 // 10 // 2
    assert tally(rule(), [over, running]) == Tally(2, 1, won - 2 * fee)
    assert tally(rule(AgentId("f" * 64)), [over]) == Tally(0, 0, 0)
    assert tally(rule(begun_at=2_000), [over]) == Tally(0, 0, 0)


@pytest.mark.parametrize(
    ("limits", "so_far", "reason"),
    [
        ({}, Tally(2, 0, 0), ""),
        ({}, Tally(3, 1, 0), "as many Sessions"),
        ({"stop_loss": 5}, Tally(1, 0, -5), "stop-loss"),
        ({"stop_loss": 5}, Tally(1, 0, -4), ""),
        ({"take_profit": 5}, Tally(1, 0, 5), "take-profit"),
        ({"take_profit": 5}, Tally(1, 0, 4), ""),
    ],
)
def test_it_stops_at_each_limit_and_not_before(limits: dict[str, int], so_far: Tally, reason: str) -> None:
    found = reason_to_stop(rule(**limits), so_far)
    assert reason in found
    assert bool(found) == bool(reason)


def test_the_coach_names_what_cost_most_in_the_judges_words() -> None:
    session = replay(paid_log())
    snapshot = session.entrants[0].snapshot
    agent = replace(create_agent(snapshot.owner, snapshot.name, "base", "Write."), id=LOSER)
    advice = advise(agent, session)
    assert advice.criterion == "relevance"
    assert advice.lost == 3_560
    assert {quote.reason for quote in advice.quotes} == {"as it is"}
    assert advice.prompt.startswith("Write. Before you answer, check: Does the post keep to the topic")


def test_the_coach_says_when_there_is_nothing_to_go_by() -> None:
    agent = create_agent(replay(begun()).entrants[0].snapshot.owner, "a", "base", "Write.")
    with pytest.raises(Rejected, match="No judge has written"):
        advise(agent, replay(begun()))
