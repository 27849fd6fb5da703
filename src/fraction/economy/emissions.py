"""What points earn: the Emissions contract's arithmetic, held to it by `vectors/emissions.json`.

month's amount ─▶ by group, as the plan says ─▶ by points, rounded down, at most so much a point
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from fraction.base import Address, Rejected, Wei

_WHOLE_BPS = 10_000


class Group(Enum):
    """Whose work is paid; the numbers are those of the contract."""

    BUILDER = 0
    CREATOR = 1
    EVALUATOR = 2
    TRAINER = 3


@dataclass(frozen=True, slots=True)
class EmissionPlan:
    """How a month's amount is split among the groups."""

    share_bps: tuple[int, int, int, int]
    """By group, in hundredths of a percent; at most 10000 in sum."""
    max_per_point: tuple[int, int, int, int]
    """By group: the most wei of FRAC that one point earns."""

    def __post_init__(self) -> None:
        """Refuse shares that give out more than there is."""
        if min(self.share_bps) < 0 or sum(self.share_bps) > _WHOLE_BPS or min(self.max_per_point) < 0:
            raise Rejected(f"The shares {list(self.share_bps)} must not be negative and sum to at most 10000.")


def group_rewards(
    plan: EmissionPlan, group: Group, per_month: int, points: Mapping[Address, int]
) -> dict[Address, Wei]:
    """Return what each account of a group earned in a month, in wei of FRAC.

    The parts never sum to more than the group's share of `per_month`; what they leave over is paid to nobody.

    Args:
        plan: the month's
        group: which share and which cap counts
        per_month: wei of FRAC of the whole month
        points: what was recorded for each account, none negative
    """
    total = sum(points.values())
    pool = per_month * plan.share_bps[group.value] // _WHOLE_BPS
    cap = plan.max_per_point[group.value]
    return {account: Wei(min(pool * own // total, own * cap) if own else 0) for account, own in points.items()}


def plan_in(month: int, plans: Sequence[tuple[int, EmissionPlan]]) -> EmissionPlan:
    """Return the plan that counts in a month: the latest that began by then.

    Args:
        month: from 0
        plans: the month from which each counts, in order; the first begins with month 0
    """
    return next(plan for begins, plan in reversed(plans) if begins <= month)
