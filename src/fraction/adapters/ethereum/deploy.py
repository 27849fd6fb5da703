"""Put the contracts on a chain, once: whatever is repeated or killed, the same deployment comes out.

    settings ─▶ plan (addresses, steps) ─▶ send what is missing ─▶ deployment.json

What is there already is skipped, so a deployment that was stopped anywhere goes on where it ended; each transaction
is kept before it is sent, and on a chain that came back shorter the same bytes go out again.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fraction.adapters.ethereum.abi import interface
from fraction.adapters.ethereum.anvil import write_atomically
from fraction.adapters.ethereum.deployment import Deployment, read_deployment
from fraction.adapters.ethereum.plan import FACTORY, Check, Creation, Plan, Step
from fraction.adapters.ethereum.rpc import JsonRpc, RpcError
from fraction.adapters.ethereum.sender import Call, Sender
from fraction.adapters.ethereum.specs import ChainSpec
from fraction.base import Address, NotFound, Rejected, Unavailable

FRAC = 10**18
"""Wei of FRAC in one FRAC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSettings:
    """What the contracts are built with; none of it can be changed later."""

    treasury: Address
    """Gets the platform's half of the fees, dust, and slashed FRAC."""
    supply: int = 100_000_000 * FRAC
    """All FRAC there will be in this version; the deployer gets it."""
    minimum_stake: int = 1_000 * FRAC
    thaw_seconds: int = 60
    """Between a node's request to leave and its stake: short for a local chain, weeks on a public one."""
    usd: Address | None = None
    """The stablecoin; None takes the chain's, and makes a test coin on the local chain only."""


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
    frac = plan.create("FracToken", deployer, settings.supply)
    randomness = plan.create("BlockhashRandomness")
    treasury = settings.treasury
    vault = plan.create("StakeVault", frac, treasury, settings.minimum_stake, settings.thaw_seconds, deployer)
    escrow = plan.create("SessionEscrow", vault, randomness, treasury, [usd])
    registry = plan.create("TrainingRegistry", vault, randomness, treasury, [usd])
    wired = Check("StakeVault", vault, "escrow", (), escrow)
    plan.call("StakeVault", "wire", escrow, registry, done=(wired,))
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
    deployer = Deployer(rpc, sender)
    block = min(deployer.create(creation) for creation in plan.creations)
    for step in plan.steps:
        deployer.take(step)
    deployment = Deployment(chain_id, genesis.hash, block, plan.addresses)
    write_atomically(path, deployment.to_text())
    return deployment


class Deployer:
    """Does a plan's parts, each unless it was done."""

    def __init__(self, rpc: JsonRpc, sender: Sender) -> None:
        self._rpc = rpc
        self._sender = sender

    def is_created(self, creation: Creation) -> bool:
        """Return whether the contract is on the chain."""
        return bool(self._rpc.code(creation.address))

    def is_taken(self, step: Step) -> bool:
        """Return whether the step was taken."""
        return any(check.holds(self._read) for check in step.done)

    def create(self, creation: Creation) -> int:
        """Create the contract if it is not there; return its block (0, if another machine deployed it)."""
        key = f"deploy/{creation.name}/{hashlib.sha256(creation.code).hexdigest()}"
        if self.is_created(creation):
            receipt = self._sender.receipt_of(key)
            return receipt.block_number if receipt is not None else 0
        receipt = self._sender.send(key, Call(FACTORY, creation.payload, contract=creation.name))
        if not self.is_created(creation):
            raise Unavailable(f"The chain made no contract of {creation.name}; try again.")
        return receipt.block_number

    def take(self, step: Step) -> None:
        """Take the step if it was not."""
        if not self.is_taken(step):
            key = f"deploy/{step.to}/{hashlib.sha256(step.payload).hexdigest()}"
            self._sender.send(key, Call(step.to, step.payload, contract=step.name))

    def _read(self, name: str, to: Address, function: str, arguments: tuple[object, ...]) -> object:
        known = interface(name)
        try:
            answer = self._rpc.call(to, known.call(function, *arguments))
        except RpcError:
            return None
        if not answer:
            return None  # the contract is not there yet
        found = known.results(function, answer)
        value = found.values["0"]
        return found.address("0") if isinstance(value, str) and value.startswith("0x") else value


def _kept(path: Path) -> Deployment | None:
    try:
        return read_deployment(path)
    except NotFound:
        return None


def _is_there(rpc: JsonRpc, deployment: Deployment) -> bool:
    return all(rpc.code(address) for address in deployment.addresses.values())
