"""Trainings on a real chain: what is learned, who agrees, who is caught, and what serves afterwards."""

from dataclasses import replace

import pytest

from fraction.app.chain import Role
from fraction.app.cheats import Cheat, Conduct
from fraction.app.read_training import read_dataset, read_manifest
from fraction.app.request_training import request_training
from fraction.app.training_jobs import Status, find_job
from fraction.base import Conflict, NotFound, Rejected, SpaceId
from fraction.economy import Group
from fraction.training import result_from_bytes
from tests.adapters.ethereum.cast import Cast
from tests.app.small_world import SmallWorld, small_world, stake_of
from tests.app.test_whole_sessions import quick

pytestmark = pytest.mark.chain

TWEETS = SpaceId("writing-tweets")


@pytest.fixture
def world(cast: Cast) -> SmallWorld:
    return small_world(cast, [quick("writing-tweets"), quick("playing-games")])


def test_the_best_of_what_was_played_is_learned_and_checked_by_others(world: SmallWorld) -> None:
    agents = world.agents(4)
    id = world.play(agents, TWEETS)
    job = find_job(world.platform.records, world.train(request_training(world.platform, agents[0], TWEETS)))
    assert job.status in (Status.PROMOTED, Status.KEPT)
    assert [node.agrees for node in job.nodes] == [True, True, True]
    emissions = world.platform.own.emissions
    assert all(emissions.points(emissions.month(), Group.TRAINER, node.node) > 0 for node in job.nodes)
    assert job.comparison is not None
    assert job.dataset is not None
    dataset = read_dataset(world.platform.blobs.fetch(job.dataset))
    assert {e.session for e in dataset.examples} == {id}
    assert {e.system for e in dataset.examples} == {world.platform.agents.get(agents[0]).prompt.text}
    assert min(e.score for e in dataset.examples) > 0
    assert job.manifest is not None
    assert read_manifest(world.platform.blobs.fetch(job.manifest)).dataset == job.dataset


def test_an_accepted_training_is_a_validation_of_one_agent_of_its_opener(world: SmallWorld) -> None:
    agents = world.agents(4)
    world.play(agents, TWEETS)
    job = find_job(world.platform.records, world.train(request_training(world.platform, agents[0], TWEETS)))
    task, owner, other = job.task or 0, *world.cast.entrants[:2]
    first, second, foreign = (
        who.agents().register("", agent, who.wallet.address, 0)
        for who, agent in ((owner, agents[0]), (owner, agents[2]), (other, agents[1]))
    )
    assert owner.agents().validate_training(first, task) == job.nodes[0].root
    assert owner.agents().validate_training(first, task) == job.nodes[0].root  # nothing more to do
    with pytest.raises(Conflict, match=f"validated agent {first} already"):
        owner.agents().validate_training(second, task)
    with pytest.raises(Rejected, match="does not own the agent"):
        other.agents().validate_training(foreign, task)


def test_an_adapter_serves_only_if_it_wins(world: SmallWorld) -> None:
    agents = world.agents(4)
    world.play(agents, TWEETS)
    job = find_job(world.platform.records, world.train(request_training(world.platform, agents[1], TWEETS)))
    serving = world.platform.agents.get(agents[1]).adapter_for(TWEETS)
    assert serving == (job.adapter if job.status is Status.PROMOTED else None)


def test_games_are_compared_by_mirrored_duels(world: SmallWorld) -> None:
    agents = world.agents(4)
    world.play(agents, "playing-games")
    job = find_job(world.platform.records, world.train(request_training(world.platform, agents[3], "playing-games")))
    assert job.comparison is not None
    assert job.comparison.difference == 0  # the stand-in plays alike with every adapter, so luck must cancel
    assert job.status is Status.KEPT


def test_a_trainer_that_alters_a_number_is_named_and_slashed(cast: Cast) -> None:
    world = small_world(cast, [quick("writing-tweets")])
    world.platform = replace(world.platform, training=replace(world.platform.training, quorum=2))
    cheater = cast.nodes[0].wallet.address
    world.training_nodes[cheater].conduct = Conduct(Cheat.ALTER)
    agents = world.agents(4)
    world.play(agents, TWEETS)
    job = find_job(world.platform.records, world.train(request_training(world.platform, agents[0], TWEETS)))
    caught = [node for node in job.nodes if node.agrees is False]
    assert [node.node for node in caught] == [cheater]
    assert caught[0].first_difference == caught_at(world, job.nodes[1].result)
    assert caught[0].slashed > 0
    assert job.status in (Status.PROMOTED, Status.KEPT)


def caught_at(world: SmallWorld, result: str | None) -> int:
    """Return the last step of the honest trail: that is where the altered one leaves it."""
    for blobs in world.peers.by_url.values():
        try:
            return len(result_from_bytes(blobs.fetch(result)).leaves) - 1  # type: ignore[arg-type]
        except NotFound:
            continue
    raise AssertionError("nobody serves the honest result")


def test_without_a_quorum_the_fee_goes_back_and_nobody_is_slashed(cast: Cast) -> None:
    world = small_world(cast, [quick("writing-tweets")])
    world.platform = replace(world.platform, training=replace(world.platform.training, quorum=3))
    cheater = cast.nodes[1].wallet.address
    world.training_nodes[cheater].conduct = Conduct(Cheat.ALTER)
    agents = world.agents(4)
    world.play(agents, TWEETS)
    stake = stake_of(world, Role.VERIFIER, cheater) + stake_of(world, Role.TRAINER, cheater)
    owner = world.platform.account_of(world.platform.agents.get(agents[0]).owner)
    job = find_job(world.platform.records, world.train(request_training(world.platform, agents[0], TWEETS)))
    assert job.status is Status.FAILED
    assert stake_of(world, Role.VERIFIER, cheater) + stake_of(world, Role.TRAINER, cheater) == stake
    assert owner.registry.withdraw() == world.platform.training.fee


def test_there_is_nothing_to_learn_before_a_session_is_settled(world: SmallWorld) -> None:
    (agent,) = world.agents(1)
    with pytest.raises(Rejected):
        request_training(world.platform, agent, TWEETS)
    with pytest.raises(NotFound):
        request_training(world.platform, agent, "writing-poems")


@pytest.mark.parametrize("blob", [b"", b"{}", b'{"examples":[]}', b"\xff"])
def test_rubbish_is_neither_manifest_nor_data_set(blob: bytes) -> None:
    with pytest.raises(Rejected):
        read_manifest(blob)
    with pytest.raises(Rejected):
        read_dataset(blob)
