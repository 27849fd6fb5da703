"""Enter an agent: into the open Session of its Space and tier, or a new one if there is none."""

from fraction.agents import snapshot_of
from fraction.app.advance_session import advance_session
from fraction.app.chain import EscrowPhase
from fraction.app.platform import Platform
from fraction.app.publish_space import find_space
from fraction.app.snapshots import keep_snapshot
from fraction.base import AgentId, NotFound, Rejected, SessionId
from fraction.sessions import Opened, Phase, Session, replay
from fraction.spaces import Space, Tier

JOB = "session"
"""The kind of the engine's jobs that move Sessions."""


def join_session(platform: Platform, agent_id: AgentId, space_id: str, tier_name: str) -> SessionId:
    """Pay the agent's fee from its owner's embedded account; return the Session it is in.

    Raises:
        NotFound: no such agent, Space or tier.
        Rejected: the owner cannot pay, or the chain refuses.
    """
    space = find_space(platform.records, space_id)
    tier = space.tier(tier_name)
    if tier is None:
        names = ", ".join(t.name for t in space.tiers)
        raise NotFound(f"{space.title} has no tier {tier_name!r}; it has {names}.")
    agent = platform.agents.get(agent_id)
    account = platform.account_of(agent.owner)
    snapshot = keep_snapshot(platform.records, snapshot_of(agent, space.id))
    session = _open_place(platform, space, tier, agent_id) or _open(platform, space, tier)
    balance = account.wallet.balance(tier.asset)
    if balance < tier.fee:
        raise Rejected(
            f"{agent.name}'s owner has {balance} of the smallest unit of {tier.asset.value} and the fee "
            f"is {tier.fee}; send some to {agent.owner} first."
        )
    account.escrow.enter(session.number, agent_id, snapshot, agent.owner)
    return session.session


def _open_place(platform: Platform, space: Space, tier: Tier, agent: AgentId) -> Opened | None:
    """Return an open Session of that Space and tier that still has a place for the agent."""
    for id in platform.logs.sessions():
        session = replay(platform.logs.read(id))
        if session.phase is Phase.OPEN and _fits(session, space, tier):
            facts = platform.own.escrow.facts(session.opened.number, confirmed=False)
            entered = {getattr(fact, "agent", None) for fact in facts}
            state = platform.own.escrow.state(session.opened.number)
            if agent not in entered and state.phase is EscrowPhase.OPEN:
                return session.opened
    return None


def _fits(session: Session, space: Space, tier: Tier) -> bool:
    return session.opened.space.digest() == space.digest() and session.opened.tier == tier.name


def _open(platform: Platform, space: Space, tier: Tier) -> Opened:
    """Open a Session on chain, begin its log, and start the job that moves it."""
    count = len(platform.logs.sessions())
    key = f"open/{space.id}/{space.version}/{tier.name}/{count}"
    number = platform.own.escrow.open(key, space, tier)
    opening = platform.own.escrow.opening(number)
    opened = Opened(
        session=SessionId(f"{platform.own.escrow.chain_id}-{number}"),
        number=number,
        space=space,
        tier=tier.name,
        escrow=platform.own.escrow.address,
        chain_id=platform.own.escrow.chain_id,
        opener=opening.opener,
        at=opening.at,
        fee_bps=opening.fee_bps,
        bond=opening.bond,
        transaction=opening.transaction,
    )
    platform.logs.append(opened.session, 0, [opened])
    platform.engine.start(JOB, opened.session)
    return opened


def resume_sessions(platform: Platform) -> None:
    """Start the job of every Session that is not over, in case a kill came before its first start."""
    for id in platform.logs.sessions():
        if not replay(platform.logs.read(id)).over:
            platform.engine.start(JOB, id)


def register_sessions(platform: Platform) -> None:
    """Tell the engine how Sessions move on."""
    platform.engine.register(JOB, lambda name: advance_session(platform, name))
