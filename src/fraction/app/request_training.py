"""Ask for a weight update of an agent in one Space, from the best that was played there."""

from fraction.app.advance_training import advance_training
from fraction.app.platform import Platform
from fraction.app.publish_space import find_space
from fraction.app.training_jobs import Status, TrainingJob, all_jobs, keep_job
from fraction.base import AgentId, Rejected, SpaceId
from fraction.sessions import Phase, replay

JOB = "training"
"""The kind of the engine's jobs that move trainings."""


def request_training(platform: Platform, agent_id: AgentId, space_id: str) -> str:
    """Begin a training; return its name.

    Raises:
        NotFound: no such agent or Space.
        Rejected: no Session of the Space is settled yet, so there is nothing to learn from.
    """
    agent = platform.agents.get(agent_id)
    space = find_space(platform.records, space_id)
    settled = _settled_sessions(platform, space.id)
    if settled == 0:
        raise Rejected(f"No Session of {space.title} is settled yet; play one, then ask for training again.")
    version = sum(name.startswith(f"{agent_id[:16]}-{space.id}-") for name in platform.records.names("training"))
    job = TrainingJob(
        name=f"{agent_id[:16]}-{space.id}-{version + 1}",
        agent=agent_id,
        space=space.id,
        requested_at=platform.clock.now(),
        sessions=settled,
        previous=agent.adapter_for(space.id),
    )
    keep_job(platform.records, job)
    platform.engine.start(JOB, job.name)
    return job.name


def _settled_sessions(platform: Platform, space: SpaceId) -> int:
    sessions = (replay(platform.logs.read(id)) for id in platform.logs.sessions())
    return sum(s.phase is Phase.SETTLED and s.opened.space.id == space for s in sessions)


def register_trainings(platform: Platform) -> None:
    """Tell the engine how trainings move on."""
    platform.engine.register(JOB, lambda name: advance_training(platform, name))


def resume_trainings(platform: Platform) -> None:
    """Start the job of every training that is not over, in case a kill came before its first start."""
    for job in all_jobs(platform.records):
        if job.status in (Status.COLLECTING, Status.TRAINING, Status.GATING):
            platform.engine.start(JOB, job.name)
