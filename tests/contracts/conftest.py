"""One chain for all tests of this folder, brought back to the start for each."""

from collections.abc import Iterator

import pytest

from tests.contracts.chain import anvil
from tests.contracts.estate import Estate, deploy_estate
from tests.contracts.world import World, deploy


@pytest.fixture(scope="session")
def deployed() -> Iterator[World]:
    with anvil() as chain:
        yield deploy(chain)


@pytest.fixture(scope="session")
def deployed_estate(deployed: World) -> Estate:
    return deploy_estate(deployed)


@pytest.fixture
def estate(deployed_estate: Estate, world: World) -> Estate:
    assert deployed_estate.world is world
    return deployed_estate


@pytest.fixture
def world(deployed: World) -> Iterator[World]:
    snapshot = deployed.chain.rpc("evm_snapshot")
    yield deployed
    deployed.chain.rpc("evm_revert", snapshot)
