"""Structured data as accounts sign it (EIP-712): bound to the chain and to the contract that checks it.

Source: https://eips.ethereum.org/EIPS/eip-712
"""

from dataclasses import dataclass

from fraction.adapters.ethereum.account import Account
from fraction.base import Address

_Fields = tuple[tuple[str, str], ...]
"""Type and name of each field, in order."""

SALE: dict[str, _Fields] = {
    "Sale": (
        ("uint8", "side"),
        ("address", "collection"),
        ("uint256", "agentId"),
        ("address", "maker"),
        ("address", "taker"),
        ("address", "asset"),
        ("uint256", "price"),
        ("uint256", "maxRoyalty"),
        ("uint256", "nonce"),
        ("uint256", "expiry"),
    )
}

LICENCE: dict[str, _Fields] = {
    "Licence": (
        ("address", "collection"),
        ("uint256", "agentId"),
        ("address", "licensor"),
        ("address", "licensee"),
        ("address", "asset"),
        ("uint256", "price"),
        ("uint32", "duration"),
        ("bytes32", "terms"),
        ("uint256", "nonce"),
        ("uint256", "expiry"),
    )
}

VOUCHER: dict[str, _Fields] = {
    "Voucher": (("address", "caller"), ("uint256", "agentId"), ("address", "asset"), ("uint128", "total"))
}

POLICY: dict[str, _Fields] = {
    "Policy": (
        ("address", "operator"),
        ("Rule[]", "rules"),
        ("uint256", "nonce"),
        ("uint64", "expiry"),
        ("uint64", "transfers"),
    ),
    "Rule": (
        ("address", "target"),
        ("bytes4", "selector"),
        ("address", "asset"),
        ("uint128", "perDay"),
        ("uint8", "selfAt"),
    ),
}

_DOMAIN = ("string", "name"), ("string", "version"), ("uint256", "chainId"), ("address", "verifyingContract")


@dataclass(frozen=True, slots=True)
class Domain:
    """What a signature is bound to."""

    name: str
    """The contract's own name for itself."""
    chain_id: int
    contract: Address


def sign_struct(account: Account, domain: Domain, types: dict[str, _Fields], value: tuple[object, ...]) -> bytes:
    """Return the account's signature (65 bytes) under a struct.

    Args:
        account: who signs
        domain: where it is to count
        types: the struct's fields first, then those of the structs in it
        value: its fields in order; structs in it are tuples too
    """
    main = next(iter(types))
    message: dict[str, object] = {
        "types": {name: _described(fields) for name, fields in (types | {"EIP712Domain": _DOMAIN}).items()},
        "primaryType": main,
        "domain": {
            "name": domain.name,
            "version": "1",
            "chainId": domain.chain_id,
            "verifyingContract": domain.contract,
        },
        "message": _named(types, main, value),
    }
    return account.sign_typed(message)


def _described(fields: _Fields) -> list[dict[str, str]]:
    return [{"type": kind, "name": name} for kind, name in fields]


def _named(types: dict[str, _Fields], struct: str, value: tuple[object, ...]) -> dict[str, object]:
    """Return a struct's fields by name."""
    named: dict[str, object] = {}
    for (kind, name), field in zip(types[struct], value, strict=True):
        inner = kind.removesuffix("[]")
        if inner in types and isinstance(field, (list, tuple)):
            named[name] = [_named(types, inner, tuple(item)) for item in field]
        else:
            named[name] = field
    return named
