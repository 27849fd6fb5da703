"""Commands that sign for themselves, against a running local chain: deploy, verify, govern, market, the demo's vote."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fraction.base import Address, Rejected
from fraction.faces.cli.app import run
from fraction.faces.cli.demo.vote import CURVE, hold_vote
from fraction.faces.cli.wallet import parse_amount
from fraction.wiring import start_chain
from tests.adapters.ethereum.cast import free_port

pytestmark = pytest.mark.chain

AGENT = "ab" * 32
USD = Address("0x" + "55" * 20)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder whose chain runs and grants test money."""
    folder = tmp_path_factory.mktemp("world")
    stop = threading.Event()
    with start_chain(folder, free_port()) as chain:

        def grant() -> None:
            while not stop.wait(0.05):
                chain.revive()

        thread = threading.Thread(target=grant)
        thread.start()
        try:
            yield folder, chain.url
        finally:
            stop.set()
            thread.join()


def spoken(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    """Return what a command prints; it must succeed."""
    code = run([*arguments, "--data", str(folder)])
    out, err = capsys.readouterr()
    assert code == 0, err
    return out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*arguments]) == 2
    return capsys.readouterr().err


def test_the_local_deployment_is_planned_made_and_verified(
    world: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = world
    plan = json.loads(spoken(capsys, folder, "chain", "deploy", "--dry-run", "--json"))
    assert all(step["done"] for step in plan["steps"])
    assert plan["gas"] == 0
    other = spoken(capsys, folder, "chain", "deploy", "--dry-run", "--deployer", "0x" + "44" * 20)
    assert "create SessionEscrow" in other
    assert "nobody else has a role" in other
    findings = json.loads(spoken(capsys, folder, "chain", "verify", "--json"))["findings"]
    assert all(finding["holds"] for finding in findings)
    assert "ok  " in spoken(capsys, folder, "chain", "verify")
    assert "SessionEscrow" in spoken(capsys, folder, "chain", "deploy")


def test_what_cannot_be_deployed_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = ("--data", str(tmp_path))
    assert "No local chain runs" in refused(capsys, "chain", "deploy", "--dry-run", *here)
    assert "--key-file" in refused(capsys, "chain", "deploy", "--chain", "base", *here)
    assert "--deployer" in refused(capsys, "chain", "deploy", "--chain", "base", "--dry-run", *here)
    assert "no chain called 'near'" in refused(capsys, "chain", "deploy", "--chain", "near", *here)
    assert "There is no deployment" in refused(capsys, "chain", "verify", *here)
    assert "No chain runs" in refused(capsys, "govern", "show", *here)


def test_the_demonstrations_vote_allows_a_curve(world: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, url = world
    vote = hold_vote(folder, url)
    assert vote.changed
    assert vote.frac_for >= 6_000_000
    assert "40 / 30 / 20 / 10 %" in vote.line()
    shown = json.loads(spoken(capsys, folder, "govern", "show", "--json"))
    assert list(CURVE) in shown["curves"]
    assert shown["proposals"][0]["state"] == "executed"
    assert "executed" in spoken(capsys, folder, "govern", "show")
    assert "executed" in spoken(capsys, folder, "govern", "advance", vote.proposal[:12])


def test_a_proposal_is_made_and_voted_on_from_the_command_line(
    world: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = world
    spoken(capsys, folder, "govern", "delegate")
    made = spoken(capsys, folder, "govern", "propose", "Cheaper", "--fee-bps", "800", "--drop-curve", "10000")
    id = made.split()[-1]
    assert "Propose at least one change" in refused(capsys, "govern", "propose", "x", "--data", str(folder))
    assert "is no payout curve" in refused(capsys, "govern", "propose", "x", "--curve", "a,b", "--data", str(folder))
    assert "Vote for, against" in refused(capsys, "govern", "vote", id, "maybe", "--data", str(folder))
    assert "0 proposals begin" in refused(capsys, "govern", "vote", "x", "for", "--data", str(folder))


def test_an_agent_is_sold_licensed_and_hired_by_documents(
    world: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = world
    ada, bea = ("--wallet", "ada"), ("--wallet", "bea")
    offer, licence, paper, terms = (str(tmp_path / name) for name in ("offer", "licence", "paper", "terms"))
    Path(terms).write_text("Do no harm.")
    assert "agent 1" in spoken(capsys, folder, "market", "register", AGENT, "--royalty-bps", "250", *ada)
    assert run(["market", "validate", "1", "9", *ada, "--data", str(folder)]) == 2
    assert "no accepted result" in capsys.readouterr().err
    spoken(capsys, folder, "market", "offer-licence", "1", "2 USD", terms, licence, *ada)
    assert "may be used until" in spoken(capsys, folder, "market", "take", licence, *bea)
    spoken(capsys, folder, "market", "prepay", "1", "0.02 ETH", *bea)
    spoken(capsys, folder, "market", "voucher", "1", "0.005 ETH", paper, *bea)
    assert "0.005 ETH for the owner" in spoken(capsys, folder, "market", "redeem", paper, *ada)
    spoken(capsys, folder, "market", "sell", "1", "0.1 ETH", offer, *ada)
    assert "belongs to 0x" in spoken(capsys, folder, "market", "take", offer, *bea)
    shown = json.loads(spoken(capsys, folder, "market", "show", "1", "--json", *bea))
    assert (shown["platform id"], shown["changed hands"]) == (AGENT, "1")
    # the royalty goes to ada too, who registered the agent, so all of the price is hers
    assert "withdrew 0.1 ETH" in spoken(capsys, folder, "market", "withdraw", *ada)
    spoken(capsys, folder, "market", "bid", "1", "3 USD", offer, *ada)
    spoken(capsys, folder, "market", "cancel", offer, *ada)
    assert run(["market", "take", offer, *bea, "--data", str(folder)]) == 2
    assert "OfferUsed" in capsys.readouterr().err
    assert "no agent's id" in refused(capsys, "market", "register", "x", "--data", str(folder))


def test_who_did_no_paid_work_has_nothing_to_claim(world: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = world
    assert json.loads(spoken(capsys, folder, "economy", "points", "--json")) == {"month": 0, "earnings": []}
    assert "Month 0 is not over" in spoken(capsys, folder, "economy", "points", USD)
    assert "claimed 0.0000 FRAC" in spoken(capsys, folder, "economy", "claim")


@pytest.mark.parametrize("text", ["", "1", "1 EUR", "-1 ETH", "0.1234567 USD", "1e5 ETH"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        parse_amount(text, USD)


def test_amounts_are_read_exactly() -> None:
    assert parse_amount("0.1 ETH", USD) == (Address("0x" + "00" * 20), 10**17)
    assert parse_amount("20.5usd", USD) == (USD, 20_500_000)
