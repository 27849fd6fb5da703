"""Ethereum's JSON-RPC, as far as Fraction uses it, with typed answers.

Why not web3.py: it takes about three times as long to import, and everything needed of it is on this page; signing
and encoding come from the same libraries that web3.py uses (eth-account, eth-abi).
Source: https://ethereum.github.io/execution-apis/
"""

import itertools
from dataclasses import dataclass
from typing import Any

import httpx

from fraction.base import Address, Instant, Unavailable


@dataclass(frozen=True, slots=True)
class Block:
    """A block's header, as far as it is needed."""

    number: int
    hash: str
    timestamp: Instant
    base_fee: int
    """Wei per gas."""


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract wrote down in one transaction."""

    address: str
    """In lower case."""
    topics: tuple[bytes, ...]
    payload: bytes
    block_number: int
    block_hash: str
    index: int
    """Place in the block."""
    transaction: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction that was mined."""

    transaction: str
    succeeded: bool
    block_number: int
    block_hash: str
    gas_used: int
    created: str | None
    """The contract that it created."""
    logs: tuple[Log, ...]


class RpcError(Exception):
    """The node answered with an error; internal to this package, translated before it leaves."""

    def __init__(self, message: str, revert: bytes | None) -> None:
        super().__init__(message)
        self.message = message
        self.revert = revert
        """What the contract reverted with (its encoded error), if this is a revert."""


