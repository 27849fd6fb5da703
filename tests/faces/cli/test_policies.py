"""An agent's key acts at a test swap inside what its owner signed, and is stopped outside, from the command line."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_abi.abi import encode

from fraction.adapters.ethereum.contract import Contract
from fraction.adapters.ethereum.deploy import Deployer
from fraction.adapters.ethereum.plan import Creation
from fraction.app.policies import parse_policy
from fraction.base import Address, Rejected
from fraction.faces.cli.app import run
from fraction.wiring import open_wallet
from tests.contracts.chain import artifact
from tests.faces.cli.test_wallets import AGENT, refused, spoken, world

pytestmark = pytest.mark.chain

__all__ = ["world"]

PRICE = 10**8
"""Wei of ETH that the test swap gives for a millionth of a test dollar."""
STRANGER = "0x" + "99" * 20


@dataclass(frozen=True)
class Scene:
    """An agent of the wallet `ada` whose account holds 50 test dollars; `key` may act; where the test swap is."""

    folder: Path
    swap: Address
    key: Address

    def allow(self, out: Path, *rules: str) -> list[str]:
        allowed = [word for rule in rules for word in ("--allow", f"{self.swap} {rule}")]
        return ["agent", "policy", "set", "1", str(out), "--operator", self.key, *allowed, "--wallet", "ada"]


@pytest.fixture
def scene(world: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> Scene:
    folder, url = world
    spoken(capsys, folder, "market", "register", AGENT, "--wallet", "ada")
    with open_wallet(folder, "key", url) as key, open_wallet(folder, "ada", url) as ada:
        usd = ada.chain.deployment.address("TestUSD")
        made = bytes.fromhex(artifact("TestSwap")["bytecode"][2:]) + encode(["address", "uint256"], [usd, PRICE])
        swap = Creation("TestSwap", made)
        Deployer(ada.chain.rpc).create(ada.chain.sender, swap)
        ada.chain.rpc.request("anvil_setBalance", swap.address, hex(10**18))
        account = ada.agent_accounts().create(1)
        Contract(ada.chain, "TestUSD").send("test/fund", "transfer", account, 50_000_000)
        return Scene(folder, swap.address, key.wallet.address)


def stopped(capsys: pytest.CaptureFixture[str], scene: Scene, *arguments: str) -> str:
    """Return with what sentence the agent's key is refused."""
    return refused(capsys, "agent", "policy", *arguments, "--wallet", "key", "--data", str(scene.folder))


def test_an_agent_sells_inside_its_policy_and_is_stopped_outside(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper, folder = tmp_path / "policy.json", scene.folder
    rules = ("sell(uint256,address) 10 USD self=2", "buy(address) 0.001 ETH self=1")
    assert "may act for agent 1" in spoken(capsys, folder, *scene.allow(paper, *rules))
    acting = ("agent", "policy", "try", str(paper), "1")
    done = spoken(capsys, folder, *acting, "6 USD", "6000000", "self", "--wallet", "key")
    assert "spent 6 USD" in done
    shown = json.loads(spoken(capsys, folder, "agent", "policy", "show", str(paper), "--json"))
    assert (shown["left_today"], shown["ended"]) == (["4000000", str(10**15)], "")
    assert "sell(uint256,address)" in spoken(capsys, folder, "agent", "policy", "show", str(paper))
    assert "leaves 4000000 for today" in stopped(capsys, scene, "try", str(paper), "1", "5 USD", "5000000", "self")
    assert "own account" in stopped(capsys, scene, "try", str(paper), "1", "1 USD", "1000000", STRANGER)
    assert "another asset" in stopped(capsys, scene, "try", str(paper), "1", "1 ETH", "1", "self")
    assert "rules 1 to 2" in stopped(capsys, scene, "try", str(paper), "3", "1 USD", "1", "self")
    assert "cannot be called with" in stopped(capsys, scene, "try", str(paper), "1", "1 USD", "many", "self")
    assert "not the key" in refused(capsys, *acting, "1 USD", "1", "self", "--wallet", "ada", "--data", str(folder))
    assert "spent 0.0005 ETH" in spoken(
        capsys, folder, "agent", "policy", "try", str(paper), "2", "0.0005 ETH", "self", "--wallet", "key"
    )


def test_a_policy_ends_when_its_owner_revokes_it(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper, folder = tmp_path / "policy.json", scene.folder
    spoken(capsys, folder, *scene.allow(paper, "sell(uint256,address) 1 USD self=2"))
    spoken(capsys, folder, "agent", "policy", "revoke", str(paper), "--wallet", "ada")
    assert "revoked" in stopped(capsys, scene, "try", str(paper), "1", "1 USD", "1000000", "self")
    assert "its owner revoked it" in spoken(capsys, folder, "agent", "policy", "show", str(paper))


def test_only_what_can_be_used_is_signed_and_only_by_the_owner(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = tmp_path / "policy.json"
    here = ("--data", str(scene.folder))
    for rule in ("sell 1 USD", "sell(uint256,address) 1 USD self=x", "sell(uint256 1 USD"):
        assert run([*scene.allow(paper, rule), *here]) == 2
    foreign = scene.allow(paper, "buy(address) 1 ETH")
    assert "belongs to" in refused(capsys, *foreign[:-1], "key", *here)
    assert not paper.exists()
    bad = [word if word != scene.key else "me" for word in foreign]
    assert "is no address" in refused(capsys, *bad, *here)
    assert "cannot be read" in stopped(capsys, scene, "show", str(paper))
    for text in ("", "{}", '{"kind": "policy", "rules": [1]}'):
        with pytest.raises(Rejected, match="not a signed policy"):
            parse_policy(text)
