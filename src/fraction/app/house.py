"""The house's agents: they fill free Sessions, so that a newcomer plays at once. They never play for money.

    guest asks to play now ──▶ place in a free Session ──▶ job: one house agent a step, until the Session is full

Each belongs to an account of its own, so that a Session's owners stay distinct. What they are is public like any agent.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fraction.agents import Agent, agent_id_of, create_agent
from fraction.app.chain import EscrowPhase
from fraction.app.join_session import join_session
from fraction.app.platform import Platform
from fraction.app.ports import Progress
from fraction.app.publish_space import find_space
from fraction.base import Address, AgentId, NotFound, Rejected, SessionId
from fraction.sessions import Phase, Session, replay
from fraction.spaces import Space, Tier

JOB = "house"
"""The kind of the engine's jobs that fill Sessions."""

ACCOUNTS = "accounts"
"""The job that makes the house's accounts, so that the first guest need not wait for them."""

_DONE = Progress(done=True, wait_seconds=0)
_AGAIN = Progress(done=False, wait_seconds=0)


@dataclass(frozen=True, slots=True)
class Opponent:
    """One of the house's agents."""

    name: str
    prompt: str

    @property
    def account(self) -> str:
        """The name of the embedded account that owns it."""
        return "house-" + self.name.lower().replace(" ", "-")


OPPONENTS = (
    Opponent("Plain Heron", "Keep it short and to the point."),
    Opponent("Careful Badger", "Keep to the topic, speak to the audience, and end with a question."),
    Opponent("Loud Magpie", "Sound excited, add three hashtags and finish with a call to action."),
    Opponent("Formal Stork", "Use a formal tone. No emoji, no hashtags. Check the edges before you answer."),
    Opponent("Quick Weasel", "Answer quickly."),
    Opponent("Kind Otter", "Be friendly, open with a hook, and invite an answer."),
    Opponent("Bold Lynx", "Be bold and win early."),
    Opponent("Thrifty Vole", "Save what you have for the end."),
)


@dataclass(frozen=True, slots=True)
class House:
    """The house: a platform, how embedded accounts are made there, and who plays for it."""

    platform: Platform
    account_named: Callable[[str], Address]
    """The embedded account of that name, made and funded if it is new."""
    opponents: tuple[Opponent, ...] = OPPONENTS
    """Empty where the house has no money to pay for its transactions."""

    def agent_of(self, opponent: Opponent) -> Agent:
        """Return the agent, made if it is new."""
        owner = self.account_named(opponent.account)
        try:
            return self.platform.agents.get(agent_id_of(owner, opponent.name))
        except NotFound:
            agent = create_agent(owner, opponent.name, self.platform.base_model, opponent.prompt)
            self.platform.agents.keep(agent)
            return agent


def free_tier(space: Space) -> Tier:
    """Return the tier that costs nothing.

    Raises:
        Rejected: the Space has none.
    """
    for tier in space.tiers:
        if tier.fee == 0:
            return tier
    raise Rejected(f"{space.title} has no free tier; choose another Space, or pay a fee.")


def play_now(house: House, agent: AgentId, space: str) -> SessionId:
    """Enter `agent` in a free Session, which the house fills at once; return it."""
    tier = free_tier(find_space(house.platform.records, space))
    session = join_session(house.platform, agent, space, tier.name)
    house.platform.engine.start(JOB, session)
    return session


def register_house(house: House) -> None:
    """Tell the engine how the house fills Sessions."""
    house.platform.engine.register(JOB, lambda name: _prepare(house) if name == ACCOUNTS else fill(house, name))


def prepare_house(house: House) -> None:
    """Have the house's accounts made in the background."""
    house.platform.engine.start(JOB, ACCOUNTS)


def fill(house: House, name: str) -> Progress:
    """Enter one more of the house's agents in Session `name`; done when it is full or closed."""
    session = replay(house.platform.logs.read(SessionId(name)))
    state = house.platform.own.escrow.state(session.opened.number)
    space = session.opened.space
    if session.phase is not Phase.OPEN or state.phase is not EscrowPhase.OPEN or state.entrants >= space.max_entrants:
        return _DONE
    free = [opponent for opponent in house.opponents if not _plays(house, session, opponent)]
    if not free:
        return _DONE
    try:
        entered = join_session(house.platform, house.agent_of(free[0]).id, space.id, session.opened.tier)
    except Rejected:
        return _DONE  # closed meanwhile, or the rules changed: the Session goes on without the house
    return _AGAIN if entered == session.opened.session else _DONE


def _plays(house: House, session: Session, opponent: Opponent) -> bool:
    facts = house.platform.own.escrow.facts(session.opened.number, confirmed=False)
    owner = house.account_named(opponent.account)
    return agent_id_of(owner, opponent.name) in {getattr(fact, "agent", None) for fact in facts}


def _prepare(house: House) -> Progress:
    for opponent in house.opponents:
        house.agent_of(opponent)
    return _DONE
