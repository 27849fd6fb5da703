"""Who gets what, to the wei: pots, prizes, judge fees, slashes. The contracts compute the same."""

from fraction.economy.appeals import Hearing, PotTerms, Result, Ruling, bond_of, panel_size, settle_session
from fraction.economy.division import divide
from fraction.economy.emissions import EmissionPlan, Group, group_rewards, plan_in
from fraction.economy.pot import FEE_BPS, Payouts, place_prizes, refund_pot, settle_pot
from fraction.economy.ranking import Standing, standings
from fraction.economy.stakes import (
    DEVIATION_BPS,
    MISMATCH_BPS,
    NO_SHOW_BPS,
    TaskPayouts,
    judge_slashes,
    pay_task,
    stake_part,
    task_slashes,
)

__all__ = [
    "DEVIATION_BPS",
    "FEE_BPS",
    "MISMATCH_BPS",
    "NO_SHOW_BPS",
    "EmissionPlan",
    "Group",
    "Hearing",
    "Payouts",
    "PotTerms",
    "Result",
    "Ruling",
    "Standing",
    "TaskPayouts",
    "bond_of",
    "divide",
    "group_rewards",
    "judge_slashes",
    "panel_size",
    "pay_task",
    "place_prizes",
    "plan_in",
    "refund_pot",
    "settle_pot",
    "settle_session",
    "stake_part",
    "standings",
    "task_slashes",
]
