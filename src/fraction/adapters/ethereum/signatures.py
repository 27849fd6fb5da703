"""Whether an account signed a text: a key's signature by recovery, a contract's by asking it (ERC-1271)."""

from typing import Any

from fraction.adapters.ethereum.abi import checksummed
from fraction.adapters.ethereum.rpc import JsonRpc, RpcError
from fraction.base import Address, Rejected

_IS_VALID_SIGNATURE = bytes.fromhex("1626ba7e")
"""The selector of `isValidSignature(bytes32,bytes)`, which is also the answer that means yes."""
_MAX_SIGNATURE_CHARACTERS = 4_096
_KEYS_SIGNATURE_BYTES = 65


class EthereumSignatures:
    """Checks signatures; a `Signatures`."""

    def __init__(self, rpc: JsonRpc) -> None:
        """Ask contracts over `rpc`."""
        self._rpc = rpc

    def normal(self, address: str) -> Address:
        """Return the address with its checksum (EIP-55); raise Rejected if it is none."""
        digits = address.removeprefix("0x")
        if len(digits) != 40 or set(digits) - set("0123456789abcdefABCDEF"):
            raise Rejected("An account is 0x and 40 hexadecimal digits.")
        return checksummed("0x" + digits)

    def has_signed(self, account: Address, message: str, signature: str) -> bool:
        """Return whether `account`, a key or a contract, signed the text (EIP-191; ERC-1271)."""
        try:
            raw = bytes.fromhex(signature[:_MAX_SIGNATURE_CHARACTERS].removeprefix("0x"))
        except ValueError:
            return False
        return _recovers_to(account, message, raw) or self._contract_accepts(account, message, raw)

    def _contract_accepts(self, account: Address, message: str, signature: bytes) -> bool:
        from eth_utils.crypto import keccak

        if not self._rpc.code(account):
            return False
        text = message.encode()
        digest = keccak(b"\x19Ethereum Signed Message:\n" + str(len(text)).encode() + text)
        padded = signature + bytes(-len(signature) % 32)
        payload = _IS_VALID_SIGNATURE + digest + (64).to_bytes(32) + len(signature).to_bytes(32) + padded
        try:
            return self._rpc.call(account, payload)[:4] == _IS_VALID_SIGNATURE
        except RpcError:
            return False  # it reverts, or has no such function


def _recovers_to(account: Address, message: str, signature: bytes) -> bool:
    from eth_account import Account
    from eth_account.messages import encode_defunct

    if len(signature) != _KEYS_SIGNATURE_BYTES:
        return False
    recover: Any = Account.recover_message
    try:
        return bool(recover(encode_defunct(text=message), signature=signature) == account)
    except Exception:  # noqa: BLE001 - the library raises many kinds for bytes that are no signature
        return False
