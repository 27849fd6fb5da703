"""The chain: starting the local one, accounts on any of them, and test money."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from fraction.adapters.clock import SystemClock
from fraction.adapters.ethereum.connection import Connection
from fraction.app.chain import Escrow
from fraction.app.ports import Outbox
from fraction.base import Address, NotFound, Rejected, Unavailable, Wei
from fraction.spaces import Asset
from fraction.wiring.contracts import deployment_settings
from fraction.wiring.environment import read_environment
from fraction.wiring.world import World

FRAC = 10**18
ETHER = 10**18
USD = 10**6
_FUNDS_SECONDS = 30.0
_DEPLOYMENT_SECONDS = 30.0
_GRANTED = ".granted"
ROOTS = (Path.cwd(), Path(__file__).resolve().parents[3])
"""Where `node_modules` with the chain's program is looked for."""

GRANTS = {
    "node": (10 * ETHER, 20_000 * FRAC, 0),
    "person": (ETHER, 0, 1_000 * USD),
    "platform": (10 * ETHER, 0, 1_000 * USD),
    "holder": (ETHER, 3_000_000 * FRAC, 1_000 * USD),
}
"""Test money by purpose: wei of ETH, wei of FRAC, millionths of USD."""


class RunningChain:
    """The local chain with its contracts; grants the wishes in the world's faucet folder."""

    def __init__(self, world: World, port: int) -> None:
        """Start the chain and deploy; it serves when this returns."""
        from fraction.adapters.ethereum.account import dev_key
        from fraction.adapters.ethereum.anvil import LocalChain, LocalChainSettings
        from fraction.adapters.ethereum.connection import connect, deploy_with
        from fraction.adapters.ethereum.specs import LOCAL
        from fraction.adapters.store import open_store

        self._world = world
        self._chain = LocalChain(LocalChainSettings(folder=world.chain, port=port, roots=ROOTS))
        self._chain.start()
        world.faucet.mkdir(parents=True, exist_ok=True)
        self._store = open_store(f"sqlite:///{world.chain / 'sender.db'}")
        spec = replace(LOCAL, rpc_url=self._chain.url)
        key = dev_key(0)
        settings = deployment_settings(spec)
        deployment = deploy_with(spec, key, self._store.outbox, SystemClock(), settings, world.deployment)
        self._chain.flush()  # a kill in the first second must not undo what everybody builds on
        self._connection = connect(spec, deployment, key, self._store.outbox, SystemClock())
        self._connection.resend_unconfirmed()

    @property
    def url(self) -> str:
        """Where it answers JSON-RPC."""
        return self._chain.url

    def revive(self) -> bool:
        """Start the chain again if it died, and grant new wishes; return whether it had died."""
        died = self._chain.pid is None
        if died:
            self._chain.restart()
            self._connection.resend_unconfirmed()
        self._grant()
        return died

    def _grant(self) -> None:
        for wish in self._world.faucet.glob("0x*"):
            if wish.suffix == _GRANTED or wish.with_suffix(_GRANTED).exists():
                continue
            eth, frac, usd = GRANTS.get(wish.read_text().strip(), GRANTS["person"])
            self._connection.faucet().fund(Address(wish.name), eth=Wei(eth), frac=Wei(frac), usd=Wei(usd))
            wish.with_suffix(_GRANTED).touch()

    def close(self) -> None:
        """Stop the chain; its state is kept."""
        self._connection.close()
        self._chain.stop()
        self._store.close()


@contextmanager
def start_chain(folder: Path, port: int) -> Iterator[RunningChain]:
    """Run the local chain of the world in `folder`."""
    chain = RunningChain(World(folder), port)
    try:
        yield chain
    finally:
        chain.close()


@dataclass(frozen=True, slots=True)
class ChainAccess:
    """How the accounts of one process reach the chain."""

    world: World
    rpc: str
    outbox: Outbox

    def connect(self, key: str) -> Connection:
        """Return what the account of `key` can do; waits a while for the contracts to be deployed.

        Raises:
            NotFound: there is no deployment.
        """
        from fraction.adapters.ethereum.connection import connect
        from fraction.adapters.ethereum.deployment import read_deployment
        from fraction.adapters.ethereum.specs import chain_named

        deadline = time.monotonic() + _DEPLOYMENT_SECONDS
        while True:
            try:
                deployment = read_deployment(self.world.deployment)
                break
            except NotFound:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        spec = chain_named(read_environment().chain)
        spec = replace(spec, rpc_url=self.rpc) if self.rpc else spec
        connection = connect(spec, deployment, key, self.outbox, SystemClock())
        connection.resend_unconfirmed()
        return connection

    def funded(self, key: str, purpose: str) -> Connection:
        """Return the account of `key` with money; see `fill`."""
        connection = self.connect(key)
        self.fill(connection, purpose)
        return connection

    def fill(self, connection: Connection, purpose: str) -> None:
        """Wait until the account has money; on the local chain it is given test money first.

        Raises:
            Unavailable: the account is still empty after a while; the text says what to send where.
        """
        wallet = connection.wallet
        if wallet.balance(Asset.ETH) > 0:
            return
        if read_environment().chain == "local":
            self.world.faucet.mkdir(parents=True, exist_ok=True)
            (self.world.faucet / wallet.address).write_text(purpose)
        deadline = time.monotonic() + _FUNDS_SECONDS
        while time.monotonic() < deadline:
            if _is_filled(connection, purpose):
                return
            time.sleep(0.1)
        raise Unavailable(f"The account {wallet.address} has no money on chain; send it ETH (nodes: FRAC too).")


def _is_filled(connection: Connection, purpose: str) -> bool:
    eth, frac, usd = GRANTS[purpose]
    wallet = connection.wallet
    filled = wallet.balance(Asset.ETH) >= min(eth, 1) and wallet.stake_balance() >= min(frac, 1)
    return filled and wallet.balance(Asset.USD) >= min(usd, 1)


@contextmanager
def escrow_for_replay(folder: Path | None, rpc: str, offline: bool) -> Iterator[Escrow | None]:
    """Give the escrow to compare a bundle with, or None where no chain is to be asked.

    Where the world's chain does not run, it is started from its state for as long as this lasts.

    Raises:
        Rejected: neither a world nor a chain is named.
        Unavailable: the chain does not answer.
    """
    if offline:
        yield None
        return
    if folder is None:
        raise Rejected("Name the world to compare with (--data), or say --offline to derive only.")
    from fraction.adapters.ethereum import dev_key, running_url
    from fraction.adapters.memory import MemoryOutbox

    world = World(folder)
    with ExitStack() as stack:
        url = rpc or running_url(world.chain) or stack.enter_context(sleeping_chain(world))
        connection = ChainAccess(world, url, MemoryOutbox()).connect(dev_key(9))
        stack.callback(connection.close)
        yield connection.escrow


@contextmanager
def sleeping_chain(world: World) -> Iterator[str]:
    """Run the world's chain from its state, for as long as it is needed; give its URL."""
    import socket

    from fraction.adapters.ethereum import LocalChain, LocalChainSettings

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    chain = LocalChain(LocalChainSettings(folder=world.chain, port=port, roots=ROOTS))
    chain.start()
    try:
        yield chain.url
    finally:
        with suppress(Unavailable):
            chain.stop()
