"""Staking through the port."""

import pytest

from fraction.adapters.ethereum import FRAC
from fraction.app.chain import Role
from fraction.base import Rejected, Wei
from tests.adapters.ethereum.cast import STAKE, Cast

pytestmark = pytest.mark.chain


def test_a_node_may_register_at_each_start(cast: Cast) -> None:
    node = cast.entrants[5]
    address = node.wallet.address
    frac = node.wallet.stake_balance()
    for _ in range(2):
        node.vault.register(Role.VERIFIER, STAKE, "http://127.0.0.1:9900")
    assert node.vault.stake_of(Role.VERIFIER, address) == STAKE
    assert frac - node.wallet.stake_balance() == STAKE

    node.vault.register(Role.VERIFIER, Wei(STAKE + 5), "http://127.0.0.1:9901")
    assert node.vault.stake_of(Role.VERIFIER, address) == STAKE + 5
    assert node.vault.endpoint_of(Role.VERIFIER, address) == "http://127.0.0.1:9901"
    assert address in node.vault.nodes(Role.VERIFIER)

    node.vault.leave(Role.VERIFIER)
    node.vault.leave(Role.VERIFIER)
    with pytest.raises(Rejected, match="thaws until"):
        node.vault.withdraw(Role.VERIFIER)
    cast.pass_time(61)
    node.vault.withdraw(Role.VERIFIER)
    assert node.wallet.stake_balance() == frac

    node.vault.register(Role.VERIFIER, STAKE, "http://127.0.0.1:9900")
    assert node.vault.stake_of(Role.VERIFIER, address) == STAKE
    node.vault.leave(Role.VERIFIER)
    cast.pass_time(61)
    node.vault.withdraw(Role.VERIFIER)


def test_too_small_a_stake_is_refused(cast: Cast) -> None:
    with pytest.raises(Rejected, match="below the minimum"):
        cast.entrants[6].vault.register(Role.JUDGE, Wei(FRAC), "http://127.0.0.1:9902")


def test_who_never_registered_has_no_stake_and_no_endpoint(cast: Cast) -> None:
    address = cast.entrants[7].wallet.address
    assert cast.platform.vault.stake_of(Role.JUDGE, address) == 0
    assert cast.platform.vault.endpoint_of(Role.JUDGE, address) == ""


def test_the_faucet_gives_each_purpose_once(cast: Cast) -> None:
    person, faucet = cast.entrants[7], cast.platform.faucet()
    before = person.wallet.stake_balance()
    for purpose in ("once", "once", "twice"):
        faucet.fund(person.wallet.address, eth=Wei(1), frac=Wei(7), usd=Wei(0), purpose=purpose)
    assert person.wallet.stake_balance() == before + 14
