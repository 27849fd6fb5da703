"""Contracts' interfaces in Python: calls are encoded and answers decoded by the committed ABI.

Values cross this line as plain Python (int, str, bytes, bool, tuple, dict of a struct's fields); a `Record`
gives them back with their types checked, so that nothing untyped leaves this module.
Source: https://docs.soliditylang.org/en/latest/abi-spec.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from fraction.base import Address, Digest

_Abi = dict[str, Any]
"""One entry of an ABI, or one of its parameters: JSON as the compiler wrote it."""


@dataclass(frozen=True, slots=True)
class Record:
    """A struct, an event's or an error's arguments, or a function's results: values by name, read by type."""

    kind: str
    """The name of the event, error or function; of the type for a struct."""
    values: Mapping[str, object]

    def integer(self, name: str) -> int:
        """Return a number."""
        value = self.values[name]
        if not isinstance(value, int):
            raise TypeError(f"{self.kind}.{name} is {type(value).__name__}, not a number")
        return value

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        return bool(self.integer(name))

    def text(self, name: str) -> str:
        """Return a string."""
        value = self.values[name]
        if not isinstance(value, str):
            raise TypeError(f"{self.kind}.{name} is {type(value).__name__}, not a string")
        return value

    def raw(self, name: str) -> bytes:
        """Return bytes."""
        value = self.values[name]
        if not isinstance(value, bytes):
            raise TypeError(f"{self.kind}.{name} is {type(value).__name__}, not bytes")
        return value

    def digest(self, name: str) -> Digest:
        """Return 32 bytes as the digest they are."""
        return Digest(self.raw(name).hex())

    def address(self, name: str) -> Address:
        """Return an account."""
        return checksummed(self.text(name))

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Return a list of accounts."""
        return tuple(checksummed(str(value)) for value in self._sequence(name))

    def integers(self, name: str) -> tuple[int, ...]:
        """Return a list of numbers."""
        return tuple(value for value in self._sequence(name) if isinstance(value, int))

    def raws(self, name: str) -> tuple[bytes, ...]:
        """Return a list of bytes."""
        return tuple(value for value in self._sequence(name) if isinstance(value, bytes))

    def record(self, name: str) -> "Record":
        """Return a struct."""
        value = self.values[name]
        if not isinstance(value, dict):
            raise TypeError(f"{self.kind}.{name} is {type(value).__name__}, not a struct")
        return Record(name, value)

    def records(self, name: str) -> tuple["Record", ...]:
        """Return a list of structs."""
        return tuple(Record(name, value) for value in self._sequence(name) if isinstance(value, dict))

    def _sequence(self, name: str) -> Sequence[object]:
        value = self.values[name]
        if not isinstance(value, (tuple, list)):
            raise TypeError(f"{self.kind}.{name} is {type(value).__name__}, not a list")
        return value


class Interface:
    """What one contract understands."""

    def __init__(self, name: str) -> None:
        artifact = json.loads(artifact_text(name))
        self.name = name
        self.bytecode = bytes.fromhex(str(artifact["bytecode"]).removeprefix("0x"))
        self._runtime = bytes.fromhex(str(artifact["deployedBytecode"]).removeprefix("0x"))
        self._immutables: list[list[int]] = artifact["immutables"]
        self._functions: dict[str, _Abi] = {}
        self._events: dict[bytes, _Abi] = {}
        self._errors: dict[bytes, _Abi] = {}
        self._constructor: _Abi = {"inputs": []}
        for entry in artifact["abi"]:
            self._index(entry)

    def _index(self, entry: _Abi) -> None:
        match entry["type"]:
            case "function":
                self._functions[entry["name"]] = entry
            case "event":
                self._events[_selector(entry)] = entry
            case "error":
                self._errors[_selector(entry)[:4]] = entry
            case "constructor":
                self._constructor = entry
            case _:
                pass

    def creation(self, *arguments: object) -> bytes:
        """Return what deploys the contract."""
        return self.bytecode + _encode(self._constructor["inputs"], arguments)

    def is_code(self, code: bytes) -> bool:
        """Return whether `code`, as it runs on a chain, is this contract; what its constructor filled in may differ."""
        masked = bytearray(code)
        for start, length in self._immutables:
            masked[start : start + length] = bytes(length)
        return bytes(masked) == self._runtime

    def call(self, function: str, *arguments: object) -> bytes:
        """Return what calls `function`."""
        entry = self._functions[function]
        return _selector(entry)[:4] + _encode(entry["inputs"], arguments)

    def results(self, function: str, payload: bytes) -> Record:
        """Return a function's results by name; unnamed ones are called by their position: "0", "1"."""
        return Record(function, _decode(self._functions[function]["outputs"], payload))

    def topic(self, event: str) -> str:
        """Return the first topic of an event's logs, in hex."""
        return "0x" + next(topic.hex() for topic, entry in self._events.items() if entry["name"] == event)

    def event(self, topics: Sequence[bytes], payload: bytes) -> Record | None:
        """Return the event that a log tells; None if it is none of this contract's."""
        entry = self._events.get(topics[0]) if topics else None
        if entry is None:
            return None
        indexed = [_as_topic(part) for part in entry["inputs"] if part["indexed"]]
        plain = [part for part in entry["inputs"] if not part["indexed"]]
        values = _decode(plain, payload) | _decode(indexed, b"".join(topics[1:]))
        return Record(entry["name"], values)

    def error(self, payload: bytes) -> Record | None:
        """Return the custom error that a revert carries; None if it is none of this contract's."""
        from eth_abi.exceptions import DecodingError

        entry = self._errors.get(payload[:4])
        try:
            return Record(entry["name"], _decode(entry["inputs"], payload[4:])) if entry else None
        except DecodingError:
            return None

    def error_names(self) -> tuple[str, ...]:
        """Return the names of all custom errors."""
        return tuple(entry["name"] for entry in self._errors.values())

    def error_selectors(self) -> tuple[bytes, ...]:
        """Return the four bytes with which each custom error begins."""
        return tuple(self._errors)


