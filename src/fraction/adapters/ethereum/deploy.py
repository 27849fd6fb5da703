"""Put the contracts on a chain, once: whatever is repeated or killed, the same deployment comes out.

Each contract is sent under a key that names its creation code and arguments, so a repetition finds the transaction
that was kept and, on a chain that came back shorter, sends the same bytes to the same address.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from fraction.adapters.ethereum.abi import checksummed, interface
from fraction.adapters.ethereum.anvil import write_atomically
from fraction.adapters.ethereum.contract import NOBODY
from fraction.adapters.ethereum.deployment import Deployment, read_deployment
from fraction.adapters.ethereum.rpc import JsonRpc
from fraction.adapters.ethereum.sender import Call, Sender
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
    """The stablecoin; None deploys a test coin that anyone can make, for local chains only."""


def deploy(rpc: JsonRpc, sender: Sender, settings: DeploymentSettings, path: Path) -> Deployment:
    """Return the deployment that the file at `path` tells, made now if it is not on this chain yet.

    Raises:
        Rejected: the settings would put a worthless coin on a public chain.
        Unavailable: the chain does not answer.
    """
    genesis = rpc.block(0)
    if genesis is None:
        raise Unavailable(f"The chain at {rpc.url} has no blocks yet; try again in a moment.")
    chain_id = rpc.chain_id()
    kept = _kept(path)
    if kept is not None and (kept.chain_id, kept.genesis) == (chain_id, genesis.hash) and _is_there(rpc, kept):
        return kept
    if settings.usd is None and chain_id != _LOCAL_CHAIN_ID:
        raise Rejected(f"On chain {chain_id} fees need a real stablecoin; set its address.")
    deployment = _Deployer(rpc, sender).run(settings, Deployment(chain_id, genesis.hash, 0, {}))
    write_atomically(path, deployment.to_text())
    return deployment


_LOCAL_CHAIN_ID = 31337


class _Deployer:
    def __init__(self, rpc: JsonRpc, sender: Sender) -> None:
        self._rpc = rpc
        self._sender = sender
        self._blocks: list[int] = []

    def run(self, settings: DeploymentSettings, empty: Deployment) -> Deployment:
        frac = self._create("FracToken", self._sender.address, settings.supply)
        usd = settings.usd or self._create("TestUSD")
        randomness = self._create("BlockhashRandomness")
        treasury = settings.treasury
        vault = self._create("StakeVault", frac, treasury, settings.minimum_stake, settings.thaw_seconds)
        escrow = self._create("SessionEscrow", vault, randomness, treasury, [usd])
        registry = self._create("TrainingRegistry", vault, randomness, treasury, [usd])
        self._wire(vault, escrow, registry)
        addresses = {
            "FracToken": frac,
            "TestUSD": usd,
            "BlockhashRandomness": randomness,
            "StakeVault": vault,
            "SessionEscrow": escrow,
            "TrainingRegistry": registry,
        }
        return replace(empty, block=min(self._blocks), addresses=addresses)

    def _create(self, name: str, *arguments: object) -> Address:
        creation = interface(name).creation(*arguments)
        key = f"deploy/{name}/{hashlib.sha256(creation).hexdigest()}"
        receipt = self._sender.send(key, Call(None, creation, contract=name))
        if receipt.created is None:
            raise Unavailable(f"The chain made no contract of {name}; try again.")
        self._blocks.append(receipt.block_number)
        return checksummed(receipt.created)

    def _wire(self, vault: Address, escrow: Address, registry: Address) -> None:
        known = interface("StakeVault")
        wired = known.results("escrow", self._rpc.call(vault, known.call("escrow"))).address("0")
        if wired == NOBODY:
            call = Call(vault, known.call("wire", escrow, registry), contract="StakeVault")
            self._sender.send(f"deploy/wire/{vault}", call)


def _kept(path: Path) -> Deployment | None:
    try:
        return read_deployment(path)
    except NotFound:
        return None


def _is_there(rpc: JsonRpc, deployment: Deployment) -> bool:
    return all(rpc.code(address) for address in deployment.addresses.values())
