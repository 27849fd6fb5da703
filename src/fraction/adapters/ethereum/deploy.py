"""Put the contracts on a chain, once: whatever is repeated or killed, the same deployment comes out.

    settings ─▶ plan (addresses, steps) ─▶ send what is missing ─▶ deployment.json

What is there already is skipped, so a deployment that was stopped anywhere goes on where it ended; each transaction
is kept before it is sent, and on a chain that came back shorter the same bytes go out again.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fraction.adapters.ethereum.abi import checksummed, interface
from fraction.adapters.ethereum.anvil import write_atomically
from fraction.adapters.ethereum.charter import (
    FRAC,
    LOCAL_CHARTER,
    Charter,
    plan_agents,
    plan_governance,
    plan_hand_over,
    plan_parameters,
    plan_points,
    plan_timelock,
)
from fraction.adapters.ethereum.deployment import Deployment, read_deployment
from fraction.adapters.ethereum.plan import FACTORY, Check, Creation, Plan, Step
from fraction.adapters.ethereum.rpc import JsonRpc, RpcError
from fraction.adapters.ethereum.sender import Call, Sender
from fraction.adapters.ethereum.specs import ChainSpec
from fraction.base import Address, NotFound, Rejected, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSettings:
    """What the contracts are built with; none of it can be changed later."""

    treasury: Address | None = None
    """Gets the platform's half of the fees, dust, and slashed FRAC; None is the timelock."""
    supply: int = 100_000_000 * FRAC
    """All FRAC there will be in this version; what the emissions do not need stays with the deployer."""
    minimum_stake: int = 1_000 * FRAC
    thaw_seconds: int = 60
    """Between a node's request to leave and its stake: short for a local chain, weeks on a public one."""
    dispute_bond: int = 10**16
    """Wei of ETH that a challenger pays to open a dispute; it pays for the defender's gas."""
    move_seconds: int = 60
    """Time for each move in a dispute: short for a local chain, hours on a public one."""
    usd: Address | None = None
    """The stablecoin; None takes the chain's, and makes a test coin on the local chain only."""
    charter: Charter | None = None
    """What governance begins with; None has short periods on the local chain and those of the charter elsewhere."""


def plan_for(spec: ChainSpec, deployer: Address, settings: DeploymentSettings) -> Plan:
    """Return what `deployer` would put on the chain.

    Raises:
        Rejected: the settings would put a worthless coin on a public chain.
    """
    plan = Plan()
    usd = settings.usd or spec.usd
    if usd is not None:
        plan.given["TestUSD"] = usd
    elif spec.mines_on_demand:
        usd = plan.create("TestUSD")
    else:
        raise Rejected(f"On the chain {spec.name} fees need a real stablecoin; set its address.")
    charter = settings.charter or (LOCAL_CHARTER if spec.mines_on_demand else Charter())
    frac = plan.create("FracToken", deployer, settings.supply)
    timelock = plan_timelock(plan, charter, deployer)
    parameters = plan_parameters(plan, charter, timelock, usd)
    randomness = plan.create("BlockhashRandomness")
    treasury = settings.treasury or timelock
    vault = plan.create("StakeVault", frac, treasury, settings.minimum_stake, settings.thaw_seconds, deployer)
    plan_governance(plan, charter, deployer, timelock, frac, vault)
    escrow = plan.create("SessionEscrow", vault, randomness, treasury, parameters)
    registry = plan.create("TrainingRegistry", vault, randomness, treasury, [usd], deployer)
    referee = plan.create("Referee")
    game = plan.create("DisputeGame", registry, referee, settings.dispute_bond, settings.move_seconds)
    wired = Check("StakeVault", vault, "escrow", (), escrow)
    plan.call("StakeVault", "wire", escrow, registry, done=(wired,))
    playing = Check("TrainingRegistry", registry, "game", (), game)
    plan.call("TrainingRegistry", "wire", game, done=(playing,))
    plan_agents(plan, usd)
    plan_points(plan, charter, usd)
    plan_hand_over(plan, charter, deployer, timelock, frac)
    return plan


def deploy(rpc: JsonRpc, spec: ChainSpec, sender: Sender, settings: DeploymentSettings, path: Path) -> Deployment:
    """Return the deployment that the file at `path` tells, made now if it is not on this chain yet.

    Raises:
        Rejected: the settings would put a worthless coin on a public chain, or the chain lacks what is needed.
        Unavailable: the chain does not answer.
    """
    genesis = rpc.block(0)
    if genesis is None:
        raise Unavailable(f"The chain at {rpc.url} has no blocks yet; try again in a moment.")
    chain_id = rpc.chain_id()
    kept = _kept(path)
    if kept is not None and (kept.chain_id, kept.genesis) == (chain_id, genesis.hash) and _is_there(rpc, kept):
        return kept
    plan = plan_for(spec, sender.address, settings)
    for name, needed in (plan.given | {"deterministic deployment": FACTORY}).items():
        if not rpc.code(needed):
            raise Rejected(f"The chain {spec.name} has no contract for {name} at {needed}; correct the settings.")
    deployer = Deployer(rpc)
    block = min(deployer.create(sender, creation) for creation in plan.creations)
    for step in plan.steps:
        deployer.take(sender, step)
    deployment = Deployment(chain_id, genesis.hash, block, plan.addresses)
    write_atomically(path, deployment.to_text())
    return deployment


class Deployer:
    """Does a plan's parts, each unless it was done."""

    def __init__(self, rpc: JsonRpc) -> None:
        self._rpc = rpc

    def is_created(self, creation: Creation) -> bool:
        """Return whether the contract is on the chain."""
        return bool(self._rpc.code(creation.address))

    def is_taken(self, step: Step) -> bool:
        """Return whether the step was taken."""
        return any(check.holds(self._read) for check in step.done)

    def create(self, sender: Sender, creation: Creation) -> int:
        """Create the contract if it is not there; return its block (0, if another machine deployed it)."""
        key = f"deploy/{creation.name}/{hashlib.sha256(creation.code).hexdigest()}"
        if self.is_created(creation):
            receipt = sender.receipt_of(key)
            return receipt.block_number if receipt is not None else 0
        receipt = sender.send(key, Call(FACTORY, creation.payload, contract=creation.name))
        if not self.is_created(creation):
            raise Unavailable(f"The chain made no contract of {creation.name}; try again.")
        return receipt.block_number

    def take(self, sender: Sender, step: Step) -> None:
        """Take the step if it was not."""
        if not self.is_taken(step):
            key = f"deploy/{step.to}/{hashlib.sha256(step.payload).hexdigest()}"
            sender.send(key, Call(step.to, step.payload, contract=step.name))

    def _read(self, name: str, to: Address, function: str, arguments: tuple[object, ...]) -> object:
        known = interface(name)
        try:
            answer = self._rpc.call(to, known.call(function, *arguments))
        except RpcError:
            return None
        if not answer:
            return None  # the contract is not there yet
        value = known.results(function, answer).values["0"]
        return checksummed(value) if isinstance(value, str) else value


def _kept(path: Path) -> Deployment | None:
    try:
        return read_deployment(path)
    except NotFound:
        return None


def _is_there(rpc: JsonRpc, deployment: Deployment) -> bool:
    return all(rpc.code(address) for address in deployment.addresses.values())
