"""Contest a score: a player stakes a bond on it that a fresh, larger panel will say otherwise."""

from fraction.app.chain import EscrowPhase
from fraction.app.platform import Platform
from fraction.base import AgentId, Conflict, NotFound, SessionId, Wei
from fraction.sessions import Session, replay


def appeal_score(platform: Platform, session_id: SessionId, agent_id: AgentId) -> Wei:
    """Pay the bond for `agent_id`'s score in a Session from its owner's embedded account; return the bond.

    The bond comes back if the appeal is upheld, or finds no panel; it goes to the panel if the appeal is denied.

    Raises:
        NotFound: no such Session or agent, or the agent did not play in it.
        Conflict: the Session's scores cannot be contested now.
        Rejected: the owner cannot pay, or the chain refuses.
    """
    session = replay(platform.logs.read(session_id))
    ticket = _ticket_of(session, agent_id)
    number = session.opened.number
    phase = platform.own.escrow.state(number).phase
    if phase is not EscrowPhase.APPEALABLE:
        raise Conflict(
            f"The scores of Session {session_id} cannot be contested now (it is {phase.value}); "
            "that is possible for a short time after the judges have revealed."
        )
    owner = platform.agents.get(agent_id).owner
    return platform.account_of(owner).escrow.appeal(number, ticket)


def _ticket_of(session: Session, agent: AgentId) -> int:
    ticket = next((e.ticket for e in session.entrants if e.snapshot.agent == agent), None)
    if ticket is None:
        raise NotFound(f"That agent did not play in Session {session.opened.session}; contest a score of one that did.")
    return ticket
