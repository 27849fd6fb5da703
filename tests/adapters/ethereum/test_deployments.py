"""Deployments on chains that carry the ids of the public ones: planned, stopped, gone on with, verified."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fraction.adapters.ethereum import ARBITRUM, BASE, CHAINS, LOCAL, SEPOLIA, Account, ChainSpec, dev_key
from fraction.adapters.ethereum.abi import artifact_text, checksummed, interface
from fraction.adapters.ethereum.audit import plan_report, verify
from fraction.adapters.ethereum.charter import FRAC, Charter
from fraction.adapters.ethereum.connection import deploy_with
from fraction.adapters.ethereum.deploy import DeploymentSettings, plan_for
from fraction.adapters.ethereum.deployment import Deployment, read_deployment
from fraction.adapters.ethereum.plan import FACTORY
from fraction.adapters.ethereum.rpc import JsonRpc, RpcError
from fraction.adapters.memory import FixedClock, MemoryOutbox
from fraction.app.ports import SignedTransaction
from fraction.base import Address, Rejected, Unavailable
from tests.contracts.chain import anvil

pytestmark = pytest.mark.chain

DEPLOYER = Account.from_key(dev_key(0)).address
FORKS = {SEPOLIA.name: "prague", BASE.name: "cancun", ARBITRUM.name: "cancun"}


class Target:
    """A chain with a public one's id, on which its stablecoin stands."""

    def __init__(self, url: str, spec: ChainSpec, folder: Path) -> None:
        self.rpc = JsonRpc(url)
        self.rpc.request("anvil_setChainId", spec.chain_id)
        assert spec.usd is not None
        coin = json.loads(artifact_text("TestUSD"))
        self.rpc.request("anvil_setCode", spec.usd, coin["deployedBytecode"])
        self.spec = replace(spec, rpc_url=url, poll_seconds=0.02, confirmations=0)
        self.path = folder / f"{spec.name}.json"

    def deploy(self, outbox: MemoryOutbox) -> Deployment:
        return deploy_with(self.spec, dev_key(0), outbox, FixedClock(), DeploymentSettings(), self.path)


@pytest.fixture(params=[SEPOLIA, BASE, ARBITRUM], ids=lambda spec: spec.name)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    spec: ChainSpec = request.param
    with anvil(FORKS[spec.name]) as chain:
        target = Target(chain.url, spec, tmp_path)
        yield target
        target.rpc.close()


