"""The platform's ports in one place: what the verbs of the platform process are given."""

from collections.abc import Callable
from dataclasses import dataclass

from fraction.app.chain import Escrow, TrainingRegistry, Vault, Wallet
from fraction.app.compare_versions import Gate
from fraction.app.disputes import DisputeGame
from fraction.app.emissions import Emissions
from fraction.app.generation import ChatModel
from fraction.app.ports import Agents, BlobReader, Blobs, Clock, Engine, Records, SessionLogs
from fraction.app.training_disputes import Specify, unspecified
from fraction.base import Address, Wei
from fraction.training import PublishedRecipe


@dataclass(frozen=True, slots=True)
class Account:
    """What an account can do on chain; the platform holds one for itself and one per embedded user."""

    wallet: Wallet
    escrow: Escrow
    registry: TrainingRegistry
    vault: Vault
    emissions: Emissions
    disputes: DisputeGame | None = None


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How this platform trains."""

    recipe: PublishedRecipe
    """What is learned from, and how."""
    arithmetic: str
    """The class of machine on which trainer and verifiers must agree bit for bit."""
    fee: Wei
    """What a training costs the agent's owner, in wei of ETH; shared by the nodes that agree."""
    verifiers: int
    quorum: int
    """How many of trainer and verifiers must find the same."""
    seconds: int
    """How long the nodes have to train, and again to reveal."""
    dispute_seconds: int = 0
    """How long a shown result may be disputed, where there is a referee."""


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform process: its ports and its own account."""

    clock: Clock
    logs: SessionLogs
    agents: Agents
    records: Records
    blobs: Blobs
    models: ChatModel
    engine: Engine
    vault: Vault
    own: Account
    account_of: Callable[[Address], Account]
    """The embedded account of that address; raises NotFound for an address the platform has no key of."""
    blobs_at: Callable[[str], BlobReader]
    """A reader of the blobs that a node serves at a URL."""
    training: TrainingSettings
    gate: Gate
    """Decides whether a new adapter serves."""
    base_model: str
    """How the model server names the frozen base."""
    base_digest: str
    """SHA-256 of the base's weights file, 64 hex characters."""
    specify: Specify = unspecified
