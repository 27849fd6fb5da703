"""Everything one account can do on one chain, joined."""

from dataclasses import dataclass, replace
from pathlib import Path

from fraction.adapters.ethereum.account import Account
from fraction.adapters.ethereum.agents import EthereumAgentAccounts, EthereumAgents
from fraction.adapters.ethereum.contract import Chain
from fraction.adapters.ethereum.deploy import DeploymentSettings, deploy
from fraction.adapters.ethereum.deployment import Deployment
from fraction.adapters.ethereum.dispute import EthereumDisputes
from fraction.adapters.ethereum.emissions import EthereumEmissions
from fraction.adapters.ethereum.escrow import EthereumEscrow
from fraction.adapters.ethereum.governance import EthereumGovernance
from fraction.adapters.ethereum.market import EthereumCallMeter, EthereumMarket
from fraction.adapters.ethereum.registry import EthereumRegistry
from fraction.adapters.ethereum.rpc import JsonRpc
from fraction.adapters.ethereum.sender import Finality, Lanes, Sender
from fraction.adapters.ethereum.specs import ChainSpec
from fraction.adapters.ethereum.vault import EthereumVault
from fraction.adapters.ethereum.wallet import EthereumWallet, Faucet
from fraction.app.ports import Clock, Outbox
from fraction.base import Rejected


@dataclass(frozen=True, slots=True)
class Connection:
    """One account on one chain: an adapter for each port of `fraction.app.chain`."""

    chain: Chain
    outbox: Outbox
    clock: Clock
    wallet: EthereumWallet
    vault: EthereumVault
    escrow: EthereumEscrow
    registry: EthereumRegistry
    disputes: EthereumDisputes

    def account(self, key: str) -> "Connection":
        """Return what the account of another private key can do, over the same connection to the node.

        Raises:
            Rejected: the key is none.
        """
        chain = self.chain
        sender = Sender(chain.rpc, chain.spec, Account.from_key(key), self.outbox, self.clock)
        return _joined(replace(chain, sender=sender), self.outbox, self.clock)

    def faucet(self) -> Faucet:
        """Return the local chain's purse; of use only to the account that deployed the contracts."""
        return Faucet(self.chain)

    def governance(self) -> EthereumGovernance:
        """Return the votes of FRAC's holders."""
        return EthereumGovernance(self.chain)

    def emissions(self) -> EthereumEmissions:
        """Return FRAC for recorded work."""
        return EthereumEmissions(self.chain)

    def agents(self) -> EthereumAgents:
        """Return agents as tokens."""
        return EthereumAgents(self.chain)

    def agent_accounts(self) -> EthereumAgentAccounts:
        """Return agents' own accounts."""
        return EthereumAgentAccounts(self.chain)

    def market(self) -> EthereumMarket:
        """Return signed offers."""
        return EthereumMarket(self.chain)

    def call_meter(self) -> EthereumCallMeter:
        """Return payment by the call."""
        return EthereumCallMeter(self.chain)

    def resend_unconfirmed(self) -> int:
        """Broadcast again what the chain does not have; return how many. To be called at start-up.

        Afterwards, whoever asks for a Session's or a task's state has this done from time to time.
        """
        return self.chain.sender.resend_unconfirmed()

    def close(self) -> None:
        """Give the connection to the node back, for all accounts that share it."""
        self.chain.rpc.close()


def connect(spec: ChainSpec, deployment: Deployment, key: str, outbox: Outbox, clock: Clock) -> Connection:
    """Return what the account of the private key `key` can do on the chain.

    Raises:
        Rejected: the key is none, or the deployment is of another chain.
    """
    return connect_over(JsonRpc(spec.rpc_url), spec, deployment, Account.from_key(key), outbox, clock)


def connect_over(
    rpc: JsonRpc, spec: ChainSpec, deployment: Deployment, account: Account, outbox: Outbox, clock: Clock
) -> Connection:
    """Return what `account` can do on the chain that answers at `rpc`.

    Raises:
        Rejected: the deployment is of another chain.
    """
    if deployment.chain_id != spec.chain_id:
        raise Rejected(
            f"The deployment is on chain {deployment.chain_id} and the settings name chain {spec.chain_id}; "
            "name the deployment of the chain you mean."
        )
    sender = Sender(rpc, spec, account, outbox, clock)
    return _joined(Chain(rpc, spec, sender, Lanes(), Finality(rpc, spec, clock), deployment), outbox, clock)


def _joined(chain: Chain, outbox: Outbox, clock: Clock) -> Connection:
    chain.lanes.add(chain.sender)
    return Connection(
        chain=chain,
        outbox=outbox,
        clock=clock,
        wallet=EthereumWallet(chain),
        vault=EthereumVault(chain),
        escrow=EthereumEscrow(chain),
        registry=EthereumRegistry(chain),
        disputes=EthereumDisputes(chain),
    )


def deploy_with(
    spec: ChainSpec, key: str, outbox: Outbox, clock: Clock, settings: DeploymentSettings, path: Path
) -> Deployment:
    """Return the deployment that the file at `path` tells, made now with the account of `key` if it is not there.

    Raises:
        Rejected: the key is none, or the settings would put a worthless coin on a public chain.
        Unavailable: the chain does not answer.
    """
    rpc = JsonRpc(spec.rpc_url)
    try:
        sender = Sender(rpc, spec, Account.from_key(key), outbox, clock)
        sender.resend_unconfirmed()
        return deploy(rpc, spec, sender, settings, path)
    finally:
        rpc.close()
