"""What an account is told about its agents: entries, results, trainings. Read off the logs, so nothing is missed."""

from collections.abc import Iterable
from dataclasses import dataclass

from fraction.app.platform import Platform
from fraction.app.training_jobs import Status, all_jobs
from fraction.base import Address, AgentId, JsonObject, SessionId
from fraction.sessions import Phase, Session, replay
from fraction.sessions.judged import standings

ENTERED = "session.entered"
SETTLED = "session.settled"
CANCELLED = "session.cancelled"
TRAINED = "training.over"
KINDS = (ENTERED, SETTLED, CANCELLED, TRAINED)

_OVER = (Status.PROMOTED, Status.KEPT, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an agent."""

    name: str
    """Which one: the same whenever it is read."""
    kind: str
    owner: Address
    facts: JsonObject


class Happenings:
    """Reads what happened; Sessions that are over are folded once."""

    def __init__(self, platform: Platform) -> None:
        """Remember nothing yet."""
        self._platform = platform
        self._over: dict[SessionId, tuple[Happening, ...]] = {}

    def of(self, account: Address) -> list[Happening]:
        """Return what happened to the agents of `account`, Session by Session, then training by training."""
        sessions = (found for id in self._platform.logs.sessions() for found in self._session(id))
        return [found for found in (*sessions, *self._trainings()) if found.owner == account]

    def _session(self, id: SessionId) -> tuple[Happening, ...]:
        known = self._over.get(id)
        if known is None:
            session = replay(self._platform.logs.read(id))
            known = tuple(happenings_in(session))
            if session.over:
                self._over[id] = known
        return known

    def _trainings(self) -> Iterable[Happening]:
        for job in all_jobs(self._platform.records):
            if job.status in _OVER:
                owner = self._platform.agents.get(AgentId(job.agent)).owner
                facts: JsonObject = {"training": job.name, "agent": job.agent, "space": job.space}
                yield Happening(f"{job.name}:over", TRAINED, owner, facts | {"status": job.status.value})


def happenings_in(session: Session) -> Iterable[Happening]:
    """Yield what happened to each entrant of a Session so far."""
    opened = session.opened
    lines = {line.ticket: line for line in standings(session)}
    for entrant in session.entrants:
        agent = entrant.snapshot
        facts: JsonObject = {
            "session": opened.session,
            "space": opened.space.id,
            "tier": opened.tier,
            "agent": agent.agent,
            "name": agent.name,
        }
        name = f"{opened.session}:{entrant.ticket}"
        yield Happening(f"{name}:entered", ENTERED, agent.owner, facts)
        if session.phase is Phase.SETTLED and session.settled is not None:
            line = lines[entrant.ticket]
            payout = str(session.settled.payouts[entrant.ticket])
            result: JsonObject = {"place": line.place, "score": line.score, "payout": payout}
            yield Happening(f"{name}:settled", SETTLED, agent.owner, facts | result)
        if session.cancelled is not None:
            why: JsonObject = {"reason": session.cancelled.reason}
            yield Happening(f"{name}:cancelled", CANCELLED, agent.owner, facts | why)
