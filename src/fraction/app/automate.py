"""Automation: an agent enters Sessions by itself, within limits that its owner set.

rule ──▶ job: wait ─ enter ─ wait … ─▶ stopped, with the reason
         (never more at once than `parallel`, never beyond `max_sessions`, stop-loss or take-profit)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from fraction.app.house import House, play_now
from fraction.app.join_session import join_session
from fraction.app.platform import Platform
from fraction.app.ports import Progress
from fraction.app.publish_space import find_space
from fraction.base import AgentId, Instant, NotFound, Rejected, SpaceId
from fraction.sessions import Phase, Session, replay

JOB = "automation"
"""The kind of the engine's jobs that enter agents."""

MOST_SESSIONS = 1_000
MOST_PARALLEL = 10

_KIND = "automation"
_POLL = Progress(done=False, wait_seconds=2)
_DONE = Progress(done=True, wait_seconds=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Automation:
    """What an agent may do by itself."""

    agent: AgentId
    space: SpaceId
    tier: str
    max_sessions: int
    stop_loss: int | None
    """Stop when so much is lost, in the tier's smallest unit."""
    take_profit: int | None
    """Stop when so much is won."""
    parallel: int
    begun_at: Instant
    stopped: str = ""
    """Why it stopped; empty while it goes on."""


_RULES: TypeAdapter[Automation] = TypeAdapter(Automation)


@dataclass(frozen=True, slots=True)
class Tally:
    """What an automation has done so far."""

    sessions: int
    running: int
    profit: int
    """Payouts and refunds minus fees, those of running Sessions counted as spent."""


def begin_automation(platform: Platform, rule: Automation) -> None:
    """Let the agent play by `rule`, in place of the rule before.

    Raises:
        NotFound: there is no such Space or tier.
        Rejected: a limit is out of its range.
    """
    if find_space(platform.records, rule.space).tier(rule.tier) is None:
        raise NotFound(f"{rule.space} has no tier {rule.tier!r}.")
    if not 1 <= rule.max_sessions <= MOST_SESSIONS or not 1 <= rule.parallel <= MOST_PARALLEL:
        raise Rejected(f"Choose 1 to {MOST_SESSIONS} Sessions, and 1 to {MOST_PARALLEL} at once.")
    if min(rule.stop_loss or 1, rule.take_profit or 1) < 1:
        raise Rejected("Stop-loss and take-profit are amounts above zero, or left out.")
    stop_automation(platform, rule.agent)
    name = f"{rule.agent}-{len(_names(platform, rule.agent)) + 1}"
    _keep(platform, name, rule)
    platform.engine.start(JOB, name)


def stop_automation(platform: Platform, agent: AgentId) -> None:
    """Let the agent enter no more by itself; Sessions that it is in go on."""
    for name in _names(platform, agent)[-1:]:
        rule = _RULES.validate_python(platform.records.get(_KIND, name))
        if not rule.stopped:
            _keep(platform, name, replace(rule, stopped="its owner stopped it"))


def automation_of(platform: Platform, agent: AgentId) -> Automation | None:
    """Return the agent's latest rule, if it ever had one."""
    names = _names(platform, agent)
    return _RULES.validate_python(platform.records.get(_KIND, names[-1])) if names else None


def tally(rule: Automation, sessions: Iterable[Session]) -> Tally:
    """Return what has come of `rule`, from all Sessions."""
    played = running = profit = 0
    for session in sessions:
        ticket = next((e.ticket for e in session.entrants if e.snapshot.agent == rule.agent), None)
        opened = session.opened
        if ticket is None or opened.at < rule.begun_at or (opened.space.id, opened.tier) != (rule.space, rule.tier):
            continue
        tier = opened.space.tier(opened.tier)
        played, running = played + 1, running + (not session.over)
        profit -= tier.fee if tier is not None else 0
        profit += session.settled.payouts[ticket] if session.settled is not None else 0
        profit += sum(refund.amount for refund in session.refunds if refund.ticket == ticket)
    return Tally(played, running, profit)


def reason_to_stop(rule: Automation, so_far: Tally) -> str:
    """Return why `rule` is over; empty if it is not."""
    if rule.stop_loss is not None and -so_far.profit >= rule.stop_loss:
        return "the stop-loss is reached"
    if rule.take_profit is not None and so_far.profit >= rule.take_profit:
        return "the take-profit is reached"
    return "it has played as many Sessions as it was to" if so_far.sessions >= rule.max_sessions else ""


def register_automation(house: House) -> None:
    """Tell the engine how agents enter by themselves."""
    house.platform.engine.register(JOB, lambda name: _advance(house, name))


def _advance(house: House, name: str) -> Progress:
    platform = house.platform
    rule = _RULES.validate_python(platform.records.get(_KIND, name))
    if rule.stopped:
        return _DONE
    so_far = tally(rule, _sessions(platform))
    reason = reason_to_stop(rule, so_far)
    if not reason and so_far.running < rule.parallel and not _awaits_entry(platform, rule):
        reason = _enter(house, rule)
    if reason:
        _keep(platform, name, replace(rule, stopped=reason))
    return _DONE if reason else _POLL


def _enter(house: House, rule: Automation) -> str:
    """Enter once more; return why that cannot be, empty if it was done."""
    tier = find_space(house.platform.records, rule.space).tier(rule.tier)
    try:
        if tier is not None and tier.fee == 0:
            play_now(house, rule.agent, rule.space)
        else:
            join_session(house.platform, rule.agent, rule.space, rule.tier)
    except Rejected as refusal:
        return str(refusal)
    return ""


def _awaits_entry(platform: Platform, rule: Automation) -> bool:
    """Return whether an entry of the agent is on chain but not yet in the log, where `tally` cannot see it."""
    for session in _sessions(platform):
        opened = session.opened
        if session.phase is Phase.OPEN and (opened.space.id, opened.tier) == (rule.space, rule.tier):
            facts = platform.own.escrow.facts(opened.number, confirmed=False)
            known = {entrant.snapshot.agent for entrant in session.entrants}
            if rule.agent in {getattr(fact, "agent", None) for fact in facts} - known:
                return True
    return False


def _sessions(platform: Platform) -> Sequence[Session]:
    return [replay(platform.logs.read(id)) for id in platform.logs.sessions()]


def _names(platform: Platform, agent: AgentId) -> list[str]:
    return [name for name in platform.records.names(_KIND) if name.startswith(f"{agent}-")]


def _keep(platform: Platform, name: str, rule: Automation) -> None:
    platform.records.keep(_KIND, name, _RULES.dump_python(rule, mode="json"))
