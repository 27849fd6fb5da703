"""Automation and coaching in the words of the wire."""

from fraction.agents import Agent
from fraction.app.automate import Automation, automation_of, begin_automation, stop_automation, tally
from fraction.app.coach import advise, try_prompt
from fraction.app.platform import Platform
from fraction.base import AgentId, NotFound, Rejected, SpaceId
from fraction.faces.web.session_view import mark_view
from fraction.sessions import Session
from fraction.spaces import Asset
from fraction_sdk.wire import AutomationRequest, AutomationView, CoachRequest, CoachView, TrialView


def automation_view(platform: Platform, agent: AgentId, sessions: list[Session]) -> AutomationView | None:
    """Return what `agent` does by itself and what has come of it; None if it never did."""
    rule = automation_of(platform, agent)
    return None if rule is None else _view(rule, sessions)


def automate(platform: Platform, agent: AgentId, request: AutomationRequest) -> AutomationView:
    """Let `agent` play by the rule that is asked for."""
    rule = Automation(
        agent=agent,
        space=SpaceId(request.space),
        tier=request.tier,
        max_sessions=request.max_sessions,
        stop_loss=None if request.stop_loss is None else int(request.stop_loss),
        take_profit=None if request.take_profit is None else int(request.take_profit),
        parallel=request.parallel,
        begun_at=platform.clock.now(),
    )
    begin_automation(platform, rule)
    return _view(rule, [])


def halt(platform: Platform, agent: AgentId, sessions: list[Session]) -> AutomationView:
    """Let `agent` enter no more by itself; raise NotFound if it never did."""
    stop_automation(platform, agent)
    view = automation_view(platform, agent, sessions)
    if view is None:
        raise NotFound("That agent was never automated.")
    return view


def coach(platform: Platform, agent: Agent, sessions: list[Session], request: CoachRequest) -> CoachView:
    """Return advice after the agent's last judged Session in a Space, with a prompt tried on that Session's tasks."""
    judged = [
        s
        for s in sessions
        if s.opened.space.id == request.space and s.sheets and agent.id in {e.snapshot.agent for e in s.entrants}
    ]
    if not judged:
        raise Rejected(f"{agent.name} has no judged Session there yet; play one, then ask the coach.")
    advice = advise(agent, judged[-1])
    prompt = request.prompt or advice.prompt
    trials = try_prompt(platform.gate, agent, judged[-1], prompt)
    return CoachView(
        session=advice.session,
        criterion=advice.criterion,
        lost=advice.lost,
        quotes=[mark_view(mark) for mark in advice.quotes],
        prompt=prompt,
        trials=[
            TrialView(task=t.task, old=t.old, new=t.new, old_score=t.old_score, new_score=t.new_score) for t in trials
        ],
        before=sum(trial.old_score for trial in trials) // len(trials),
        after=sum(trial.new_score for trial in trials) // len(trials),
    )


def _view(rule: Automation, sessions: list[Session]) -> AutomationView:
    so_far = tally(rule, sessions)
    tiers = (s.opened.space.tier(rule.tier) for s in sessions if s.opened.space.id == rule.space)
    asset = next((tier.asset for tier in tiers if tier is not None), Asset.ETH)
    return AutomationView(
        agent=rule.agent,
        space=rule.space,
        tier=rule.tier,
        max_sessions=rule.max_sessions,
        stop_loss=None if rule.stop_loss is None else str(rule.stop_loss),
        take_profit=None if rule.take_profit is None else str(rule.take_profit),
        parallel=rule.parallel,
        stopped=rule.stopped or None,
        sessions=so_far.sessions,
        running=so_far.running,
        profit=str(so_far.profit),
        asset=asset.value,
        decimals=asset.decimals,
    )
