"""Agents: refined between Sessions, frozen within one."""

import pytest

from fraction.agents import create_agent, refine_prompt, serve_adapter, snapshot_of
from fraction.base import Address, Digest, Rejected, SpaceId

OWNER = Address("0x" + "1" * 40)
TWEETS = SpaceId("writing-tweets")


def test_every_prompt_version_is_kept() -> None:
    agent = create_agent(OWNER, "Ada", "base", "be brief")
    refined = refine_prompt(refine_prompt(agent, "be funny"), "be kind")
    assert [(v.number, v.text) for v in refined.prompts] == [(1, "be brief"), (2, "be funny"), (3, "be kind")]
    assert refine_prompt(refined, "be kind") is refined


def test_a_snapshot_does_not_follow_later_changes() -> None:
    agent = create_agent(OWNER, "Ada", "base", "be brief")
    frozen = snapshot_of(agent, TWEETS)
    later = serve_adapter(refine_prompt(agent, "be long"), TWEETS, Digest("f" * 64))
    assert frozen.prompt == "be brief"
    assert frozen.digest() != snapshot_of(later, TWEETS).digest()


def test_an_adapter_serves_in_its_space_only_and_can_be_rolled_back() -> None:
    agent = serve_adapter(create_agent(OWNER, "Ada", "base", "x"), TWEETS, Digest("f" * 64))
    assert agent.adapter_for(TWEETS) == "f" * 64
    assert agent.adapter_for(SpaceId("writing-code")) is None
    assert serve_adapter(agent, TWEETS, None).adapter_for(TWEETS) is None


def test_one_owner_has_one_agent_of_a_name() -> None:
    assert create_agent(OWNER, "Ada", "b", "x").id == create_agent(OWNER, "Ada", "c", "y").id
    assert create_agent(OWNER, "Bob", "b", "x").id != create_agent(OWNER, "Ada", "b", "x").id


@pytest.mark.parametrize(
    ("name", "prompt"), [("", "x"), ("a" * 41, "x"), ("a\nb", "x"), ("a", " "), ("a", "p" * 100_000)]
)
def test_names_and_prompts_out_of_bounds_are_refused_with_the_bound(name: str, prompt: str) -> None:
    with pytest.raises(Rejected):
        create_agent(OWNER, name, "base", prompt)
