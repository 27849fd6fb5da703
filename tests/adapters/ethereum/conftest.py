"""One local chain for all tests of this folder, with money for everybody who plays."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fraction.adapters.ethereum import (
    LOCAL,
    Account,
    Connection,
    DeploymentSettings,
    LocalChain,
    LocalChainSettings,
    connect,
    deploy_with,
    dev_key,
)
from fraction.adapters.memory import MemoryOutbox
from tests.adapters.ethereum.cast import JUDGES, NODES, TREASURY_PLACE, Cast, ChainClock, free_port, stake

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """Everybody, connected to a chain on which judges and training nodes have staked."""
    with new_cast(tmp_path_factory.mktemp("chain")) as cast:
        yield cast


@pytest.fixture(scope="module")
def own_cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """The same on a chain of the module's own, whose rules it may change."""
    with new_cast(tmp_path_factory.mktemp("own")) as cast:
        yield cast


@contextmanager
def new_cast(folder: Path) -> Generator[Cast, None, None]:
    """Start a chain, and let everybody connect and stake."""
    chain = LocalChain(LocalChainSettings(folder=folder, port=free_port(), roots=(ROOT,)))
    chain.start()
    connection = None
    try:
        connection = _platform(chain.url, folder)
        people = [connection.account(dev_key(place)) for place in range(1, TREASURY_PLACE)]
        cast = Cast(chain, connection, people[:JUDGES], people[JUDGES : JUDGES + NODES], people[JUDGES + NODES :])
        stake(cast)
        yield cast
    finally:
        if connection is not None:
            connection.close()
        chain.stop()


def _platform(url: str, folder: Path) -> Connection:
    spec = replace(LOCAL, rpc_url=url)
    clock, outbox = ChainClock(url), MemoryOutbox()
    settings = DeploymentSettings(treasury=Account.from_key(dev_key(TREASURY_PLACE)).address)
    deployment = deploy_with(spec, dev_key(0), outbox, clock, settings, folder / "deployment.json")
    return connect(spec, deployment, dev_key(0), outbox, clock)
