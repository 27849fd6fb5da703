"""A deployed contract as one account sees it: read it, send to it, read its logs."""

import time
from dataclasses import dataclass, replace

from fraction.adapters.ethereum.abi import Record, interface
from fraction.adapters.ethereum.deployment import Deployment
from fraction.adapters.ethereum.refusals import refusal_of
from fraction.adapters.ethereum.rpc import JsonRpc, Log, Receipt, RpcError
from fraction.adapters.ethereum.sender import Call, Finality, Lanes, Sender
from fraction.adapters.ethereum.specs import ChainSpec
from fraction.base import Address, Unavailable
from fraction.spaces import Asset

_PENDING = 0
"""A randomness ticket's status: not decided yet."""

NOBODY = Address("0x" + "0" * 40)
"""The zero address; as an asset it means ETH."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything that the ports of one account share."""

    rpc: JsonRpc
    spec: ChainSpec
    sender: Sender
    lanes: Lanes
    finality: Finality
    deployment: Deployment

    def of(self, deployment: Deployment) -> "Chain":
        """Return the same account's view of other contracts."""
        return replace(self, deployment=deployment)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event and where it stands on chain."""

    event: Record
    log: Log


class Contract:
    """One contract at one address."""

    def __init__(self, chain: Chain, name: str) -> None:
        self.chain = chain
        self.name = name
        self.address = chain.deployment.address(name)
        self._interface = interface(name)

    def read(self, function: str, *arguments: object, block: str = "latest") -> Record:
        """Return a view function's results; the block `pending` means as it will be in the next block.

        Raises:
            Rejected: the contract refuses the question.
        """
        payload = self._interface.call(function, *arguments)
        try:
            answer = self.chain.rpc.call(self.address, payload, block)
        except RpcError as error:
            raise refusal_of(error, self.name) from error
        if not answer:
            raise self._missing()
        return self._interface.results(function, answer)

    def read_integer(self, function: str, *arguments: object, block: str = "latest") -> int:
        """Return the number that a view function answers."""
        return self.read(function, *arguments, block=block).integer("0")

    def send(self, key: str, function: str, *arguments: object, value: int = 0) -> Receipt:
        """Return the receipt of the one transaction of this account that serves `key` at this contract."""
        if self.chain.spec.mines_on_demand and not self.chain.rpc.code(self.address):
            raise self._missing()  # the local chain came back without it; money must not go to an empty address
        call = Call(self.address, self._interface.call(function, *arguments), value, self.name)
        return self.chain.sender.send(f"{self.address}/{key}", call)

    def events_in(self, receipt: Receipt, event: str) -> tuple[Record, ...]:
        """Return the events of that name that a transaction caused here."""
        told = (self._happening(log) for log in receipt.logs if log.address == self.address.lower())
        return tuple(h.event for h in told if h is not None and h.event.kind == event)

    def happenings(self, event: str | None, *topics: str | None, first_block: int = 0) -> tuple[Happening, ...]:
        """Return what happened here, in order.

        Args:
            event: its name; None for all events
            topics: what its indexed arguments must be, in hex of 32 bytes; None matches anything
            first_block: where to begin; never before the deployment
        """
        first = max(first_block, self.chain.deployment.block)
        wanted = [self._interface.topic(event) if event else None, *topics]
        found = (self._happening(log) for log in self.chain.rpc.logs(self.address, wanted, first))
        return tuple(happening for happening in found if happening is not None)

    def is_final(self, happening: Happening) -> bool:
        """Return whether no reorganisation is expected to undo it."""
        return self.chain.finality.is_final(happening.log.block_number, happening.log.block_hash)

    def _missing(self) -> Unavailable:
        return Unavailable(
            f"The contract {self.name} is not on the chain at {self.chain.rpc.url} now; "
            "start the platform again to put it back, then try again."
        )

    def _happening(self, log: Log) -> Happening | None:
        event = self._interface.event(log.topics, log.payload)
        return Happening(event, log) if event is not None else None


class Token(Contract):
    """An ERC-20 coin."""

    def balance_of(self, account: Address) -> int:
        """Return what the account holds."""
        return self.read_integer("balanceOf", account)

    def allow(self, spender: Address, amount: int, purpose: str) -> None:
        """Let `spender` take `amount` from this account, if it may not yet; exactly that much, for one purpose."""
        owner = self.chain.sender.address
        if amount == 0 or self.read_integer("allowance", owner, spender) >= amount:
            return
        times = len(self.happenings("Approval", topic_of(owner), topic_of(spender)))
        self.send(f"approve/{purpose}/{times}", "approve", spender, amount)


def topic_of(value: str | int) -> str:
    """Return an address, a digest or a number as a log's topic.

    >>> topic_of(1)[-4:], len(topic_of(1))
    ('0001', 66)
    """
    plain = f"{value:x}" if isinstance(value, int) else value.removeprefix("0x").lower()
    return "0x" + plain.rjust(64, "0")


def asset_address(deployment: Deployment, asset: Asset) -> Address:
    """Return what the contracts call an asset."""
    return NOBODY if asset is Asset.ETH else deployment.address("TestUSD")


def await_randomness(chain: Chain, ticket: int) -> None:
    """Return when the next block can read a randomness ticket; ask the local chain for the block it needs."""
    randomness = Contract(chain, "BlockhashRandomness")
    deadline = time.monotonic() + chain.spec.receipt_seconds
    while randomness.read("read", ticket, block="pending").integer("status") == _PENDING:
        if time.monotonic() > deadline:
            raise Unavailable(f"Block {ticket} is still not there; the chain stands still, so try again later.")
        if chain.spec.mines_on_demand:
            chain.rpc.mine()
        else:
            time.sleep(chain.spec.poll_seconds)
