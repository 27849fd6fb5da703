"""Move one training on by one step: make the task, wait for the nodes, run the gate, promote or not."""

from dataclasses import replace

from fraction.agents import serve_adapter
from fraction.app.chain import Role, TaskAnswer, TaskPhase, TaskState
from fraction.app.compare_versions import compare_versions, gate_tasks
from fraction.app.emissions import record_task
from fraction.app.platform import Platform
from fraction.app.ports import Progress
from fraction.app.publish_space import find_space
from fraction.app.training_disputes import dispute_results
from fraction.app.training_jobs import NodeResult, Status, TrainingJob, find_job, keep_job
from fraction.base import Address, Digest, NotFound, Rejected, Unavailable, Wei, canonical_json
from fraction.sessions import Phase, replay
from fraction.sessions.judged import candidates
from fraction.training import (
    Candidate,
    Dataset,
    Manifest,
    TrainingResult,
    allowed_candidates,
    result_from_bytes,
    select,
)
from fraction.verification import first_difference

AGAIN = Progress(done=False, wait_seconds=0)
POLL = Progress(done=False, wait_seconds=0.5)
DONE = Progress(done=True, wait_seconds=0)


def advance_training(platform: Platform, name: str) -> Progress:
    """Do the next thing that the training needs; say whether it is over or when to look again."""
    job = find_job(platform.records, name)
    match job.status:
        case Status.COLLECTING:
            return _collect(platform, job)
        case Status.TRAINING:
            return _follow(platform, job)
        case Status.GATING:
            return _gate(platform, job)
        case _:
            return DONE


def _collect(platform: Platform, job: TrainingJob) -> Progress:
    agent = platform.agents.get(job.agent)
    found = _candidates(platform, job)
    if not found:
        return (
            POLL
            if platform.clock.now() - job.requested_at < 60
            else _fail(platform, job, "No reply with a readable judgement was found to learn from.")
        )
    settings = platform.training
    dataset = select(found, agent.prompt.text, settings.recipe)
    if not dataset.examples:
        return _fail(platform, job, "No task has a winner and a loser far enough apart; use a recipe that imitates.")
    try:
        manifest = _manifest(platform, job, dataset)
    except Rejected as refusal:
        return _fail(platform, job, str(refusal))
    digest = platform.blobs.keep(manifest.to_bytes())
    task = platform.account_of(agent.owner).registry.open(
        f"training/{job.name}",
        digest,
        settings.fee,
        settings.verifiers,
        settings.quorum,
        settings.seconds,
        settings.dispute_seconds if manifest.specification else 0,
    )
    keep_job(
        platform.records,
        replace(
            job,
            status=Status.TRAINING,
            dataset=manifest.dataset,
            examples=len(dataset.examples),
            manifest=digest,
            specification=manifest.specification,
            task=task,
            fee=settings.fee,
        ),
    )
    return AGAIN


def _manifest(platform: Platform, job: TrainingJob, dataset: Dataset) -> Manifest:
    """Return the task; raise Rejected if no example fits the recipe."""
    settings = platform.training
    recipe = settings.recipe.recipe_for(len(dataset.examples))
    return Manifest(
        agent=job.agent,
        space=job.space,
        base=Digest(platform.base_digest),
        dataset=platform.blobs.keep(dataset.to_bytes()),
        recipe=recipe,
        published=platform.blobs.keep(settings.recipe.to_bytes()),
        arithmetic=settings.arithmetic,
        specification=platform.specify(dataset, recipe),
    )


def _candidates(platform: Platform, job: TrainingJob) -> tuple[Candidate, ...]:
    """Return what the agent may learn from: shared or its own, and on no task of its gate."""
    held_out = gate_tasks(platform.gate, find_space(platform.records, job.space), job.name)
    found: list[Candidate] = []
    for id in platform.logs.sessions():
        session = replay(platform.logs.read(id))
        if session.phase is Phase.SETTLED and session.opened.space.id == job.space:
            found += candidates(session)
    return allowed_candidates(found, job.agent, frozenset(task.digest for task in held_out))


