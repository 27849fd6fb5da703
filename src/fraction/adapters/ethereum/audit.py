"""What a deployment would do and cost, and whether what is on a chain is what this repository says."""

from fraction.adapters.ethereum.abi import checksummed, interface
from fraction.adapters.ethereum.charter import ADMIN_ROLE, CANCELLER_ROLE, EXECUTOR_ROLE, PROPOSER_ROLE
from fraction.adapters.ethereum.contract import NOBODY
from fraction.adapters.ethereum.deploy import Deployer, DeploymentSettings, plan_for
from fraction.adapters.ethereum.deployment import Deployment
from fraction.adapters.ethereum.plan import FACTORY, Creation
from fraction.adapters.ethereum.rpc import JsonRpc, RpcError
from fraction.adapters.ethereum.specs import ChainSpec
from fraction.app.deployments import Finding, PlannedStep, PlanReport
from fraction.base import Address

_STEP_GAS = 90_000
"""More than any of the joining calls uses; they cannot be estimated before the contracts are there."""

_ROLES = {
    "administers itself": ADMIN_ROLE,
    "proposes": PROPOSER_ROLE,
    "cancels": CANCELLER_ROLE,
    "executes": EXECUTOR_ROLE,
}

_LINKS = (
    ("Parameters", "owner", "TimelockController"),
    ("Emissions", "owner", "TimelockController"),
    ("FracGovernor", "timelock", "TimelockController"),
    ("FracGovernor", "token", "VotingPower"),
    ("VotingPower", "token", "FracToken"),
    ("VotingPower", "vault", "StakeVault"),
    ("SessionEscrow", "vault", "StakeVault"),
    ("SessionEscrow", "parameters", "Parameters"),
    ("TrainingRegistry", "vault", "StakeVault"),
    ("TrainingRegistry", "game", "DisputeGame"),
    ("StakeVault", "escrow", "SessionEscrow"),
    ("StakeVault", "registry", "TrainingRegistry"),
    ("StakeVault", "token", "FracToken"),
)
"""Who obeys whom: contract, view function, and the contract that it has to name."""


def plan_report(rpc: JsonRpc, spec: ChainSpec, deployer: Address, settings: DeploymentSettings) -> PlanReport:
    """Return what `deployer` would send, without sending anything.

    Raises:
        Rejected: the settings would put a worthless coin on a public chain.
        Unavailable: the chain does not answer.
    """
    plan = plan_for(spec, deployer, settings)
    progress = Deployer(rpc)
    steps: list[PlannedStep] = []
    for creation in plan.creations:
        done = progress.is_created(creation)
        gas = 0 if done else _creation_gas(rpc, deployer, creation)
        steps.append(PlannedStep(f"create {creation.name}", creation.address, done, gas))
    for step in plan.steps:
        done = progress.is_taken(step)
        steps.append(PlannedStep(f"{step.name}.{step.function}", step.to, done, 0 if done else _STEP_GAS))
    tip = max(rpc.tip(), spec.min_tip)
    roles = _role_sentences(plan.addresses, settings.treasury)
    given = {"stablecoin" if name == "TestUSD" else name: place for name, place in plan.given.items()}
    given["deterministic deployment"] = FACTORY
    price = rpc.head().base_fee + tip
    return PlanReport(spec.name, spec.chain_id, deployer, given, tuple(steps), price, spec.has_data_fee, roles)


def verify(rpc: JsonRpc, deployment: Deployment, usd: Address | None) -> tuple[Finding, ...]:
    """Compare what is on the chain with the committed artifacts, and who may do what with who should.

    Args:
        rpc: the chain
        deployment: what it says is compared
        usd: the stablecoin, if it is not ours
    """
    findings = [
        Finding(f"{name} at {address} is the committed code", interface(name).is_code(rpc.code(address)))
        for name, address in deployment.addresses.items()
        if address != usd
    ]
    if "TimelockController" in deployment.addresses:
        findings += _role_findings(rpc, deployment)
    if "WorkPoints" in deployment.addresses:
        recorders = _recorders(rpc, deployment)
        findings.append(Finding("Emissions: only WorkPoints records", recorders == {deployment.address("WorkPoints")}))
    return tuple(findings)


def _creation_gas(rpc: JsonRpc, deployer: Address, creation: Creation) -> int:
    try:
        return rpc.estimate(deployer, FACTORY, creation.payload, 0)
    except RpcError:  # its constructor asks a contract that is not there yet: take bytes and storage at full price
        return 53_000 + 16 * len(creation.payload) + 200 * len(creation.code) + 200_000


def _role_sentences(at: dict[str, Address], treasury: Address | None) -> tuple[str, ...]:
    timelock, governor = at["TimelockController"], at["FracGovernor"]
    return (
        f"{timelock} (timelock) owns Parameters and Emissions and administers itself; nobody else has a role in it",
        f"{governor} (governor) proposes to the timelock and cancels; anyone executes what has waited",
        f"{treasury or timelock} gets the treasury's part of fees and what is slashed",
        f"{at['WorkPoints']} (points for paid work) writes what the emissions pay by; nobody else does",
        "the deployer keeps the FRAC that the emissions do not need, and no right",
    )


def _role_findings(rpc: JsonRpc, deployment: Deployment) -> list[Finding]:
    timelock, governor = deployment.address("TimelockController"), deployment.address("FracGovernor")
    expected = {
        "administers itself": {timelock},
        "proposes": {governor},
        "cancels": {governor},
        "executes": {NOBODY},
    }
    holders = _holders(rpc, timelock, deployment.block)
    findings = [
        Finding(f"Timelock: who {what} is as it should be", holders.get(_ROLES[what], set()) == accounts)
        for what, accounts in expected.items()
    ]
    findings.append(Finding("Timelock: there are no other roles", set(holders) <= set(_ROLES.values())))
    for name, function, expected_name in _LINKS:
        holds = _linked(rpc, deployment, name, function) == deployment.address(expected_name)
        findings.append(Finding(f"{name}.{function} is the {expected_name}", holds))
    return findings


def _holders(rpc: JsonRpc, timelock: Address, first_block: int) -> dict[bytes, set[Address]]:
    """Return who holds which role, by the whole history of grants and revocations."""
    known = interface("TimelockController")
    holders: dict[bytes, set[Address]] = {}
    for log in rpc.logs(timelock, [], first_block):
        event = known.event(log.topics, log.payload)
        if event is not None and event.kind in ("RoleGranted", "RoleRevoked"):
            accounts = holders.setdefault(event.raw("role"), set())
            change = accounts.add if event.kind == "RoleGranted" else accounts.discard
            change(event.address("account"))
    return {role: accounts for role, accounts in holders.items() if accounts}


def _recorders(rpc: JsonRpc, deployment: Deployment) -> set[Address]:
    """Return who may write points for any group, by the whole history of permissions."""
    known = interface("Emissions")
    may: dict[tuple[Address, int], bool] = {}
    for log in rpc.logs(deployment.address("Emissions"), [known.topic("RecorderSet")], deployment.block):
        event = known.event(log.topics, log.payload)
        if event is not None:
            may[event.address("recorder"), event.integer("group")] = event.flag("may")
    return {recorder for (recorder, _), allowed in may.items() if allowed}


def _linked(rpc: JsonRpc, deployment: Deployment, name: str, function: str) -> Address | None:
    known = interface(name)
    answer = rpc.call(deployment.address(name), known.call(function))
    return checksummed(known.results(function, answer).text("0")) if answer else None
