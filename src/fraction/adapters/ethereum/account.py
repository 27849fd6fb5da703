"""Private keys: they sign here and never leave."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from fraction.adapters.ethereum.abi import checksummed
from fraction.base import Address, Rejected

DEV_MNEMONIC = "test test test test test test test test test test test junk"
"""Known to everybody: its accounts hold the local chain's money and must never hold any other."""


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction pays for its gas (EIP-1559), in wei per gas."""

    maximum: int
    tip: int

    def raised(self, times: int) -> "Fees":
        """Return the fees after `times` raises of a quarter each, which every node accepts as a replacement."""
        return Fees(_raised(self.maximum, times), _raised(self.tip, times))


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A transaction's content."""

    chain_id: int
    nonce: int
    to: Address | None
    """None creates a contract."""
    payload: bytes
    value: int
    gas: int
    fees: Fees


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction as it is broadcast."""

    raw: str
    """In hex, with 0x."""
    hash: str


class Account:
    """One key and the address that follows from it."""

    def __init__(self, key: str) -> None:
        from eth_account import Account as EthAccount  # slow to import: only when there is a key

        try:
            self._account: Any = EthAccount.from_key(key)
        except ValueError:  # not chained: its text could show the key
            raise Rejected("A private key is 64 hexadecimal digits, with or without 0x before them.") from None
        self.address: Address = checksummed(self._account.address)

    def __repr__(self) -> str:
        """Return the address; never the key."""
        return f"Account({self.address})"

    @classmethod
    def from_key(cls, key: str) -> "Account":
        """Return the account of a private key.

        Raises:
            Rejected: it is not a key.
        """
        return cls(key)

    def sign(self, content: Unsigned) -> Signed:
        """Return the signed transaction; the same content always gives the same bytes (RFC 6979)."""
        fields: dict[str, object] = {
            "type": 2,
            "chainId": content.chain_id,
            "nonce": content.nonce,
            "gas": content.gas,
            "maxFeePerGas": content.fees.maximum,
            "maxPriorityFeePerGas": content.fees.tip,
            "value": content.value,
            "data": content.payload,
        }
        if content.to is not None:
            fields["to"] = content.to
        signed = self._account.sign_transaction(fields)
        return Signed("0x" + bytes(signed.raw_transaction).hex(), "0x" + bytes(signed.hash).hex())

    def sign_typed(self, message: dict[str, object]) -> bytes:
        """Return the signature (65 bytes) under structured data; see `typed_data`."""
        return bytes(self._account.sign_typed_data(full_message=message).signature)


def content_of(raw: str) -> Unsigned:
    """Return what a signed transaction says."""
    from eth_account.typed_transactions.typed_transaction import TypedTransaction
    from hexbytes import HexBytes

    fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    to = bytes(fields["to"])
    return Unsigned(
        chain_id=fields["chainId"],
        nonce=fields["nonce"],
        to=checksummed("0x" + to.hex()) if to else None,
        payload=bytes(fields["data"]),
        value=fields["value"],
        gas=fields["gas"],
        fees=Fees(fields["maxFeePerGas"], fields["maxPriorityFeePerGas"]),
    )


@cache
def dev_key(place: int) -> str:
    """Return the private key of the local chain's account number `place`, from 0; for the local chain only."""
    from eth_account.hdaccount import key_from_seed

    return "0x" + bytes(key_from_seed(_dev_seed(), f"m/44'/60'/0'/0/{place}")).hex()


@cache
def _dev_seed() -> bytes:
    from eth_account.hdaccount import seed_from_mnemonic

    return bytes(seed_from_mnemonic(DEV_MNEMONIC, passphrase=""))


def _raised(fee: int, times: int) -> int:
    for _ in range(times):
        fee += fee // 4 + 1
    return fee
