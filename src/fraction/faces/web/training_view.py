"""A training in the words of the wire."""

from fraction.app.training_jobs import DisputeResult, NodeResult, Status, TrainingJob
from fraction_sdk.wire import ComparisonView, DisputeView, TrainingNodeView, TrainingView, TransactionView

OVER = (Status.PROMOTED, Status.KEPT, Status.FAILED)


def training_view(job: TrainingJob, agent_name: str) -> TrainingView:
    """Return what is known of a training."""
    return TrainingView(
        name=job.name,
        agent=job.agent,
        agent_name=agent_name,
        space=job.space,
        status=job.status.value,
        over=job.status in OVER,
        reason=job.reason or None,
        sessions=job.sessions,
        dataset_digest=job.dataset,
        examples=job.examples,
        manifest=job.manifest,
        specification=job.specification,
        task_number=job.task,
        nodes=[_node(node) for node in job.nodes],
        disputes=[_dispute(dispute) for dispute in job.disputes],
        losses_ppm=list(job.losses_ppm),
        comparison=_comparison(job),
        adapter=job.adapter,
        previous=job.previous,
        evidence=job.evidence,
        fee=str(job.fee or 0),
        transactions=[TransactionView(what="training task", hash=hash) for hash in job.transactions],
    )


def _node(node: NodeResult) -> TrainingNodeView:
    return TrainingNodeView(
        address=node.node,
        role=node.role,
        root=node.root,
        result=node.result,
        agrees=node.agrees,
        first_difference=node.first_difference,
        slashed=str(node.slashed),
    )


def _dispute(dispute: DisputeResult) -> DisputeView:
    return DisputeView(
        number=dispute.number,
        challenger=dispute.challenger,
        defender=dispute.defender,
        refuted=dispute.refuted,
        step=dispute.step,
        found=dispute.found,
        claimed=dispute.claimed,
        gas=dispute.gas,
        moves=dispute.moves,
    )


def _comparison(job: TrainingJob) -> ComparisonView | None:
    found = job.comparison
    if found is None:
        return None
    return ComparisonView(
        tasks=found.tasks,
        before=found.before,
        after=found.after,
        difference=found.difference,
        low=found.low,
        high=found.high,
        promoted=found.promoted,
        odds_percent=found.odds,
    )
