"""The web face's backend over the platform's ports and verbs."""

from collections.abc import Mapping
from typing import Protocol

from fraction import __version__
from fraction.agents import Agent, create_agent, refine_prompt, serve_adapter, share_replies
from fraction.app.appeal_score import appeal_score
from fraction.app.custody import Custody
from fraction.app.house import House, play_now
from fraction.app.join_session import join_session
from fraction.app.make_bundle import make_bundle
from fraction.app.publish_space import find_space, publish_space, published_spaces
from fraction.app.request_training import request_training
from fraction.app.training_jobs import Status, TrainingJob, all_jobs, find_job
from fraction.app.webhooks import Webhooks
from fraction.base import Address, AgentId, Conflict, Digest, NotFound, Rejected, SessionId, Unavailable, digest_of
from fraction.faces.web import practice
from fraction.faces.web.backend import LogPage
from fraction.faces.web.history import agent_history, leaderboard
from fraction.faces.web.known_sessions import KnownSessions
from fraction.faces.web.log_view import log_entry
from fraction.faces.web.money_view import money_view
from fraction.faces.web.nodes_view import node_views
from fraction.faces.web.once import Once
from fraction.faces.web.receipts_view import receipt_views
from fraction.faces.web.session_view import session_summary, session_view, space_view
from fraction.faces.web.training_view import training_view
from fraction.sessions import Session
from fraction.spaces import Asset, parse_space
from fraction_sdk.wire import (
    AccountView,
    AdapterView,
    AgentRequest,
    AgentSummary,
    AgentView,
    AppealRequest,
    AppealView,
    AutomationRequest,
    AutomationView,
    BalanceView,
    CoachRequest,
    CoachView,
    HealthView,
    LeaderboardRow,
    MoneyView,
    NodeView,
    PromptView,
    QueueRequest,
    QueueView,
    ReceiptView,
    SessionSummary,
    SessionView,
    SpaceView,
    TrainingRequest,
    TrainingView,
)


class EmbeddedAccounts(Protocol):
    """The accounts whose keys the platform keeps for people without a wallet."""

    @property
    def custody(self) -> Custody:
        """Who can use their keys."""
        ...

    def create(self, name: str) -> Address:
        """Return the address of the account called `name`, made and funded if it is new."""
        ...

    def all(self) -> Mapping[str, Address]:
        """Return the addresses by name, oldest first."""
        ...


