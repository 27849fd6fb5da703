"""What is refused before anything is sent, and what an unreachable chain is told as."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fraction.adapters.ethereum import (
    BASE,
    CHAINS,
    LOCAL,
    Account,
    Deployment,
    DeploymentSettings,
    Faucet,
    chain_named,
    connect,
    deploy_with,
    dev_key,
    read_deployment,
)
from fraction.adapters.ethereum.abi import checksummed, interface
from fraction.adapters.ethereum.account import Fees, Unsigned, content_of
from fraction.adapters.ethereum.refusals import REFUSALS, refusal_of
from fraction.adapters.ethereum.rpc import JsonRpc, RpcError
from fraction.adapters.ethereum.scores import packed, unpacked
from fraction.adapters.memory import FixedClock, MemoryOutbox
from fraction.base import Address, NotFound, Rejected, Unavailable, Wei
from fraction.spaces import Asset
from tests.adapters.ethereum.cast import Cast, free_port

CONTRACTS = ("SessionEscrow", "TrainingRegistry", "StakeVault")


def test_a_chain_that_is_down_is_unavailable_with_its_address() -> None:
    spec = replace(LOCAL, rpc_url=f"http://127.0.0.1:{free_port()}")
    names = ("SessionEscrow", "Parameters", "TrainingRegistry", "StakeVault", "FracToken", "TestUSD")
    nowhere = Deployment(LOCAL.chain_id, "0x00", 0, {name: Address("0x" + "11" * 20) for name in names})
    connection = connect(spec, nowhere, dev_key(1), MemoryOutbox(), FixedClock())
    for ask in (
        lambda: connection.escrow.state(1),
        lambda: connection.escrow.close(1),
        lambda: connection.wallet.balance(Asset.ETH),
        connection.resend_unconfirmed,
    ):
        with pytest.raises(Unavailable, match=re.escape(f"The chain at {spec.rpc_url} does not answer")):
            ask()
    connection.close()


def test_the_front_page_is_quick_to_import() -> None:
    code = (
        "import sys, fraction.adapters.ethereum\n"
        "print([name for name in ('web3', 'eth_account', 'eth_abi') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_a_deployment_of_another_chain_is_refused() -> None:
    elsewhere = Deployment(BASE.chain_id, "0x00", 0, {})
    with pytest.raises(Rejected, match="is on chain 8453"):
        connect(LOCAL, elsewhere, dev_key(1), MemoryOutbox(), FixedClock())


def test_a_key_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(Rejected) as refused:
        Account.from_key("0xsecret")
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert "secret" not in repr(Account.from_key(dev_key(0)))


def test_chains_are_known_by_name() -> None:
    assert chain_named("base") is BASE
    assert len({spec.chain_id for spec in CHAINS.values()}) == len(CHAINS)
    with pytest.raises(Rejected, match="choose one of local"):
        chain_named("mars")


def test_the_local_accounts_are_the_well_known_ones() -> None:
    assert Account.from_key(dev_key(0)).address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert Account.from_key(dev_key(1)).address == "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def test_a_signed_transaction_can_be_read_and_signed_again_to_the_same_bytes() -> None:
    account = Account.from_key(dev_key(3))
    for to in (Address(account.address), None):
        content = Unsigned(31337, 7, to, b"\1\2", 5, 50_000, Fees(100, 10))
        signed = account.sign(content)
        assert content_of(signed.raw) == content
        assert account.sign(content_of(signed.raw)) == signed


def test_each_raise_of_a_fee_is_enough_to_replace() -> None:
    fees = Fees(0, 0)
    for times in range(1, 9):
        raised = Fees(0, 0).raised(times)
        assert raised.maximum * 10 >= fees.maximum * 11
        assert raised.tip > fees.tip
        fees = raised


def test_scores_travel_unharmed() -> None:
    assert unpacked(packed((0, 1, 9_999, 10_000))) == (0, 1, 9_999, 10_000)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_refusal_of_our_contracts_has_a_sentence(name: str) -> None:
    elsewhere = {"WrongPhase"}
    not_for_users = {"NotDeployer", "AlreadyWired", "NotModule", "NotGame"}
    libraries = {"ReentrancyGuardReentrantCall", "CheckpointUnorderedInsertion", "SafeCastOverflowedUintDowncast"}
    # votes by signature and their checkpoints: OpenZeppelin's, which this program never calls
    libraries |= {
        "ECDSAInvalidSignature",
        "ECDSAInvalidSignatureLength",
        "ECDSAInvalidSignatureS",
        "VotesExpiredSignature",
    }
    libraries |= {"ERC5805FutureLookup", "InvalidAccountNonce", "InvalidShortString", "StringTooLong"}
    assert set(interface(name).error_names()) - elsewhere - not_for_users - libraries <= set(REFUSALS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_refusal_reads_as_a_whole_sentence(name: str) -> None:
    for selector in interface(name).error_selectors():
        refusal = refusal_of(RpcError("execution reverted", selector + bytes(31) + b"\1" + bytes(32 * 6)), name)
        assert re.fullmatch(r"[A-Z0-9].*\.", str(refusal)), refusal


def test_an_unknown_refusal_is_still_told() -> None:
    assert "without a reason" in str(refusal_of(RpcError("execution reverted: odd", b"\1\2\3\4")))
    assert isinstance(refusal_of(RpcError("rate limited", None)), Unavailable)


def test_a_missing_or_broken_deployment_file_names_itself(tmp_path: Path) -> None:
    path = tmp_path / "deployment.json"
    with pytest.raises(NotFound, match="There is no deployment at"):
        read_deployment(path)
    path.write_text("{}")
    with pytest.raises(Unavailable, match="cannot be read"):
        read_deployment(path)


@pytest.mark.chain
def test_no_worthless_coin_goes_to_a_public_chain(cast: Cast, tmp_path: Path) -> None:
    rpc = cast.platform.chain.rpc
    rpc.request("anvil_setChainId", BASE.chain_id)
    try:
        with pytest.raises(Rejected, match="no contract for TestUSD at 0x8335"):
            deploy_with(
                replace(BASE, rpc_url=rpc.url),
                dev_key(0),
                MemoryOutbox(),
                FixedClock(),
                DeploymentSettings(treasury=checksummed("0x" + "11" * 20)),
                tmp_path / "deployment.json",
            )
    finally:
        rpc.request("anvil_setChainId", LOCAL.chain_id)
    public = replace(cast.platform.chain, spec=BASE)
    with pytest.raises(Rejected, match="There is no faucet on the chain base"):
        Faucet(public)


class NarrowRpc(JsonRpc):
    """A node that answers for few blocks at a time, as public ones do."""

    def request(self, method: str, *params: object) -> Any:  # noqa: ANN401
        if method == "eth_getLogs":
            wanted: dict[str, str] = json.loads(json.dumps(params[0]))
            if int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) > 7:
                raise RpcError("query exceeds max block range 7", None)
        return super().request(method, *params)


@pytest.mark.chain
def test_logs_are_read_in_parts_where_the_node_wants_it(cast: Cast) -> None:
    own = cast.platform.chain
    narrow = NarrowRpc(own.rpc.url)
    escrow = own.deployment.address("SessionEscrow")
    assert narrow.logs(escrow, [], 0) == own.rpc.logs(escrow, [], 0)
    narrow.close()


@pytest.mark.chain
def test_a_node_in_trouble_is_unavailable(cast: Cast) -> None:
    with pytest.raises(Unavailable, match="did not answer the question"):
        cast.platform.chain.rpc.block("no such block")


@pytest.mark.chain
def test_nobody_is_not_funded(cast: Cast) -> None:
    with pytest.raises(Rejected, match="belongs to nobody"):
        cast.platform.faucet().fund(Address("0x" + "0" * 40), eth=Wei(1), frac=Wei(0), usd=Wei(0))