@cache
def interface(name: str) -> Interface:
    """Return the interface of the contract called `name`, such as `SessionEscrow`."""
    return Interface(name)


def artifact_text(name: str) -> str:
    """Return the committed ABI and bytecode of a contract, as JSON."""
    return (resources.files("fraction.adapters.ethereum") / "artifacts" / f"{name}.json").read_text("utf-8")


def checksummed(address: str) -> Address:
    """Return an address in the EIP-55 form."""
    from eth_utils.address import to_checksum_address  # a third of a second to import: only when needed

    return Address(str(to_checksum_address(address)))


def keccak(payload: bytes) -> bytes:
    """Return the Keccak-256 of `payload` (32 bytes)."""
    from eth_utils.crypto import keccak as keccak256

    return bytes(keccak256(payload))


def _signature(part: _Abi) -> str:
    """Return a parameter's canonical type: structs are written as tuples of their fields."""
    kind = str(part["type"])
    if kind.startswith("tuple"):
        return "(" + ",".join(map(_signature, part["components"])) + ")" + kind[len("tuple") :]
    return kind


def _selector(entry: _Abi) -> bytes:
    return keccak(f"{entry['name']}({','.join(map(_signature, entry['inputs']))})".encode())


def _as_topic(part: _Abi) -> _Abi:
    """Return an indexed argument as it stands in a log: of what has no fixed size, only the hash is there."""
    kind = str(part["type"])
    is_hashed = kind in ("string", "bytes") or kind.startswith("tuple") or kind.endswith("]")
    return part | {"type": "bytes32"} if is_hashed else part


def _encode(parts: Sequence[_Abi], values: Sequence[object]) -> bytes:
    from eth_abi.abi import encode

    return bytes(encode([_signature(part) for part in parts], list(values)))


def _decode(parts: Sequence[_Abi], payload: bytes) -> dict[str, object]:
    from eth_abi.abi import decode

    values = decode([_signature(part) for part in parts], payload)
    names = [part["name"] or str(position) for position, part in enumerate(parts)]
    return {name: _named(part, value) for name, part, value in zip(names, parts, values, strict=True)}


def _named(part: _Abi, value: object) -> object:
    """Return a struct as a dict of its fields, lists of structs as lists of such; anything else as it is."""
    kind = str(part["type"])
    if not kind.startswith("tuple") or not isinstance(value, (tuple, list)):
        return value
    if kind.endswith("]"):
        element = part | {"type": kind[: kind.rindex("[")]}
        return [_named(element, item) for item in value]
    return {p["name"]: _named(p, v) for p, v in zip(part["components"], value, strict=True)}
