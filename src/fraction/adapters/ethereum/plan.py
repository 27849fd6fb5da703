"""What a deployment consists of, worked out before anything is sent: contracts, their addresses, and what joins them.

Every address follows from the deployer's account, the settings and the committed bytecode (CREATE2, EIP-1014), so
the same plan comes out wherever and however often it is made, and whoever has the sources can check an address.
The factory is the one that most chains carry at the same address, the local chain included.
Source: https://github.com/Arachnid/deterministic-deployment-proxy
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from fraction.adapters.ethereum.abi import checksummed, interface, keccak
from fraction.base import Address

FACTORY = Address("0x4e59b44847b379578588920cA78FbF26c0B4956C")
"""Takes a salt and creation code, and creates the contract at the address that follows from both."""

SALT = hashlib.sha256(b"fraction 1").digest()

Read = Callable[[str, Address, str, tuple[object, ...]], object]
"""Asks a contract: its name, address, a view function and its arguments; returns the first result."""


@dataclass(frozen=True, slots=True)
class Creation:
    """One contract to be created."""

    name: str
    code: bytes
    """Creation code with the constructor's arguments."""

    @property
    def address(self) -> Address:
        """Where it comes to be."""
        seed = b"\xff" + bytes.fromhex(FACTORY[2:]) + SALT + keccak(self.code)
        return checksummed("0x" + keccak(seed)[12:].hex())

    @property
    def payload(self) -> bytes:
        """Return what is sent to the factory."""
        return SALT + self.code


@dataclass(frozen=True, slots=True)
class Check:
    """A view function and what it answers once a step was done."""

    name: str
    to: Address
    function: str
    arguments: tuple[object, ...]
    expected: object

    def holds(self, read: Read) -> bool:
        """Return whether it answers so now."""
        return read(self.name, self.to, self.function, self.arguments) == self.expected


@dataclass(frozen=True, slots=True)
class Step:
    """One call that joins the contracts; it is skipped when any of `done` holds."""

    name: str
    """The contract."""
    to: Address
    function: str
    arguments: tuple[object, ...]
    done: tuple[Check, ...]

    @property
    def payload(self) -> bytes:
        """Return what is sent to the contract."""
        return interface(self.name).call(self.function, *self.arguments)


@dataclass
class Plan:
    """Contracts in the order of their creation, then the steps that join them."""

    creations: list[Creation] = field(default_factory=list[Creation])
    steps: list[Step] = field(default_factory=list[Step])
    given: dict[str, Address] = field(default_factory=dict[str, Address])
    """Contracts that are there already, such as a stablecoin."""

    def create(self, name: str, *arguments: object) -> Address:
        """Add a contract; return where it will be."""
        creation = Creation(name, interface(name).creation(*arguments))
        self.creations.append(creation)
        return creation.address

    def call(self, name: str, function: str, *arguments: object, done: tuple[Check, ...]) -> None:
        """Add a call to a contract of this plan."""
        self.steps.append(Step(name, self.addresses[name], function, arguments, done))

    @property
    def addresses(self) -> dict[str, Address]:
        """Every contract's address by its name."""
        return self.given | {creation.name: creation.address for creation in self.creations}