def _follow(platform: Platform, job: TrainingJob) -> Progress:
    number = job.task or 0
    registry = platform.own.registry
    state = registry.state(number)
    actions = {
        TaskPhase.DRAWING: registry.draw,
        TaskPhase.SETTLEABLE: registry.settle,
        TaskPhase.CANCELLABLE: registry.cancel,
    }
    action = actions.get(state.phase)
    if action is not None:
        try:
            action(number)
        except Rejected:
            return POLL  # too early, or somebody else was first; the next look shows it
        return AGAIN
    job = replace(job, nodes=_nodes(platform, state), transactions=state.transactions)
    if state.phase in (TaskPhase.ACCEPTED, TaskPhase.FAILED) and platform.own.disputes is not None:
        job = replace(job, disputes=dispute_results(platform.own.disputes, number))
    if state.phase in (TaskPhase.FAILED, TaskPhase.CANCELLED):
        return _fail(platform, job, "The nodes did not agree on one result; the fee went back.")
    if state.phase is TaskPhase.ACCEPTED and state.accepted is not None:
        record_task(platform.own.emissions, number)
        return _fetch_result(platform, job, state, state.accepted)
    keep_job(platform.records, job)
    return POLL


def _fetch_result(platform: Platform, job: TrainingJob, state: TaskState, accepted: TaskAnswer) -> Progress:
    """Take the adapter from any node that found the accepted result, and check every digest."""
    for answer in state.answers:
        if (answer.root, answer.adapter) != (accepted.root, accepted.adapter):
            continue
        try:
            reader = platform.blobs_at(_endpoint(platform, state, answer.node))
            result = result_from_bytes(reader.fetch(accepted.adapter))
            adapter = platform.blobs.keep(reader.fetch(result.adapter))
        except (NotFound, Unavailable, Rejected):
            continue
        keep_job(
            platform.records,
            replace(job, status=Status.GATING, adapter=adapter, losses_ppm=result.losses_ppm),
        )
        return AGAIN
    return POLL  # none of them serves it now; it is bound by its digest, so later is as good


def _gate(platform: Platform, job: TrainingJob) -> Progress:
    agent = platform.agents.get(job.agent)
    space = find_space(platform.records, job.space)
    outcome = compare_versions(platform.gate, space, agent.prompt.text, job.previous, job.adapter, job.name)
    evidence = platform.blobs.keep(canonical_json(outcome.evidence))
    promoted = outcome.comparison.promoted
    if promoted:
        platform.agents.keep(serve_adapter(agent, job.space, job.adapter))
    keep_job(
        platform.records,
        replace(
            job,
            status=Status.PROMOTED if promoted else Status.KEPT,
            comparison=outcome.comparison,
            evidence=evidence,
        ),
    )
    return DONE


def _nodes(platform: Platform, state: TaskState) -> tuple[NodeResult, ...]:
    answers = {answer.node: answer for answer in state.answers}
    drawn = [(state.trainer, "trainer")] if state.trainer else []
    drawn += [(verifier, "verifier") for verifier in state.verifiers]
    return tuple(_node(platform, state, address, role, answers.get(address)) for address, role in drawn if address)


def _node(platform: Platform, state: TaskState, address: Address, role: str, answer: TaskAnswer | None) -> NodeResult:
    accepted = state.accepted
    agrees = None
    if accepted is not None and answer is not None:
        agrees = (answer.root, answer.adapter) == (accepted.root, accepted.adapter)
    slashed = sum(amount for node, amount, _ in state.slashes if node == address)
    return NodeResult(
        node=address,
        role=role,
        root=answer.root if answer else None,
        result=answer.adapter if answer else None,
        agrees=agrees,
        first_difference=_difference(platform, state, answer) if agrees is False and answer else None,
        slashed=Wei(slashed),
    )


def _difference(platform: Platform, state: TaskState, answer: TaskAnswer) -> int | None:
    """Return the first step at which a dissenting node's trail leaves the accepted one."""
    good = next((a for a in state.answers if state.accepted and a.root == state.accepted.root), None)
    if good is None:
        return None
    try:
        ours, theirs = _trail(platform, state, good), _trail(platform, state, answer)
    except (NotFound, Unavailable, Rejected):
        return None
    return first_difference(ours.leaves, theirs.leaves)


def _trail(platform: Platform, state: TaskState, answer: TaskAnswer) -> TrainingResult:
    reader = platform.blobs_at(_endpoint(platform, state, answer.node))
    return result_from_bytes(reader.fetch(answer.adapter))


def _endpoint(platform: Platform, state: TaskState, node: Address) -> str:
    role = Role.TRAINER if node == state.trainer else Role.VERIFIER
    return platform.vault.endpoint_of(role, node)


def _fail(platform: Platform, job: TrainingJob, reason: str) -> Progress:
    keep_job(platform.records, replace(job, status=Status.FAILED, reason=reason))
    return DONE
