"""Putting the contracts on a chain, and checking what is there: for who runs an installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fraction.adapters.clock import SystemClock
from fraction.app.deployments import Finding, PlanReport
from fraction.base import Address, Rejected, Unavailable
from fraction.wiring.chain import sleeping_chain
from fraction.wiring.contracts import deployment_settings
from fraction.wiring.world import World

if TYPE_CHECKING:
    from fraction.adapters.ethereum.deployment import Deployment
    from fraction.adapters.ethereum.specs import ChainSpec


@dataclass(frozen=True, slots=True)
class ChainTarget:
    """A chain, and the folder whose contracts are meant."""

    world: World
    chain: str
    """Its name, such as `base`."""
    rpc: str
    """Its JSON-RPC; empty: the one that is known for it."""

    def spec(self) -> "ChainSpec":
        """Return what is known of the chain.

        Raises:
            Rejected: there is no such chain.
            Unavailable: it is the local one, and it does not run.
        """
        from fraction.adapters.ethereum.anvil import running_url
        from fraction.adapters.ethereum.specs import chain_named

        spec = chain_named(self.chain)
        url = self.rpc or (running_url(self.world.chain) if spec.mines_on_demand else spec.rpc_url)
        if not url:
            raise Unavailable(f"No local chain runs in {self.world.folder}; start one with `fraction chain`.")
        return replace(spec, rpc_url=url)


def plan_deployment(target: ChainTarget, deployer: str) -> PlanReport:
    """Return what would be sent to the chain, what it would cost, and who could do what afterwards.

    Args:
        target: the chain
        deployer: the account that would send it; empty: the local chain's first

    Raises:
        Rejected: the account or the chain is none.
        Unavailable: the chain does not answer.
    """
    from fraction.adapters.ethereum.account import Account, dev_key
    from fraction.adapters.ethereum.audit import plan_report
    from fraction.adapters.ethereum.rpc import JsonRpc

    spec = target.spec()
    if not deployer and not spec.mines_on_demand:
        raise Rejected("Name the account that would deploy with --deployer; its address decides all others.")
    account = Address(deployer) if deployer else Account.from_key(dev_key(0)).address
    rpc = JsonRpc(spec.rpc_url)
    try:
        return plan_report(rpc, spec, account, deployment_settings(spec))
    finally:
        rpc.close()


def deploy_contracts(target: ChainTarget, key_file: Path | None) -> "Deployment":
    """Return the deployment, made now or gone on with; the world's folder remembers it.

    Args:
        target: the chain
        key_file: holds the deployer's private key; None: the local chain's first account

    Raises:
        Rejected: there is no key, or the chain lacks what is needed.
        Unavailable: the chain does not answer.
    """
    from fraction.adapters.ethereum.account import dev_key
    from fraction.adapters.ethereum.connection import deploy_with
    from fraction.adapters.keys import key_at
    from fraction.adapters.store import open_store

    spec = target.spec()
    if key_file is None and not spec.mines_on_demand:
        raise Rejected("Name the file with the deployer's private key with --key-file.")
    if key_file is not None and not key_file.exists():
        raise Rejected(f"There is no key in {key_file}; put the deployer's private key there (0x and 64 digits).")
    key = key_at(key_file) if key_file is not None else dev_key(0)
    target.world.folder.mkdir(parents=True, exist_ok=True)
    store = open_store(f"sqlite:///{target.world.folder / 'deployer.db'}")
    try:
        settings = deployment_settings(spec)
        return deploy_with(spec, key, store.outbox, SystemClock(), settings, target.world.deployment)
    finally:
        store.close()


def verify_deployment(target: ChainTarget) -> tuple[Finding, ...]:
    """Compare the contracts on the chain with the committed artifacts, and their roles with who should hold them.

    Raises:
        NotFound: the world's folder knows of no deployment.
        Unavailable: the chain does not answer.
    """
    from fraction.adapters.ethereum.audit import verify
    from fraction.adapters.ethereum.deployment import read_deployment
    from fraction.adapters.ethereum.rpc import JsonRpc

    deployment = read_deployment(target.world.deployment)
    with _local_if_asleep(target) as spec:
        rpc = JsonRpc(spec.rpc_url)
        try:
            found = rpc.chain_id()
            if found != deployment.chain_id:
                raise Rejected(f"The deployment is on chain {deployment.chain_id}, and this is chain {found}.")
            return verify(rpc, deployment, spec.usd)
        finally:
            rpc.close()


@contextmanager
def _local_if_asleep(target: ChainTarget) -> "Iterator[ChainSpec]":
    """Give the chain's spec; a local chain that does not run is started from its state meanwhile."""
    from fraction.adapters.ethereum.anvil import running_url
    from fraction.adapters.ethereum.specs import LOCAL

    if target.chain != LOCAL.name or target.rpc or running_url(target.world.chain):
        yield target.spec()
        return
    with sleeping_chain(target.world) as url:
        yield replace(LOCAL, rpc_url=url)