class JsonRpc:
    """One node's JSON-RPC over a kept connection; may be used from several threads."""

    def __init__(self, url: str, timeout_seconds: float = 30.0) -> None:
        self.url = url
        self._client = httpx.Client(timeout=timeout_seconds, trust_env=False)
        self._ids = itertools.count(1)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    # The one place where JSON of unknown shape comes in; each method below turns it into a typed value.
    def request(self, method: str, *params: object) -> Any:  # noqa: ANN401
        """Return the node's result for `method`.

        Raises:
            Unavailable: the node does not answer, or not in JSON-RPC.
            RpcError: it answered with an error.
        """
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        try:
            reply = self._post(body)
            reply.raise_for_status()
            answer = reply.json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._silent(str(error) or type(error).__name__) from error
        if not isinstance(answer, dict):
            raise self._silent("what it says is not JSON-RPC")
        if "error" in answer:
            raise _rpc_error(answer["error"])
        return answer.get("result")

    def _post(self, body: dict[str, object]) -> httpx.Response:
        try:
            return self._client.post(self.url, json=body)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            # A kept connection dies with the node's restart; every request we make may be repeated.
            return self._client.post(self.url, json=body)

    def _silent(self, reason: str) -> Unavailable:
        return Unavailable(
            f"The chain at {self.url} does not answer ({reason}); start it, or correct its address, and try again."
        )

    def _ask(self, method: str, *params: object) -> Any:  # noqa: ANN401
        """Return the node's result for a question that only a node in trouble answers with an error."""
        try:
            return self.request(method, *params)
        except RpcError as error:
            raise self._troubled(error) from error

    def _troubled(self, error: RpcError) -> Unavailable:
        return Unavailable(f"The node at {self.url} did not answer the question ({error.message}); try again.")

    def chain_id(self) -> int:
        """Return the chain's id."""
        return _integer(self._ask("eth_chainId"))

    def block(self, number: int | str = "latest") -> Block | None:
        """Return a block's header; None if the chain is not that long."""
        wanted = hex(number) if isinstance(number, int) else number
        found = self._ask("eth_getBlockByNumber", wanted, False)
        if found is None:
            return None
        return Block(
            number=_integer(found["number"]),
            hash=found["hash"],
            timestamp=Instant(_integer(found["timestamp"])),
            base_fee=_integer(found.get("baseFeePerGas") or "0x0"),
        )

    def head(self) -> Block:
        """Return the newest block."""
        block = self.block("latest")
        if block is None:
            raise self._silent("it has no blocks yet")
        return block

    def nonce(self, account: Address, block: str = "latest") -> int:
        """Return how many of the account's transactions are mined up to a block."""
        return _integer(self._ask("eth_getTransactionCount", account, block))

    def balance(self, account: Address) -> int:
        """Return the account's wei."""
        return _integer(self._ask("eth_getBalance", account, "latest"))

    def code(self, account: Address) -> bytes:
        """Return the code that runs at an address; empty if it is no contract."""
        return _bytes(self._ask("eth_getCode", account, "latest"))

    def tip(self) -> int:
        """Return the priority fee that the node suggests, in wei per gas."""
        return _integer(self._ask("eth_maxPriorityFeePerGas"))

    def call(self, to: Address, payload: bytes, block: str = "latest") -> bytes:
        """Return what a contract answers, without sending anything."""
        return _bytes(self.request("eth_call", {"to": to, "data": _hex(payload)}, block))

    def estimate(self, sender: Address, to: Address | None, payload: bytes, value: int) -> int:
        """Return the gas that a transaction would use if it were mined next; RpcError if it would be refused."""
        transaction = {"from": sender, "data": _hex(payload), "value": hex(value)}
        if to is not None:
            transaction["to"] = to
        return _integer(self.request("eth_estimateGas", transaction, "pending"))

    def send_raw(self, raw: str) -> None:
        """Broadcast a signed transaction."""
        self.request("eth_sendRawTransaction", raw)

    def receipt(self, transaction: str) -> Receipt | None:
        """Return what became of a transaction; None if it is not mined."""
        found = self._ask("eth_getTransactionReceipt", transaction)
        if found is None or found.get("blockNumber") is None:
            return None
        return Receipt(
            transaction=found["transactionHash"],
            succeeded=_integer(found["status"]) == 1,
            block_number=_integer(found["blockNumber"]),
            block_hash=found["blockHash"],
            gas_used=_integer(found["gasUsed"]),
            created=found.get("contractAddress"),
            logs=tuple(_log(log) for log in found["logs"]),
        )

    def logs(self, address: Address, topics: list[str | None], first_block: int) -> tuple[Log, ...]:
        """Return a contract's logs from `first_block` on that match `topics` (None matches anything), in order."""
        found = self._logs({"address": address, "topics": topics}, first_block, self.head().number)
        return tuple(sorted(found, key=lambda log: (log.block_number, log.index)))

    def _logs(self, wanted: dict[str, object], first: int, last: int) -> list[Log]:
        """Ask for a range of blocks; in halves, if the node finds it too wide."""
        if first > last:
            return []
        try:
            found = self.request("eth_getLogs", {**wanted, "fromBlock": hex(first), "toBlock": hex(last)})
        except RpcError as error:
            if first == last:
                raise self._troubled(error) from error
            middle = (first + last) // 2
            return self._logs(wanted, first, middle) + self._logs(wanted, middle + 1, last)
        return [_log(log) for log in found]

    def mine(self) -> None:
        """Ask a local chain for an empty block."""
        self._ask("evm_mine")


def _integer(value: str) -> int:
    return int(value, 16)


def _bytes(value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("0x"))


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _log(found: dict[str, Any]) -> Log:
    return Log(
        address=found["address"].lower(),
        topics=tuple(_bytes(topic) for topic in found["topics"]),
        payload=_bytes(found["data"]),
        block_number=_integer(found["blockNumber"]),
        block_hash=found["blockHash"],
        index=_integer(found["logIndex"]),
        transaction=found["transactionHash"],
    )


def _rpc_error(error: dict[str, Any]) -> RpcError:
    message = str(error.get("message", error))
    payload = error.get("data")
    if isinstance(payload, dict):  # some nodes wrap it once more
        payload = payload.get("data")
    reverted = "revert" in message.lower()
    if isinstance(payload, str) and payload.startswith("0x") and reverted:
        return RpcError(message, _bytes(payload))
    return RpcError(message, b"" if reverted else None)
