"""What governance begins with on a chain: who decides, how long it takes, and what is set until the first vote."""

from dataclasses import dataclass

from fraction.adapters.ethereum.contract import NOBODY
from fraction.adapters.ethereum.plan import Check, Plan
from fraction.base import Address
from fraction.economy import EmissionPlan, Group

FRAC = 10**18
"""Wei of FRAC in one FRAC."""

_DAY = 86_400
_HOUR = 3_600

_FIRST_EMISSIONS = EmissionPlan((4_000, 1_000, 2_500, 2_500), (FRAC * 3 // 10, FRAC // 20, FRAC // 50, 2 * FRAC))
"""Points for one's own entry are worth less than half of the protocol fee of the smallest entry that counts, while a
FRAC costs up to ten cents and up to seven judges read (docs/economy.md)."""

ADMIN_ROLE = bytes(32)
PROPOSER_ROLE = bytes.fromhex("b09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc1")
EXECUTOR_ROLE = bytes.fromhex("d8aa0f3194971a2a116679f7c2090f6939c8d4e01a2a8d7e41d55e5351469e63")
CANCELLER_ROLE = bytes.fromhex("fd643c72710c63c0180259aba6b2d05451e3591a24e58b62239378085726f783")
"""Keccak-256 of the roles' names; the admin's is zero.
Source: https://docs.openzeppelin.com/contracts/5.x/api/governance#TimelockController"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """The rules of voting, the first parameters, and the emissions; all but the emissions' size can be voted on."""

    voting_delay: int = _DAY
    """Seconds from a proposal to its vote."""
    voting_period: int = 5 * _DAY
    late_quorum_extension: int = _DAY
    """Seconds that are left at least once the quorum is reached."""
    timelock_seconds: int = 2 * _DAY
    """Between a vote that passed and what it does, so that who disagrees can leave."""
    proposal_threshold: int = 100_000 * FRAC
    quorum_percent: int = 4
    """Of all FRAC."""
    protocol_fee_bps: int = 1_000
    opener_bond_bps: int = 10_000
    """Of the most that a Session's entrants may pay: less, and an opener with several agents in it could gain."""
    appeal_seconds: int = 2 * _DAY
    training_quorum: int = 3
    curves: tuple[tuple[int, ...], ...] = ((10_000,), (7_000, 3_000), (5_000, 3_000, 2_000))
    """Shares by place that a Space may pay."""
    month_seconds: int = 30 * _DAY
    per_month: int = 1_000_000 * FRAC
    months: int = 48
    emissions: EmissionPlan = _FIRST_EMISSIONS
    least_fee_eth: int = 5 * 10**14
    """The smallest entry or training fee that gives points, in wei; it cannot be changed, only replaced by a vote."""
    least_fee_usd: int = 10**6
    """The same in millionths of the stablecoin."""


LOCAL_CHARTER = Charter(
    voting_delay=1,
    voting_period=4,
    late_quorum_extension=1,
    timelock_seconds=1,
    proposal_threshold=1_000 * FRAC,
    appeal_seconds=5,
    month_seconds=_HOUR,
)
"""Short enough to watch: a vote takes about seven seconds, a month an hour."""


def plan_timelock(plan: Plan, charter: Charter, deployer: Address) -> Address:
    """Add the timelock to a plan, which will own what is governed; return its address.

    Until `plan_hand_over` is done, `deployer` may still do what the timelock will do alone.
    """
    return plan.create("TimelockController", charter.timelock_seconds, [], [NOBODY], deployer)


def plan_parameters(plan: Plan, charter: Charter, timelock: Address, usd: Address) -> Address:
    """Add the parameters as they are until the first vote; return where they are."""
    numbers = (charter.protocol_fee_bps, charter.opener_bond_bps, charter.appeal_seconds, charter.training_quorum)
    values = (*numbers, charter.curves, [NOBODY, usd])
    return plan.create("Parameters", timelock, values)


def plan_governance(
    plan: Plan, charter: Charter, deployer: Address, timelock: Address, frac: Address, vault: Address
) -> None:
    """Add who decides to a plan, FRAC in accounts and at stake counted alike, and the emissions."""
    votes = plan.create("VotingPower", frac, vault)
    rules = (
        charter.voting_delay,
        charter.voting_period,
        charter.proposal_threshold,
        charter.quorum_percent,
        charter.late_quorum_extension,
    )
    governor = plan.create("FracGovernor", votes, timelock, rules)
    for role in (PROPOSER_ROLE, CANCELLER_ROLE):
        granted = Check("TimelockController", timelock, "hasRole", (role, governor), True)
        plan.call("TimelockController", "grantRole", role, governor, done=(granted,))
    emission = (charter.emissions.share_bps, charter.emissions.max_per_point)
    size = (charter.month_seconds, charter.per_month, charter.months)
    plan.create("Emissions", frac, deployer, *size, emission)


def plan_agents(plan: Plan, usd: Address) -> None:
    """Add what makes agents property to a plan: registries, accounts, market, pay per call."""
    agents = plan.create("AgentRegistry")
    for name in ("AgentReputation", "AgentValidation", "AgentAccounts"):
        plan.create(name, agents)
    plan.create("TrainingValidator", plan.addresses["TrainingRegistry"], plan.addresses["AgentValidation"])
    plan.create("AgentMarket", [usd])
    plan.create("CallMeter", agents, [usd])


def plan_points(plan: Plan, charter: Charter, usd: Address) -> None:
    """Add what records paid work for the emissions, once escrow and registry are planned."""
    at = plan.addresses
    work = (at["Emissions"], at["SessionEscrow"], at["TrainingRegistry"])
    points = plan.create("WorkPoints", *work, [NOBODY, usd], [charter.least_fee_eth, charter.least_fee_usd])
    for group in Group:
        records = Check("Emissions", at["Emissions"], "isRecorder", (points, group.value), True)
        plan.call("Emissions", "setRecorder", points, group.value, True, done=(records, _owned(plan)))


def _owned(plan: Plan) -> Check:
    """Return the check that the timelock owns the emissions, so that the deployer's part is over."""
    return Check("Emissions", plan.addresses["Emissions"], "owner", (), plan.addresses["TimelockController"])


def plan_hand_over(plan: Plan, charter: Charter, deployer: Address, timelock: Address, frac: Address) -> None:
    """Add the last steps: the emissions are paid in, and the deployer gives up every right it has."""
    emissions = plan.addresses["Emissions"]
    budget = charter.per_month * charter.months
    owned = _owned(plan)
    paid = Check("FracToken", frac, "balanceOf", (emissions,), budget)
    plan.call("FracToken", "transfer", emissions, budget, done=(paid, owned))
    plan.call("Emissions", "transferOwnership", timelock, done=(owned,))
    gone = Check("TimelockController", timelock, "hasRole", (ADMIN_ROLE, deployer), False)
    plan.call("TimelockController", "renounceRole", ADMIN_ROLE, deployer, done=(gone,))
