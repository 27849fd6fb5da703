"""A judge that is busy with one Session still reveals another one in time."""

from itertools import count
from typing import NoReturn

import pytest

from fraction.app import judge_node
from fraction.app.advance_session import advance_session
from fraction.app.generation import ChatReply, ChatRequest
from fraction.app.join_session import join_session
from fraction.base import Unavailable
from fraction.sessions import Phase
from tests.adapters.ethereum.cast import Cast
from tests.app.small_world import SmallWorld, small_world
from tests.app.test_whole_sessions import quick

pytestmark = pytest.mark.chain


@pytest.fixture
def world(cast: Cast) -> SmallWorld:
    return small_world(cast, [quick("writing-tweets")])


class Busy:
    """A model that would keep the judge for ever; asking it is what must not be needed to reveal."""

    def complete(self, request: ChatRequest) -> ChatReply:
        self._fail()

    def _fail(self) -> NoReturn:
        raise Unavailable("The model is busy.")


def test_what_was_committed_is_revealed_without_judging_anything(world: SmallWorld) -> None:
    agents = world.agents(4)
    (id,) = {join_session(world.platform, agent, "writing-tweets", "eth") for agent in agents}
    for _ in count():
        advance_session(world.platform, id)
        if world.session(id).judges:
            break
        world.cast.pass_time(5)
    for judge in world.judges.values():
        assert judge_node.reveal_due(judge) == ()
        judge_node.look(judge)
    for judge in world.judges.values():
        object.__setattr__(judge.judge, "models", Busy())
    revealed = [line for judge in world.judges.values() for line in judge_node.reveal_due(judge)]
    assert len(revealed) == 3
    assert [line for judge in world.judges.values() for line in judge_node.reveal_due(judge)] == []
    world.run(id)
    assert world.session(id).phase is Phase.SETTLED
