"""One chain for all tests of this folder, brought back to the start for each."""

from collections.abc import Iterator

import pytest

from tests.contracts.chain import anvil
from tests.contracts.world import World, deploy


@pytest.fixture(scope="session")
def deployed() -> Iterator[World]:
    with anvil() as chain:
        yield deploy(chain)


@pytest.fixture
def world(deployed: World) -> Iterator[World]:
    snapshot = deployed.chain.rpc("evm_snapshot")
    yield deployed
    deployed.chain.rpc("evm_revert", snapshot)
