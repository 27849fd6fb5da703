"""A local chain for tests: anvil, with a clock that moves one second a block and gas that costs nothing.

Calls are made in the block that comes next, so that a refusal is what a transaction would meet.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

from eth_abi.abi import decode
from eth_utils.abi import collapse_if_tuple
from requests.exceptions import ConnectionError as NotConnected
from web3 import Web3
from web3.exceptions import ContractCustomError, ContractPanicError
from web3.types import RPCEndpoint

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = (ROOT / "src" / "fraction" / "adapters" / "ethereum" / "artifacts", Path(__file__).parent / "artifacts")
INSTRUMENTED = os.environ.get("FRACTION_INSTRUMENTED")
"""A folder with the same contracts, larger by probes (contracts/coverage.py); the chain's output goes there too."""

Decoded: TypeAlias = Any
"""A value whose type the ABI knows and Python does not."""

GAS = hex(500_000_000 if INSTRUMENTED else 16_777_216)  # the most on a public chain (EIP-7825)


def binary() -> str:
    """Return npm's anvil for this machine, else the one on the path."""
    found = sorted((ROOT / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil")) or [shutil.which("anvil")]
    assert found[0], "There is no anvil: run `npm ci`."
    return str(found[0])


def artifact(name: str) -> dict[str, Any]:
    """Return ABI and bytecode of a contract."""
    folders = (Path(INSTRUMENTED),) if INSTRUMENTED else ARTIFACTS
    path = next(path for folder in folders if (path := folder / f"{name}.json").exists())
    return json.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Refusal:
    """A custom error and its values."""

    error: str
    values: tuple[Any, ...]


class Chain:
    """One anvil and what can be done with it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.w3 = Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": 60}))
        self._errors: dict[bytes, tuple[str, list[str]]] = {}

    def rpc(self, method: str, *params: object) -> Decoded:
        answer: Any = self.w3.provider.make_request(RPCEndpoint(method), list(params))
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer.get("result")

    @property
    def accounts(self) -> list[str]:
        return list(self.w3.eth.accounts)

    def next_time(self) -> int:
        """Return the time of the block that comes next, unless it is moved."""
        return int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 1

    def go_to(self, time: int) -> None:
        """Let the block that comes next have this time."""
        self.rpc("evm_setNextBlockTimestamp", time)

    def mine(self, blocks: int = 1) -> None:
        self.rpc("anvil_mine", hex(blocks), "0x1")

    def balance(self, account: str) -> int:
        return int(self.rpc("eth_getBalance", account, "latest"), 16)

    def deploy(self, sender: str, name: str, *args: object) -> "Deployed":
        parts = artifact(name)
        factory: Any = self.w3.eth.contract(abi=parts["abi"], bytecode=parts["bytecode"])
        receipt = self._transact({"from": sender, "data": factory.constructor(*args).data_in_transaction})
        assert receipt["status"] == "0x1", f"{name} could not be deployed"
        return self.at(name, receipt["contractAddress"])

    def deploy_refusal(self, sender: str, name: str, *args: object) -> Refusal:
        parts = artifact(name)
        self._learn_errors(parts["abi"])
        factory: Any = self.w3.eth.contract(abi=parts["abi"], bytecode=parts["bytecode"])
        try:
            factory.constructor(*args).estimate_gas({"from": sender})
        except ContractCustomError as error:
            return self.decode_error(str(error.data))
        raise AssertionError(f"{name} was deployed")

    def at(self, name: str, address: str) -> "Deployed":
        abi = artifact(name)["abi"]
        self._learn_errors(abi)
        return Deployed(
            self, name, self.w3.eth.contract(Web3.to_checksum_address(address), abi=abi, decode_tuples=True)
        )

    def decode_error(self, data: str) -> Refusal:
        raw = bytes.fromhex(data.removeprefix("0x"))
        name, types = self._errors[raw[:4]]
        return Refusal(name, tuple(decode(types, raw[4:])))

    def _learn_errors(self, abi: Sequence[Any]) -> None:
        for entry in abi:
            if entry["type"] == "error":
                types = [collapse_if_tuple(field) for field in entry["inputs"]]
                signature = f"{entry['name']}({','.join(types)})"
                self._errors[Web3.keccak(text=signature)[:4]] = (entry["name"], types)

    def _transact(self, transaction: dict[str, Any]) -> dict[str, Any]:
        return self.rpc("eth_sendTransactionSync", {"gas": GAS, "gasPrice": "0x0", **transaction})

    def send(self, sender: str, to: str, data: str, value: int) -> dict[str, Any]:
        """Return the receipt; anybody's account can be the sender."""
        return self._transact({"from": sender, "to": to, "data": data, "value": hex(value)})


class Deployed:
    """A contract on the chain."""

    def __init__(self, chain: Chain, name: str, contract: Decoded) -> None:
        self.chain = chain
        self.name = name
        self.contract: Any = contract
        self.address: str = contract.address

    def data(self, function: str, *args: object) -> str:
        return self.contract.encode_abi(function, args=list(args))

    def send(self, sender: str, function: str, *args: object, value: int = 0) -> dict[str, Any]:
        """Return the receipt of a transaction that succeeded."""
        receipt = self.chain.send(sender, self.address, self.data(function, *args), value)
        if receipt["status"] != "0x1":
            raise AssertionError(f"{self.name}.{function}: {self.refusal(sender, function, *args, value=value)}")
        return receipt

    def call(self, function: str, *args: object) -> Decoded:
        return self.contract.functions[function](*args).call({}, "pending")

    def refusal(self, sender: str, function: str, *args: object, value: int = 0) -> Refusal:
        """Return the error that a transaction in the next block would meet."""
        try:
            self.contract.functions[function](*args).call({"from": sender, "value": value}, "pending")
        except ContractCustomError as error:
            return self.chain.decode_error(str(error.data))
        except ContractPanicError as error:
            return Refusal("Panic", (str(error),))
        raise AssertionError(f"{self.name}.{function} was not refused")

    def event(self, receipt: dict[str, Any], name: str) -> Decoded:
        """Return the values of the one event of this name in the receipt."""
        found = self.events(receipt, name)
        assert len(found) == 1, f"{len(found)} events {name}"
        return found[0]

    def events(self, receipt: dict[str, Any], name: str) -> list[Any]:
        block = receipt["blockHash"]
        logs = self.chain.w3.eth.get_logs({"address": self.contract.address, "blockHash": block})
        topic = self.contract.events[name]().topic
        return [
            self.contract.events[name]().process_log(log).args for log in logs if log["topics"][0].to_0x_hex() == topic
        ]


def gas_used(receipt: dict[str, Any]) -> int:
    return int(receipt["gasUsed"], 16)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def anvil(hardfork: str = "cancun") -> Generator[Chain]:
    """Start a chain with the rules of a hard fork, and stop it afterwards."""
    port = _free_port()
    options = f"--accounts 40 --balance 1000000000000 --hardfork {hardfork} --timestamp 1700000000 --auto-impersonate"
    prices = "--block-base-fee-per-gas 0 --gas-price 0 --disable-min-priority-fee --gas-limit 1000000000"
    limits = ["--disable-code-size-limit"] if INSTRUMENTED else []
    command = [binary(), "--host", "127.0.0.1", "--port", str(port), *options.split(), *prices.split(), *limits]
    with _output(port) as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            chain = Chain(f"http://127.0.0.1:{port}")
            _wait_until_it_answers(process, chain)
            chain.rpc("anvil_setLoggingEnabled", bool(INSTRUMENTED))
            chain.rpc("anvil_setBlockTimestampInterval", 1)
            yield chain
        finally:
            process.terminate()
            process.wait()


def _output(port: int) -> IO[bytes]:
    return open(Path(INSTRUMENTED) / f"anvil-{port}.log", "wb") if INSTRUMENTED else tempfile.TemporaryFile()


def _wait_until_it_answers(process: subprocess.Popen[bytes], chain: Chain) -> None:
    while process.poll() is None:
        with contextlib.suppress(NotConnected):
            chain.rpc("eth_chainId")
            return
        time.sleep(0.02)
    raise AssertionError("anvil stopped at once")
