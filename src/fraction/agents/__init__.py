"""Who competes: an owner, a base model, a prompt version, perhaps an adapter."""

from fraction.agents.agent import (
    MAX_NAME_CHARACTERS,
    MAX_PROMPT_CHARACTERS,
    Agent,
    PromptVersion,
    Snapshot,
    agent_id_of,
    create_agent,
    refine_prompt,
    serve_adapter,
    share_replies,
    snapshot_of,
)

__all__ = [
    "MAX_NAME_CHARACTERS",
    "MAX_PROMPT_CHARACTERS",
    "Agent",
    "PromptVersion",
    "Snapshot",
    "agent_id_of",
    "create_agent",
    "refine_prompt",
    "serve_adapter",
    "share_replies",
    "snapshot_of",
]