class PowerCut(MemoryOutbox):
    """An outbox that fails once so many transactions were signed, as a machine does that is switched off."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def sign(self, *args: object) -> SignedTransaction:  # pyright: ignore[reportIncompatibleMethodOverride]
        if self.left == 0:
            raise Unavailable("The power is gone.")
        self.left -= 1
        return super().sign(*args)  # pyright: ignore[reportArgumentType]


def test_a_deployment_that_was_stopped_goes_on_elsewhere_and_is_what_was_planned(target: Target) -> None:
    plan = plan_report(target.rpc, target.spec, DEPLOYER, DeploymentSettings())
    assert not any(step.done for step in plan.steps)
    assert 20_000_000 < plan.gas < 60_000_000
    with pytest.raises(Unavailable, match="power is gone"):
        target.deploy(PowerCut(after=7))
    half = plan_report(target.rpc, target.spec, DEPLOYER, DeploymentSettings())
    assert sum(step.done for step in half.steps) == 7
    deployed = target.deploy(MemoryOutbox())  # another machine: only the key is the same
    created = {step.what.removeprefix("create "): step.at for step in plan.steps if step.what.startswith("create")}
    assert deployed.addresses == created | {"TestUSD": target.spec.usd}
    sent = target.rpc.nonce(DEPLOYER)
    assert sent == len(plan.steps)
    target.path.unlink()
    assert target.deploy(MemoryOutbox()).addresses == deployed.addresses
    assert target.rpc.nonce(DEPLOYER) == sent
    assert read_deployment(target.path).chain_id == target.spec.chain_id
    done = plan_report(target.rpc, target.spec, DEPLOYER, DeploymentSettings())
    assert (done.gas, done.cost, all(step.done for step in done.steps)) == (0, 0, True)


def test_what_was_deployed_verifies_and_what_was_tampered_with_does_not(target: Target) -> None:
    deployed = target.deploy(MemoryOutbox())
    findings = verify(target.rpc, deployed, target.spec.usd)
    assert [finding.what for finding in findings if not finding.holds] == []
    assert len(findings) > 20
    assert powers(target, deployed) == {
        "Emissions.owner": deployed.address("TimelockController"),
        "Parameters.owner": deployed.address("TimelockController"),
        "StakeVault.wire": "used up",
        "TrainingRegistry.wire": "used up",
        "TimelockController.grantRole": "roles",  # by the findings above: itself alone
    }
    escrow = deployed.address("SessionEscrow")
    code = bytearray(target.rpc.code(escrow))
    code[len(code) // 2] ^= 1
    target.rpc.request("anvil_setCode", escrow, "0x" + code.hex())
    timelock = deployed.address("TimelockController")
    target.rpc.request("anvil_impersonateAccount", timelock)
    grant = interface("TimelockController").call("grantRole", bytes(32), DEPLOYER)
    target.rpc.request(
        "eth_sendTransaction", {"from": timelock, "to": timelock, "data": "0x" + grant.hex(), "gasPrice": "0x0"}
    )
    wrong = [finding.what for finding in verify(target.rpc, deployed, target.spec.usd) if not finding.holds]
    assert wrong == [
        f"SessionEscrow at {escrow} is the committed code",
        "Timelock: who administers itself is as it should be",
    ]


POWERS = re.compile(
    "owner|wire|grantRole|(un)?pause|mint|burn|upgrade.*|initialize|init|setOwner|setAdmin|admin|rescue.*|setFee.*"
)
"""Names under which contracts elsewhere let somebody do what others may not."""


def powers(target: Target, deployed: Deployment) -> dict[str, str]:
    """Return who holds each power that any deployed contract gives, found by the names of its functions."""
    found: dict[str, str] = {}
    for name, address in deployed.addresses.items():
        functions = {str(entry.get("name")) for entry in json.loads(artifact_text(name))["abi"]}
        for function in filter(POWERS.fullmatch, functions if address != target.spec.usd else ()):
            found[f"{name}.{function}"] = holder_of(target, name, address, function)
    return found


def holder_of(target: Target, name: str, address: Address, function: str) -> str:
    """Return the owner of a contract, or that nobody can join it to other contracts any more."""
    known = interface(name)
    if function == "owner":
        answer = target.rpc.call(address, known.call("owner"))
        return checksummed(known.results("owner", answer).text("0"))
    if function != "wire":
        return "roles"
    other = Address("0x" + "66" * 20)
    payload = known.call("wire", *((other, other) if name == "StakeVault" else (other,)))
    try:
        target.rpc.request("eth_call", {"from": DEPLOYER, "to": address, "data": "0x" + payload.hex()}, "latest")
    except RpcError as error:
        refused = known.error(error.revert or b"")
        return "used up" if refused is not None and refused.kind == "AlreadyWired" else "open"
    return "open"


def test_addresses_follow_from_deployer_and_settings_alone() -> None:
    usd = Address("0x" + "33" * 20)
    settings = DeploymentSettings(usd=usd, charter=Charter())
    plans = [plan_for(spec, DEPLOYER, settings).addresses for spec in CHAINS.values()]
    assert all(addresses == plans[0] for addresses in plans)
    elsewhere = plan_for(LOCAL, checksummed("0x" + "44" * 20), settings).addresses
    assert elsewhere["SessionEscrow"] != plans[0]["SessionEscrow"]


def test_the_public_charter_leaves_time_to_disagree() -> None:
    charter, day = Charter(), 86_400
    assert min(charter.voting_delay, charter.late_quorum_extension) >= day
    assert charter.voting_period >= 3 * day
    assert charter.timelock_seconds >= 2 * day
    assert charter.per_month * charter.months <= 50_000_000 * FRAC


def test_a_chain_without_the_factory_is_refused_before_anything_is_sent(target: Target) -> None:
    target.rpc.request("anvil_setCode", FACTORY, "0x")
    with pytest.raises(Rejected, match="no contract for deterministic deployment"):
        target.deploy(MemoryOutbox())
    assert target.rpc.nonce(DEPLOYER) == 0


@pytest.mark.parametrize("spec", CHAINS.values(), ids=lambda spec: spec.name)
def test_every_chain_says_what_the_contracts_need_to_know(spec: ChainSpec) -> None:
    assert spec.mines_on_demand == (spec.usd is None) == (spec.identity_registry is None)
    for address in (spec.usd, spec.identity_registry):
        assert address is None or checksummed(address) == address
    assert spec.is_test == ("sepolia" in spec.name or spec.name == "local")
    assert spec.confirmations or spec.mines_on_demand
