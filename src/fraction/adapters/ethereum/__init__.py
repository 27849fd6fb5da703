"""Ethereum and the chains like it: the local chain, the contracts on it, and one account's view of them.

LocalChain ─▶ deploy ─▶ Deployment ─▶ connect ─▶ Connection: wallet, vault, escrow, registry
"""

from fraction.adapters.ethereum.account import DEV_MNEMONIC, Account, dev_key
from fraction.adapters.ethereum.anvil import LocalChain, LocalChainSettings, running_url
from fraction.adapters.ethereum.connection import Connection, connect, connect_over, deploy_with
from fraction.adapters.ethereum.deploy import FRAC, DeploymentSettings
from fraction.adapters.ethereum.deployment import Deployment, read_deployment
from fraction.adapters.ethereum.escrow import EthereumEscrow
from fraction.adapters.ethereum.registry import EthereumRegistry
from fraction.adapters.ethereum.specs import ARBITRUM, BASE, CHAINS, LOCAL, SEPOLIA, ChainSpec, chain_named
from fraction.adapters.ethereum.vault import EthereumVault
from fraction.adapters.ethereum.wallet import EthereumWallet, Faucet

__all__ = [
    "ARBITRUM",
    "BASE",
    "CHAINS",
    "DEV_MNEMONIC",
    "FRAC",
    "LOCAL",
    "SEPOLIA",
    "Account",
    "ChainSpec",
    "Connection",
    "Deployment",
    "DeploymentSettings",
    "EthereumEscrow",
    "EthereumRegistry",
    "EthereumVault",
    "EthereumWallet",
    "Faucet",
    "LocalChain",
    "LocalChainSettings",
    "chain_named",
    "connect",
    "connect_over",
    "deploy_with",
    "dev_key",
    "read_deployment",
    "running_url",
]
