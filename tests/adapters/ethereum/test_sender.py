"""No purpose is paid for twice, and none is lost, wherever the process dies."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Thread

import pytest

from fraction.adapters.ethereum import Account, Connection, connect_over, dev_key
from fraction.adapters.ethereum.rpc import JsonRpc
from fraction.adapters.memory import MemoryOutbox
from fraction.app.ports import Outbox, SignedTransaction
from fraction.base import AgentId, Conflict, Unavailable, digest_of
from fraction.spaces import Asset
from tests.adapters.ethereum.cast import VERDICT, Cast, space_of
from tests.adapters.ethereum.crashes import Bomb, Killed, KillingOutbox, KillingRpc

pytestmark = pytest.mark.chain

FEE = 1_000
ENTRANTS = 4
BOND = ENTRANTS * FEE
"""What whoever opens a Session answers with: the whole pot."""

SENDER = 15
"""The account of these tests; nobody else sends from it."""


@pytest.fixture
def rpc(cast: Cast) -> Iterator[JsonRpc]:
    """A connection to the node that is closed after the test."""
    connection = JsonRpc(cast.platform.chain.rpc.url)
    yield connection
    connection.close()


def joined(cast: Cast, rpc: JsonRpc, outbox: Outbox, *, bump_seconds: float = 10.0, place: int = SENDER) -> Connection:
    chain = cast.platform.chain
    spec = replace(chain.spec, bump_seconds=bump_seconds)
    return connect_over(rpc, spec, chain.deployment, Account.from_key(dev_key(place)), outbox, cast.platform.clock)


def open_and_enter(connection: Connection, name: str) -> int:
    """Open a Session and enter one agent for test dollars: four transactions."""
    space = space_of(Asset.USD, FEE, ENTRANTS)
    number = connection.escrow.open(name, space, space.tiers[0])
    connection.escrow.enter(number, AgentId(digest_of(name)), VERDICT, connection.wallet.address)
    return number


def test_a_kill_at_any_step_neither_loses_nor_repeats_a_payment(cast: Cast, rpc: JsonRpc) -> None:
    # Every third step by default; steps come in pairs (before and after), so both kinds are hit.
    stride = 1 if os.environ.get("FRACTION_CHAOS") == "full" else 3
    point = 1
    while _killed_at(cast, rpc, point):
        point += stride
    assert point > 60


def _killed_at(cast: Cast, rpc: JsonRpc, point: int) -> bool:
    """Die at the step `point`, start again, and check the books; return whether there was such a step."""
    outbox, bomb, name = MemoryOutbox(), Bomb(point), f"swept-{point}"
    again = joined(cast, rpc, outbox)
    sessions, money = again.escrow.sessions(), again.wallet.balance(Asset.USD)
    nonce = rpc.nonce(again.wallet.address)

    dying = joined(cast, KillingRpc(rpc.url, bomb), KillingOutbox(outbox, bomb))
    try:
        open_and_enter(dying, name)
    except Killed:
        again.resend_unconfirmed()
        number = open_and_enter(again, name)
        assert again.escrow.state(number).entrants == 1
    finally:
        dying.close()

    assert again.escrow.sessions() == sessions + 1
    assert money - again.wallet.balance(Asset.USD) == FEE + BOND
    assert rpc.nonce(again.wallet.address) == nonce + 4  # approve, open, approve, enter: nothing else was mined
    return bomb.has_gone_off


def test_a_stalled_transaction_is_replaced_by_one_that_pays_more(cast: Cast, rpc: JsonRpc) -> None:
    outbox = _NotingOutbox()
    person = joined(cast, rpc, outbox, bump_seconds=0.05)
    sessions = person.escrow.sessions()
    space = space_of(Asset.ETH, 5, 4)
    numbers: list[int] = []
    rpc.request("evm_setAutomine", False)
    try:
        waiting = Thread(target=lambda: numbers.append(person.escrow.open("stalls", space, space.tiers[0])))
        waiting.start()
        _until(lambda: outbox.last is not None)
        kept = outbox.last
        assert kept is not None
        _until(lambda: rpc.request("eth_getTransactionByHash", kept.hash) is not None)
        _until(lambda: rpc.request("eth_getTransactionByHash", kept.hash) is None)
        rpc.mine()
        waiting.join()
    finally:
        rpc.request("evm_setAutomine", True)
    assert rpc.receipt(kept.hash) is None
    assert person.escrow.sessions() == sessions + 1

    later = joined(cast, rpc, outbox)  # knows of no replacement, and finds it
    assert [later.escrow.open("stalls", space, space.tiers[0])] == numbers
    assert person.escrow.sessions() == sessions + 1


def test_what_the_chain_reverted_may_be_tried_again_once_that_is_final(cast: Cast, rpc: JsonRpc) -> None:
    space = space_of(Asset.ETH, 0, 2)
    number = cast.platform.escrow.open("closed by another", space, space.tiers[0])
    cast.enter_all(number, 2)
    outbox = MemoryOutbox()
    _dies_before_broadcast(cast, rpc.url, outbox, lambda dying: dying.escrow.close(number))
    cast.platform.escrow.close(number)

    again = joined(cast, rpc, outbox)
    nonce = rpc.nonce(again.wallet.address)
    with pytest.raises(Conflict, match="is seeding now"):
        again.escrow.close(number)
    assert rpc.nonce(again.wallet.address) == nonce + 1
    with pytest.raises(Unavailable, match="once that is final"):
        again.escrow.close(number)
    cast.pass_time(4)
    with pytest.raises(Conflict, match="is seeding now"):
        again.escrow.close(number)
    assert rpc.nonce(again.wallet.address) == nonce + 1  # this time refused before it was sent


def test_an_account_used_by_another_program_is_told_and_can_go_on(cast: Cast, rpc: JsonRpc) -> None:
    outbox = MemoryOutbox()

    def opens(person: Connection, fee: int = 5) -> int:
        space = space_of(Asset.ETH, fee, 4)
        return person.escrow.open("shared account", space, space.tiers[0])

    _dies_before_broadcast(cast, rpc.url, outbox, opens)
    opens(joined(cast, rpc, MemoryOutbox()), fee=6)
    sessions = cast.platform.escrow.sessions()
    person = joined(cast, rpc, outbox, bump_seconds=0.05)
    with pytest.raises(Conflict, match="use the account in one place only"):
        opens(person)
    assert opens(person) == sessions + 1


def test_many_threads_share_one_account(cast: Cast, rpc: JsonRpc) -> None:
    person = joined(cast, rpc, MemoryOutbox())
    space = space_of(Asset.ETH, 5, 4)
    numbers: list[int] = []

    def opens(name: str) -> None:
        numbers.append(person.escrow.open(name, space, space.tiers[0]))

    threads = [Thread(target=opens, args=(f"thread-{place}",)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == 8


def _dies_before_broadcast(cast: Cast, url: str, outbox: MemoryOutbox, act: Callable[[Connection], object]) -> None:
    """Let a process die with its transaction signed and kept, and not yet sent."""
    bomb = _AtBroadcast(url)
    dying = joined(cast, bomb, outbox)
    with pytest.raises(Killed):
        act(dying)
    dying.close()


class _AtBroadcast(JsonRpc):
    def send_raw(self, raw: str) -> None:
        raise Killed


class _NotingOutbox(MemoryOutbox):
    """Remembers what was signed last."""

    last: SignedTransaction | None = None

    def sign(
        self, key: str, account: str, first_nonce: int, sign: Callable[[int], SignedTransaction]
    ) -> SignedTransaction:
        self.last = super().sign(key, account, first_nonce, sign)
        return self.last


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)
