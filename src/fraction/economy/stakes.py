"""What nodes lose of their stake, and what they earn in training tasks."""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Wei

NO_SHOW_BPS = 500
"""Stake lost by a node that was drawn and did not reveal, in hundredths of a percent."""

DEVIATION_BPS = 50
"""Stake lost by a judge beyond the tolerance in the mean: small, because judging is a matter of opinion."""

OVERRULED_BPS = NO_SHOW_BPS
"""Stake lost by a judge beyond the tolerance at a score that an appeal corrected."""

MISMATCH_BPS = 1_000
"""Stake lost by a trainer or verifier whose result is not the accepted one."""

_WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True)
class TaskPayouts:
    """Where every wei of a training task's fee goes."""

    node_fees: tuple[Wei, ...]
    """By node, the trainer first."""
    treasury: Wei
    refund: Wei
    """Back to who asked for the task."""


def stake_part(stake: int, bps: int) -> Wei:
    """Return a part of a stake, rounded down."""
    return Wei(stake * bps // _WHOLE_BPS)


def judge_slashes(stakes: Sequence[int], deviations: Sequence[int | None], tolerance: int) -> tuple[Wei, ...]:
    """Return what each judge of a settled Session loses, by place in the panel; None means that it did not reveal."""
    return tuple(_judge_slash(stake, deviation, tolerance) for stake, deviation in zip(stakes, deviations, strict=True))


def pay_task(fee: int, agrees: Sequence[bool]) -> TaskPayouts:
    """Return who gets what of a training task's fee.

    Args:
        fee: what was paid for the task
        agrees: by node, whether its result is the accepted one; nobody's is if there was no quorum

    >>> pay_task(100, [True, True, False, True])
    TaskPayouts(node_fees=(33, 33, 0, 33), treasury=1, refund=0)
    """
    if not any(agrees):
        return TaskPayouts((Wei(0),) * len(agrees), Wei(0), Wei(fee))
    part = fee // sum(agrees)
    return TaskPayouts(tuple(Wei(part * a) for a in agrees), Wei(fee - part * sum(agrees)), Wei(0))


def task_slashes(stakes: Sequence[int], is_revealed: Sequence[bool], agrees: Sequence[bool]) -> tuple[Wei, ...]:
    """Return what each node of a training task loses; without an accepted result only those who did not reveal."""
    mismatch_bps = MISMATCH_BPS if any(agrees) else 0
    return tuple(
        stake_part(stake, NO_SHOW_BPS if not revealed else 0 if agreed else mismatch_bps)
        for stake, revealed, agreed in zip(stakes, is_revealed, agrees, strict=True)
    )


def _judge_slash(stake: int, deviation: int | None, tolerance: int) -> Wei:
    if deviation is None:
        return stake_part(stake, NO_SHOW_BPS)
    return stake_part(stake, 0 if deviation <= tolerance else DEVIATION_BPS)