class PlatformBackend:
    """Translates between the platform and the wire; a `Backend`."""

    def __init__(self, house: House, accounts: EmbeddedAccounts, webhooks: Webhooks) -> None:
        """Serve the platform of `house`, whose engine the caller has launched."""
        self.webhooks = webhooks
        self._platform = house.platform
        self._house = house
        self._accounts = accounts
        self.once = Once(house.platform.records)
        self._known = KnownSessions(house.platform.logs, house.platform.engine)

    def health(self) -> HealthView:
        """Return whether the platform works, and on what it stands."""
        escrow = self._platform.own.escrow
        return HealthView(
            status="ok",
            version=__version__,
            chain_id=escrow.chain_id,
            escrow=escrow.address,
            model=self._platform.base_model,
            sessions=len(self._platform.logs.sessions()),
            pending_jobs=len(self._platform.engine.pending()),
        )

    def marker(self) -> str:
        """Return a text that changes with every log, agent and training."""
        sessions = [f"{k.session.opened.session}:{len(k.log)}:{k.complete}" for k in self._known.all()]
        jobs = [f"{j.name}:{j.status.value}:{len(j.transactions)}:{len(j.nodes)}" for j in self._jobs()]
        agents = [f"{a.id}:{a.prompt.number}:{len(a.adapters)}" for a in self._platform.agents.all()]
        return digest_of([*sessions, *jobs, *agents])[:16]

    def spaces(self) -> list[SpaceView]:
        """Return the published Spaces."""
        return [space_view(space) for space in published_spaces(self._platform.records)]

    def space(self, space: str) -> SpaceView:
        """Return the newest version of one Space."""
        return space_view(find_space(self._platform.records, space))

    def now(self) -> int:
        """Return the present, in seconds since 1970."""
        return self._platform.clock.now()

    def check_space(self, document: Mapping[str, object]) -> SpaceView:
        """Return the Space that a file's content describes."""
        return space_view(parse_space(document))

    def publish_space(self, document: Mapping[str, object]) -> SpaceView:
        """Publish the Space that a file's content describes; raise Conflict if that version has other rules."""
        space = parse_space(document)
        publish_space(self._platform.records, self._platform.blobs, space)
        return space_view(space)

    def create_account(self, name: str) -> AccountView:
        """Return the embedded account of that name."""
        if not name.strip() or not name.isprintable():
            raise Rejected("An account's name has 1 to 40 printable characters.")
        return self._account(name, self._accounts.create(name))

    def accounts(self) -> list[AccountView]:
        """Return the embedded accounts with their balances."""
        return [self._account(name, address) for name, address in self._accounts.all().items()]

    def account(self, address: Address) -> AccountView:
        """Return what an account holds and is owed."""
        return self._account(self._owners().get(address, ""), address)

    def owner_of(self, agent: str) -> Address:
        """Return who owns an agent."""
        return self._platform.agents.get(AgentId(agent)).owner

    def create_agent(self, request: AgentRequest, owner: Address) -> AgentView:
        """Return a new agent; raise Conflict if its owner has one of that name."""
        model = request.model or self._platform.base_model
        agent = create_agent(owner, request.name, model, request.prompt, request.shares)
        if any(known.id == agent.id for known in self._platform.agents.all()):
            raise Conflict(f"{owner} has an agent {agent.name!r}; refine it, or choose another name.")
        self._platform.agents.keep(agent)
        return self._agent(agent)

    def agents(self) -> list[AgentSummary]:
        """Return all agents, oldest first."""
        owners = self._owners()
        return [_summary(agent, owners) for agent in self._platform.agents.all()]

    def agent(self, agent: str) -> AgentView:
        """Return one agent with its past."""
        return self._agent(self._platform.agents.get(AgentId(agent)))

    def refine(self, agent: str, prompt: str) -> AgentView:
        """Return the agent with one more prompt version."""
        refined = refine_prompt(self._platform.agents.get(AgentId(agent)), prompt)
        self._platform.agents.keep(refined)
        return self._agent(refined)

    def share(self, agent: str, shares: bool) -> AgentView:
        """Return the agent with its owner's consent given or withdrawn, for Sessions it enters from now on."""
        changed = share_replies(self._platform.agents.get(AgentId(agent)), shares)
        self._platform.agents.keep(changed)
        return self._agent(changed)

    def rollback(self, agent: str, space: str) -> AgentView:
        """Return the agent with what served in `space` before the present adapter."""
        kept = self._platform.agents.get(AgentId(agent))
        rules = find_space(self._platform.records, space)
        serving = kept.adapter_for(rules.id)
        if serving is None:
            raise Rejected(f"{kept.name} plays {rules.title} with the bare base; there is nothing to roll back.")
        rolled = serve_adapter(kept, rules.id, self._before(kept, rules.id, serving))
        self._platform.agents.keep(rolled)
        return self._agent(rolled)

    def queue(self, request: QueueRequest) -> QueueView:
        """Pay the fee and return where the agent plays."""
        agent = AgentId(request.agent)
        return QueueView(session=join_session(self._platform, agent, request.space, request.tier))

    def appeal(self, session: str, request: AppealRequest) -> AppealView:
        """Pay the bond that contests an agent's score."""
        bond = appeal_score(self._platform, SessionId(session), AgentId(request.agent))
        return AppealView(bond=str(bond))

    def play_now(self, agent: str, space: str) -> QueueView:
        """Enter a free Session that the house fills at once."""
        return QueueView(session=play_now(self._house, AgentId(agent), space))

    def sessions(self) -> list[SessionSummary]:
        """Return all Sessions, newest first."""
        known = reversed(self._known.all())
        return [session_summary(k.session, len(k.log), k.complete) for k in known]

    def session(self, session: str) -> SessionView:
        """Return one Session."""
        known = self._known.get(session)
        return session_view(known.session, len(known.log), known.complete, self._deadline(known.session))

    def log(self, session: str, after: int) -> LogPage:
        """Return the entries of a Session's log that follow the first `after`."""
        known = self._known.get(session)
        entries = [log_entry(i + 1, event) for i, event in enumerate(known.log) if i >= after]
        return LogPage(entries, known.complete)

    def bundle(self, session: str) -> bytes:
        """Return what replays a Session."""
        known = self._known.get(session)
        if not known.complete:
            raise Conflict(f"Session {session} is still {known.session.phase.value}; ask when it is over.")
        return make_bundle(self._platform, known.session.opened.session)

    def train(self, request: TrainingRequest) -> TrainingView:
        """Start a weight update."""
        name = request_training(self._platform, AgentId(request.agent), request.space)
        return self.training(name)

    def automation(self, agent: str) -> AutomationView | None:
        """Return what the agent does by itself; None if it never did."""
        return practice.automation_view(self._platform, AgentId(agent), self._sessions())

    def automate(self, agent: str, request: AutomationRequest) -> AutomationView:
        """Let the agent enter Sessions by itself."""
        return practice.automate(self._platform, self._platform.agents.get(AgentId(agent)).id, request)

    def halt(self, agent: str) -> AutomationView:
        """Let the agent enter no more by itself."""
        return practice.halt(self._platform, AgentId(agent), self._sessions())

    def coach(self, agent: str, request: CoachRequest) -> CoachView:
        """Return advice after the agent's last Session, with a prompt tried on its tasks."""
        return practice.coach(self._platform, self._platform.agents.get(AgentId(agent)), self._sessions(), request)

    def training_fee(self) -> str:
        """Return what a training costs, in wei of ETH."""
        return str(self._platform.training.fee)

    def trainings(self) -> list[TrainingView]:
        """Return all trainings, newest first."""
        names = {agent.id: agent.name for agent in self._platform.agents.all()}
        return [training_view(job, names.get(job.agent, job.agent[:12])) for job in reversed(self._jobs())]

    def training(self, name: str) -> TrainingView:
        """Return one training."""
        job = find_job(self._platform.records, name)
        return training_view(job, self._platform.agents.get(job.agent).name)

    def leaderboard(self, space: str | None) -> list[LeaderboardRow]:
        """Return the agents by average score in `space`, or over all."""
        sessions = [s for s in self._sessions() if space in (None, s.opened.space.id)]
        return leaderboard(self._platform.agents.all(), self._owners(), sessions)

    def receipts(self, of: str | None) -> list[ReceiptView]:
        """Return every payment and slash, or those that concern `of`."""
        found = receipt_views(self._sessions(), self._jobs(), self._owners())
        return [r for r in found if of is None or of in (r.account, r.agent, r.session, r.training, r.name)]

    def nodes(self) -> list[NodeView]:
        """Return the staked nodes."""
        return node_views(self._platform.vault, self._sessions(), self._jobs())

    def money(self) -> MoneyView:
        """Return the books, against the chain."""
        return money_view(self._platform.own.escrow, self._sessions())

    def blob(self, digest: str) -> bytes:
        """Return the bytes whose SHA-256 is `digest`."""
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise NotFound("A blob's name is the SHA-256 of its bytes: 64 of 0-9 and a-f.")
        return self._platform.blobs.fetch(Digest(digest))

    def _sessions(self) -> list[Session]:
        return [known.session for known in self._known.all()]

    def _deadline(self, session: Session) -> int | None:
        """Return when the chain will let anyone end the present phase; None if that cannot be told now."""
        if session.over:
            return None
        try:
            return self._platform.own.escrow.state(session.opened.number).deadline or None
        except Unavailable:
            return None  # the page is read without it

    def _jobs(self) -> tuple[TrainingJob, ...]:
        return all_jobs(self._platform.records)

    def _account(self, name: str, address: Address) -> AccountView:
        own = self._platform.own  # anybody's balance can be read; an account's key is not needed, and may not be here
        balances = [
            BalanceView(
                asset=asset.value,
                decimals=asset.decimals,
                held=str(own.wallet.balance_of(address, asset)),
                credited=str(own.escrow.credit_of(address, asset)),
            )
            for asset in Asset
        ]
        return AccountView(name=name, address=address, balances=balances)

    def _owners(self) -> dict[Address, str]:
        return {address: name for name, address in self._accounts.all().items()}

    def _agent(self, agent: Agent) -> AgentView:
        return AgentView(
            **dict(_summary(agent, self._owners())),
            prompts=[PromptView(number=p.number, text=p.text) for p in agent.prompts],
            points=self._platform.own.escrow.points_of(agent.id),
            history=agent_history(agent.id, self._sessions()),
        )

    def _before(self, agent: Agent, space: str, serving: Digest) -> Digest | None:
        for job in self._jobs():
            made_it = (job.agent, job.space, job.adapter, job.status) == (
                agent.id,
                space,
                serving,
                Status.PROMOTED,
            )
            if made_it:
                return job.previous
        return None


def _summary(agent: Agent, owners: Mapping[Address, str]) -> AgentSummary:
    return AgentSummary(
        id=agent.id,
        name=agent.name,
        owner=agent.owner,
        account=owners.get(agent.owner),
        base_model=agent.base_model,
        prompt=agent.prompt.text,
        prompt_version=agent.prompt.number,
        shares=agent.shares,
        adapters=[AdapterView(space=space, digest=digest) for space, digest in agent.adapters],
    )
