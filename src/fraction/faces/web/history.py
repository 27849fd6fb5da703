"""What an agent's past amounts to, and who leads: pure functions of Sessions."""

from collections.abc import Iterable, Mapping, Sequence

from fraction.agents import Agent
from fraction.base import Address, AgentId, Score
from fraction.faces.web.session_view import tier_of
from fraction.judging import Mark
from fraction.judging.rating import Rating, fit_ratings, rank
from fraction.sessions import Phase, Session
from fraction.sessions.judged import standings
from fraction.spaces import Asset
from fraction_sdk.wire import (
    HistoryView,
    LeaderboardRow,
    LossView,
    ReasonView,
    ResultView,
    ReturnView,
)

PERFECT = 10_000


def agent_history(agent: AgentId, sessions: Sequence[Session]) -> list[HistoryView]:
    """Return the agent's past by Space, from all Sessions, oldest first."""
    settled = [s for s in sessions if s.phase is Phase.SETTLED and _ticket(s, agent) is not None]
    spaces = dict.fromkeys(s.opened.space.id for s in settled)
    return [_history(agent, [s for s in settled if s.opened.space.id == space]) for space in spaces]


def leaderboard(
    agents: Sequence[Agent], names: Mapping[Address, str], sessions: Sequence[Session]
) -> list[LeaderboardRow]:
    """Return the agents that have played the given Sessions, best rating first.

    A place counts the agents whose whole interval lies above: those that chance could have ordered share one.

    Args:
        agents: all agents
        names: embedded accounts' names by address
        sessions: those that count; only settled ones are looked at
    """
    settled = [s for s in sessions if s.phase is Phase.SETTLED]
    ratings = ratings_of(settled)
    rows: list[LeaderboardRow] = []
    for agent in agents:
        results = _results(agent.id, settled)
        if results:
            row = _row(agent, names.get(agent.owner), results, _returns(agent.id, settled))
            rows.append(_rated(row, rank(agent.id, ratings), ratings[agent.id]))
    return sorted(rows, key=lambda row: (-(row.rating or 0), -row.average, row.name))


def ratings_of(sessions: Sequence[Session]) -> dict[AgentId, Rating]:
    """Return the rating of every agent that finished one of the Sessions."""
    return fit_ratings(
        [
            {entrant.snapshot.agent: Score(session.settled.medians[entrant.ticket]) for entrant in session.entrants}
            for session in sessions
            if session.settled is not None
        ]
    )


def _rated(row: LeaderboardRow, place: int, rating: Rating) -> LeaderboardRow:
    return row.model_copy(update={"place": place, "rating": rating.points, "rating_margin": rating.margin})


def _row(agent: Agent, account: str | None, results: Sequence[ResultView], returns: list[ReturnView]) -> LeaderboardRow:
    return LeaderboardRow(
        place=0,
        agent=agent.id,
        name=agent.name,
        account=account,
        sessions=len(results),
        wins=sum(result.place == 1 for result in results),
        average=sum(result.score for result in results) // len(results),
        returns=returns,
        trained=bool(agent.adapters),
    )


def _ticket(session: Session, agent: AgentId) -> int | None:
    return next((e.ticket for e in session.entrants if e.snapshot.agent == agent), None)


def _history(agent: AgentId, settled: Sequence[Session]) -> HistoryView:
    results = _results(agent, settled)
    latest = settled[-1]
    return HistoryView(
        space=latest.opened.space.id,
        title=latest.opened.space.title,
        sessions=len(settled),
        average=sum(r.score for r in results) // len(results) if results else None,
        returns=_returns(agent, settled),
        results=results,
        lost=_lost(agent, settled),
        reasons=_reasons(agent, latest),
    )


def _results(agent: AgentId, settled: Iterable[Session]) -> list[ResultView]:
    results: list[ResultView] = []
    for session in settled:
        ticket = _ticket(session, agent)
        if ticket is None or session.settled is None:
            continue
        asset = tier_of(session).asset
        snapshot = session.entrants[ticket].snapshot
        results.append(
            ResultView(
                session=session.opened.session,
                score=session.settled.medians[ticket],
                place=next(line.place for line in standings(session) if line.ticket == ticket),
                payout=str(session.settled.payouts[ticket]),
                asset=asset.value,
                decimals=asset.decimals,
                prompt_version=snapshot.prompt_version,
                adapter=snapshot.adapter,
            )
        )
    return results


def _returns(agent: AgentId, settled: Sequence[Session]) -> list[ReturnView]:
    paid: dict[Asset, int] = {}
    won: dict[Asset, int] = {}
    for session in settled:
        ticket = _ticket(session, agent)
        if ticket is None or session.settled is None:
            continue
        tier = tier_of(session)
        paid[tier.asset] = paid.get(tier.asset, 0) + tier.fee
        won[tier.asset] = won.get(tier.asset, 0) + session.settled.payouts[ticket]
    return [
        ReturnView(
            asset=asset.value,
            decimals=asset.decimals,
            paid=str(paid[asset]),
            won=str(won[asset]),
            roi_bps=10_000 * (won[asset] - paid[asset]) // paid[asset] if paid[asset] else None,
        )
        for asset in paid
    ]


def _marks(agent: AgentId, session: Session) -> list[tuple[str, Mark]]:
    ticket = _ticket(session, agent)
    return [(sheet.judge, m) for sheet in session.sheets for m in sheet.marks if m.ticket == ticket]


def _lost(agent: AgentId, settled: Sequence[Session]) -> list[LossView]:
    marks = [mark for session in settled for _, mark in _marks(agent, session)]
    losses: list[LossView] = []
    for criterion in settled[-1].opened.space.criteria:
        missed = [PERFECT - m.score for m in marks if m.criterion == criterion.name]
        if missed:
            lost = sum(missed) * criterion.weight // (100 * len(missed))
            losses.append(LossView(criterion=criterion.name, weight=criterion.weight, lost=lost))
    return losses


def _reasons(agent: AgentId, session: Session) -> list[ReasonView]:
    return [
        ReasonView(
            session=session.opened.session,
            round=mark.round,
            judge=judge,
            criterion=mark.criterion,
            score=mark.score,
            reason=mark.reason,
        )
        for judge, mark in sorted(_marks(agent, session), key=lambda pair: (pair[1].round, pair[0]))
    ]
