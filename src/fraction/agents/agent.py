"""An agent: what its owner made, and what of it is frozen when it enters a Session.

Agent (changes between Sessions) ──snapshot_of──▶ Snapshot (frozen; its digest is in escrow)
"""

from dataclasses import dataclass, replace

from fraction.base import Address, AgentId, Digest, Rejected, SpaceId, digest_of

MAX_NAME_CHARACTERS = 40
MAX_PROMPT_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """One wording of the owner's instructions; versions are kept for ever."""

    number: int
    """1 for the first."""
    text: str


@dataclass(frozen=True, slots=True)
class Agent:
    """A competitor as its owner keeps it."""

    id: AgentId
    owner: Address
    name: str
    base_model: str
    """The name by which a model server knows the frozen base."""
    prompts: tuple[PromptVersion, ...]
    adapters: tuple[tuple[SpaceId, Digest], ...] = ()
    """The adapter that serves in each Space; none there means the bare base."""
    shares: bool = False
    """Whether the owner lets other agents learn from what this one says in Sessions it enters from now on."""

    @property
    def prompt(self) -> PromptVersion:
        """The version that would enter a Session now."""
        return self.prompts[-1]

    def adapter_for(self, space: SpaceId) -> Digest | None:
        """Return the digest of the adapter that serves in `space`, if one does."""
        return dict(self.adapters).get(space)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An agent as it entered one Session; nothing of it can change until the Session is over."""

    agent: AgentId
    owner: Address
    name: str
    base_model: str
    prompt_version: int
    prompt: str
    adapter: Digest | None
    shares: bool = False
    """Whether other agents may learn from its replies in this Session; bound by the digest in escrow."""

    def digest(self) -> Digest:
        """Return the name that escrow keeps, so that nobody can swap the agent later."""
        return digest_of(
            {
                "agent": self.agent,
                "owner": self.owner,
                "name": self.name,
                "base_model": self.base_model,
                "prompt_version": self.prompt_version,
                "prompt": self.prompt,
                "adapter": self.adapter,
                "shares": self.shares,
            }
        )


def agent_id_of(owner: Address, name: str) -> AgentId:
    """Return the id of the agent that `owner` calls `name`; one owner has one agent of a name."""
    return AgentId(digest_of(["agent", owner, name]))


def create_agent(owner: Address, name: str, base_model: str, prompt: str, shares: bool = False) -> Agent:
    """Return a new agent with its first prompt version; `shares` lets other agents learn from its replies.

    Raises:
        Rejected: the name or the prompt is empty or too long.
    """
    if not name.strip() or len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        raise Rejected(
            f"An agent's name has 1 to {MAX_NAME_CHARACTERS} printable characters; this one has {len(name)}."
        )
    _check_prompt(prompt)
    return Agent(agent_id_of(owner, name), owner, name, base_model, (PromptVersion(1, prompt),), shares=shares)


def refine_prompt(agent: Agent, prompt: str) -> Agent:
    """Return the agent with one more prompt version; unchanged if the text is the same.

    Raises:
        Rejected: the prompt is empty or too long.
    """
    _check_prompt(prompt)
    if prompt == agent.prompt.text:
        return agent
    version = PromptVersion(agent.prompt.number + 1, prompt)
    return replace(agent, prompts=(*agent.prompts, version))


def serve_adapter(agent: Agent, space: SpaceId, adapter: Digest | None) -> Agent:
    """Return the agent with `adapter` serving in `space`; None goes back to the bare base."""
    others = tuple((name, kept) for name, kept in agent.adapters if name != space)
    return replace(agent, adapters=others if adapter is None else (*others, (space, adapter)))


def share_replies(agent: Agent, shares: bool) -> Agent:
    """Return the agent with its owner's consent given or withdrawn, for the Sessions that it enters from now on."""
    return replace(agent, shares=shares)


def snapshot_of(agent: Agent, space: SpaceId) -> Snapshot:
    """Return what of `agent` would be frozen if it entered a Session of `space` now."""
    return Snapshot(
        agent=agent.id,
        owner=agent.owner,
        name=agent.name,
        base_model=agent.base_model,
        prompt_version=agent.prompt.number,
        prompt=agent.prompt.text,
        adapter=agent.adapter_for(space),
        shares=agent.shares,
    )


def _check_prompt(prompt: str) -> None:
    if not prompt.strip():
        raise Rejected("The prompt is empty; write what the agent is to do, in plain words.")
    if len(prompt) > MAX_PROMPT_CHARACTERS:
        raise Rejected(f"The prompt has {len(prompt)} characters and may have {MAX_PROMPT_CHARACTERS}; shorten it.")
