"""What every chain must do for the verbs: a suite over the ports of `app/chain.py`, run on chains of several ids.

An implementation for another kind of chain is one more entry in `CHAINS_UNDER_TEST`.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fraction.adapters.ethereum import (
    ARBITRUM,
    BASE,
    FRAC,
    LOCAL,
    SEPOLIA,
    Account,
    DeploymentSettings,
    connect,
    deploy_with,
    dev_key,
)
from fraction.adapters.memory import MemoryOutbox
from fraction.app.chain import Escrow, EscrowPhase, Role, Vault, Wallet
from fraction.base import AgentId, Digest, Rejected, Wei, digest_of
from fraction.spaces import Asset
from tests.adapters.ethereum.cast import ChainClock, space_of
from tests.contracts.chain import anvil

pytestmark = pytest.mark.chain

FEE = 1_000
SNAPSHOT = Digest("5a" * 32)
STAKE = Wei(2_000 * FRAC)


@dataclass(frozen=True)
class Person:
    """What one account can do, through the ports alone."""

    wallet: Wallet
    escrow: Escrow
    vault: Vault


@dataclass(frozen=True)
class ChainUnderTest:
    """A chain with the contracts, three people with money, and its clock."""

    id: int
    people: tuple[Person, ...]
    pass_time: Callable[[int], None]


@contextmanager
def evm(chain_id: int, folder: Path) -> Generator[ChainUnderTest]:
    """Give an EVM chain with this id."""
    with anvil() as node:
        url = node.url
        node.rpc("anvil_removeBlockTimestampInterval")
        node.rpc("anvil_setChainId", chain_id)
        spec = replace(LOCAL, chain_id=chain_id, rpc_url=url)
        outbox, clock = MemoryOutbox(), ChainClock(url)
        settings = DeploymentSettings(treasury=Account.from_key(dev_key(9)).address)
        deployment = deploy_with(spec, dev_key(0), outbox, clock, settings, folder / "deployment.json")
        platform = connect(spec, deployment, dev_key(0), outbox, clock)
        accounts = [platform.account(dev_key(place)) for place in (0, 1, 2)]
        for account in accounts[1:]:
            platform.faucet().fund(account.wallet.address, eth=Wei(0), frac=STAKE, usd=Wei(FEE))
        platform.faucet().fund(platform.wallet.address, eth=Wei(0), frac=Wei(0), usd=Wei(10 * FEE))  # an opener's bonds
        people = tuple(Person(account.wallet, account.escrow, account.vault) for account in accounts)
        yield ChainUnderTest(chain_id, people, clock.advance)
        platform.close()


CHAINS_UNDER_TEST: dict[str, Callable[[Path], AbstractContextManager[ChainUnderTest]]] = {
    spec.name: lambda folder, id=spec.chain_id: evm(id, folder) for spec in (LOCAL, SEPOLIA, BASE, ARBITRUM)
}


@pytest.fixture(scope="module", params=CHAINS_UNDER_TEST)
def chain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChainUnderTest]:
    with CHAINS_UNDER_TEST[request.param](tmp_path_factory.mktemp("chain")) as under_test:
        yield under_test


def agent(name: str) -> AgentId:
    return AgentId(digest_of(name))


def test_the_chain_knows_its_id(chain: ChainUnderTest) -> None:
    assert {person.escrow.chain_id for person in chain.people} == {chain.id}


def test_one_key_opens_one_session_however_often_it_is_asked(chain: ChainUnderTest) -> None:
    opener = chain.people[0].escrow
    space = space_of(Asset.ETH, FEE, 2)
    number = opener.open("once", space, space.tiers[0])
    assert opener.open("once", space, space.tiers[0]) == number
    assert opener.state(number).phase is EscrowPhase.OPEN
    assert opener.opening(number).opener == chain.people[0].wallet.address


@pytest.mark.parametrize("asset", [Asset.ETH, Asset.USD])
def test_what_was_paid_for_a_session_that_never_was_comes_back_to_the_unit(chain: ChainUnderTest, asset: Asset) -> None:
    opener, player = chain.people[0].escrow, chain.people[1]
    space = space_of(asset, FEE, 2)
    number = opener.open(f"cancelled in {asset}", space, space.tiers[0])
    held = opener.held(asset)
    player.escrow.enter(number, agent("lonely"), SNAPSHOT, player.wallet.address)
    player.escrow.enter(number, agent("lonely"), SNAPSHOT, player.wallet.address)  # again: paid once
    assert opener.held(asset) - held == FEE
    chain.pass_time(61)
    opener.close(number)
    assert opener.state(number).phase is EscrowPhase.CANCELLED
    opener.refund(number, 0)
    assert player.escrow.credit_of(player.wallet.address, asset) == FEE
    assert player.escrow.withdraw(asset) == FEE
    assert player.escrow.withdraw(asset) == 0
    assert opener.held(asset) == held


def test_facts_come_in_the_order_in_which_they_happened(chain: ChainUnderTest) -> None:
    opener, players = chain.people[0].escrow, chain.people[1:]
    space = space_of(Asset.ETH, FEE, 2)
    number = opener.open("facts", space, space.tiers[0])
    for place, player in enumerate(players):
        player.escrow.enter(number, agent(f"player {place}"), SNAPSHOT, player.wallet.address)
    opener.close(number)
    opener.fix_seed(number)
    names = [type(fact).__name__ for fact in opener.facts(number, confirmed=False)]
    assert names == ["EntryFact", "EntryFact", "Closed", "SeedFixed"]


def test_what_the_rules_forbid_is_refused_with_a_sentence(chain: ChainUnderTest) -> None:
    opener, stranger = chain.people[0].escrow, chain.people[1].escrow
    space = space_of(Asset.ETH, FEE, 2)
    number = opener.open("refusals", space, space.tiers[0])
    for refused in (
        lambda: opener.fix_seed(number),
        lambda: stranger.publish(number, SNAPSHOT),
        lambda: opener.settle(number),
    ):
        with pytest.raises(Rejected, match=r"\.$"):
            refused()


def test_a_stake_is_seen_by_everybody(chain: ChainUnderTest) -> None:
    judge, other = chain.people[1], chain.people[2]
    judge.vault.register(Role.JUDGE, STAKE, "http://127.0.0.1:9")
    judge.vault.register(Role.JUDGE, STAKE, "http://127.0.0.1:9")  # again: nothing more
    assert other.vault.stake_of(Role.JUDGE, judge.wallet.address) == STAKE
    assert judge.wallet.address in other.vault.nodes(Role.JUDGE)
    assert other.vault.endpoint_of(Role.JUDGE, judge.wallet.address) == "http://127.0.0.1:9"
