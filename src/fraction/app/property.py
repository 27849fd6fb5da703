"""Agents as property: owned, sold and licensed by signed offers, paid by the call, acting inside signed limits.

Offers, vouchers and policies are signed by one account and used by another, who pays; so each is a value that can be
written down, sent to somebody, and read again.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from fraction.base import Address, AgentId, Digest, Instant, Wei

ETH = Address("0x" + "0" * 40)
"""ETH, where an asset is named by its contract; as a taker or licensee it means anyone."""


@dataclass(frozen=True, slots=True)
class AgentToken:
    """An agent as the chain knows it."""

    id: int
    owner: Address
    uri: str
    """Resolves to the agent's registration file."""
    platform_id: AgentId | None
    """The agent's id in Sessions, if it was recorded with the token."""
    royalty_receiver: Address
    royalty_bps: int
    transfers: int
    """How often it changed hands."""
    account: Address
    """Its own account at other protocols; nothing is there until it is made."""


class Side(Enum):
    """Who signed an offer; the numbers are those of the contract."""

    ASK = 0
    """The seller."""
    BID = 1
    """The buyer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An offer to sell or to buy an agent."""

    side: Side
    agent: int
    maker: Address
    taker: Address = ETH
    """Who may take it; the zero address for anyone."""
    asset: Address = ETH
    price: Wei
    max_royalty: Wei
    nonce: int
    expiry: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """An offer to use an agent for a while."""

    agent: int
    licensor: Address
    licensee: Address = ETH
    """Who may buy it; the zero address for anyone, any number of times."""
    asset: Address = ETH
    price: Wei
    seconds: int
    terms: Digest
    """Of the terms' text."""
    nonce: int
    expiry: Instant


@dataclass(frozen=True, slots=True)
class Voucher:
    """A caller's word for what it owes an agent for all calls so far."""

    caller: Address
    agent: int
    asset: Address
    total: Wei


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that an agent may do on its own."""

    target: Address
    function: str
    """Its signature, such as `sell(uint256,address)`."""
    asset: Address
    """What it may spend; the zero address is ETH."""
    per_day: Wei
    self_at: int
    """Which argument, from 1, must be the agent's account; 0 for none."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an agent may do on its own, until when."""

    operator: Address
    """The agent's key."""
    rules: tuple[Rule, ...]
    nonce: int
    expiry: Instant
    transfers: int
    """How often the agent had changed hands when this was signed."""


class Agents(Protocol):
    """Agents as tokens, as one account sees and changes them."""

    def register(self, uri: str, platform_id: AgentId, royalty_receiver: Address, royalty_bps: int) -> int:
        """Make the agent that plays as `platform_id` a token of this account; return its number. Once for each."""
        ...

    def agent(self, id: int) -> AgentToken:
        """Return an agent; raise NotFound if there is none."""
        ...

    def count(self) -> int:
        """Return how many agents there are; their numbers are 1 to this."""
        ...

    def validate_training(self, agent: int, task: int) -> Digest:
        """Have an accepted training written down as a validation of this account's agent; return its root.

        Raises:
            Rejected: the task is not accepted, was opened by another account, or validated another agent.
        """
        ...


class Market(Protocol):
    """Offers, as one account signs and takes them."""

    def sign_sale(self, sale: Sale) -> bytes:
        """Return this account's signature under an offer it makes; lets the market move the agent or the money."""
        ...

    def sign_licence(self, licence: Licence) -> bytes:
        """Return this account's signature under a licence it offers."""
        ...

    def trade(self, sale: Sale, signature: bytes) -> None:
        """Take an offer: pay for the agent, or hand it over."""
        ...

    def license(self, licence: Licence, signature: bytes) -> Instant:
        """Buy a licence; return until when it lasts."""
        ...

    def cancel(self, nonce: int) -> None:
        """Make this account's offers with the nonce worthless."""
        ...

    def licensed_until(self, agent: int, user: Address, terms: Digest) -> Instant:
        """Return until when `user` may use the agent; 0 if never."""
        ...

    def owed(self, asset: Address) -> Wei:
        """Return what the market owes this account."""
        ...

    def withdraw(self, asset: Address) -> Wei:
        """Fetch what the market owes this account; return how much it was."""
        ...


class CallMeter(Protocol):
    """Payment by the call, as one account pays and collects it."""

    def deposit(self, agent: int, asset: Address, amount: Wei, purpose: str) -> None:
        """Put money aside for calls of an agent; one `purpose` is paid once."""
        ...

    def sign(self, voucher: Voucher) -> bytes:
        """Return this account's signature under a voucher."""
        ...

    def redeem(self, voucher: Voucher, signature: bytes) -> Wei:
        """Credit the agent's owner; return how much the voucher added."""
        ...

    def left(self, caller: Address, agent: int, asset: Address) -> Wei:
        """Return what a caller has put aside and nobody redeemed."""
        ...


class AgentAccounts(Protocol):
    """Agents' own accounts, as their owner or the agent itself uses them."""

    def create(self, agent: int) -> Address:
        """Return the agent's account, made now if it is not there."""
        ...

    def sign(self, agent: int, policy: Policy) -> bytes:
        """Return the owner's signature under a policy."""
        ...

    def act(self, key: str, agent: int, policy: Policy, signature: bytes, rule: int, amount: Wei, call: bytes) -> Wei:
        """Do what a rule allows; return what it spent. One `key` acts once.

        Raises:
            Rejected: it is outside of the policy; the text says how.
        """
        ...

    def revoke(self, agent: int, nonce: int) -> None:
        """End a policy at once."""
        ...

    def left_today(self, agent: int, policy: Policy, rule: int) -> Wei:
        """Return what a rule still lets the agent spend today."""
        ...

    def is_revoked(self, agent: int, owner: Address, nonce: int) -> bool:
        """Return whether `owner` ended the policies with this nonce."""
        ...

    def call(self, function: str, arguments: tuple[str, ...]) -> bytes:
        """Return what calls a function such as `sell(uint256,address)` with arguments written as text.

        Raises:
            Rejected: they are not what the function takes.
        """
        ...
