"""Judge, trainer and verifier nodes, each with its own key, database, blobs and port."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from fraction.adapters.clock import SystemClock
from fraction.app.chain import Role
from fraction.app.cheats import Cheat, Conduct
from fraction.app.judge_node import JudgeNode
from fraction.app.judge_session import Judge
from fraction.app.training_disputes import Contestant
from fraction.app.training_node import Step, TrainingNode
from fraction.base import Digest, Wei
from fraction.wiring.chain import FRAC, ChainAccess
from fraction.wiring.environment import read_environment
from fraction.wiring.models import chat_model, embedded_model, sandboxed_tests
from fraction.wiring.world import World

Worker = TypeVar("Worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """How a node is started."""

    world: Path
    name: str
    role: Role
    port: int
    """Where its blobs are served, on the loopback interface."""
    rpc: str
    models: str
    """URL of the model server that a judge asks."""
    model: str
    """Trainer and verifier: the base's folder; empty: the embedded one. (How a judge calls its model on the
    server is FRACTION_MODEL.)"""
    platform: str
    """URL where transcripts, Spaces and training tasks are fetched."""


@dataclass(frozen=True, slots=True)
class RunningNode(Generic[Worker]):
    """A node that serves its blobs and is registered on chain."""

    url: str
    worker: Worker


@contextmanager
def build_judge(settings: NodeSettings, conduct: Conduct) -> Iterator[RunningNode[JudgeNode]]:
    """Run a judge node: staked, registered, serving its sheets."""
    with ExitStack() as stack:
        parts = _common(settings, stack)
        environment = read_environment()
        judge = Judge(
            address=parts.connection.wallet.address,
            models=chat_model(settings.models),
            model=environment.model_name,
            tests=sandboxed_tests(),
            wording=_wording(settings.name),
            order_seed=hashlib.sha256(b"order" + parts.secret).hexdigest(),
        )
        node = JudgeNode(
            judge=judge,
            escrow=parts.connection.escrow,
            own=parts.own,
            peers=parts.peers,
            records=parts.store.records,
            clock=SystemClock(),
            salt_of=parts.salt_of,
            conduct=conduct,
        )
        yield RunningNode(parts.url, node)


@contextmanager
def build_training_node(
    settings: NodeSettings, conduct: Conduct, on_step: Callable[[Step], None]
) -> Iterator[RunningNode[TrainingNode]]:
    """Run a trainer or verifier node: staked, registered, serving its adapters."""
    from fraction.adapters.lora.checkpoints import FolderCheckpoints
    from fraction.wiring.models import trainer_on

    with ExitStack() as stack:
        parts = _common(settings, stack)
        node = TrainingNode(
            address=parts.connection.wallet.address,
            registry=parts.connection.registry,
            trainer=trainer_on(Path(settings.model) if settings.model else embedded_model()),
            own=parts.own,
            peers=parts.peers,
            records=parts.store.records,
            clock=SystemClock(),
            salt_of=parts.salt_of,
            on_step=on_step,
            checkpoints=FolderCheckpoints(World(settings.world).node(settings.name) / "checkpoints"),
            conduct=conduct,
            contestant=Contestant(
                parts.connection.disputes, SystemClock(), challenges=conduct.cheat is not Cheat.ALTER
            ),
        )
        yield RunningNode(parts.url, node)


class _Parts:
    """What every node has."""

    def __init__(self, settings: NodeSettings, stack: ExitStack) -> None:
        from fraction.adapters.blobs import CachedBlobs, DiskBlobs, HttpBlobs, serve_blobs
        from fraction.adapters.keys import key_at
        from fraction.adapters.store import open_store

        world = World(settings.world)
        folder = world.node(settings.name)
        folder.mkdir(parents=True, exist_ok=True)
        key = key_at(folder / "node.key")
        self.secret = bytes.fromhex(key[2:])
        self.store = open_store(f"sqlite:///{folder / 'node.db'}")
        stack.callback(self.store.close)
        self.own = DiskBlobs(folder / "blobs")
        peers = HttpBlobs([settings.platform])
        stack.callback(peers.close)
        self.peers = CachedBlobs(self.own, [peers])
        server = serve_blobs(self.own, "127.0.0.1", settings.port)
        stack.callback(server.close)
        self.url = server.url
        self.connection = ChainAccess(world, settings.rpc, self.store.outbox).funded(key, "node")
        stack.callback(self.connection.close)

    def salt_of(self, number: int) -> bytes:
        """Return the secret salt of a Session's or task's commitment, 32 bytes."""
        return hmac.new(self.secret, f"salt/{number}".encode(), hashlib.sha256).digest()


def _common(settings: NodeSettings, stack: ExitStack) -> _Parts:
    parts = _Parts(settings, stack)
    vault = parts.connection.vault
    # what was slashed stays lost until the operator tops up; the endpoint may have changed since
    staked = vault.stake_of(settings.role, parts.connection.wallet.address)
    vault.register(settings.role, staked or Wei(read_environment().stake_frac * FRAC), parts.url)
    return parts


def _wording(name: str) -> int:
    """Return which paraphrase this judge uses: judges called `judge-1`, `judge-2` use different ones."""
    digits = "".join(c for c in name if c.isdigit())
    return int(digits) if digits else int(Digest(hashlib.sha256(name.encode()).hexdigest())[:4], 16)
