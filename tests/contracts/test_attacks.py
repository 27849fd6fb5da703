"""Attacks that no other file tries; and `docs/attacks.md` names tests that exist."""

import re

import pytest

from tests.contracts.chain import ROOT
from tests.contracts.world import JUDGE, SALT, STAKE, VERDICT, World, packed, someone

ROWS = [(7000, 6000, 5000)] * 3


@pytest.mark.chain
def test_a_reorganisation_between_reveal_and_settle_changes_nothing(world: World) -> None:
    id = world.drawn()
    for judge in world.panel:
        world.commit(id, judge, ROWS[0])
    before = world.chain.rpc("evm_snapshot")
    for judge in world.panel:
        world.reveal(id, judge, ROWS[0])
    first = world.escrow.event(world.settle(id), "Scored").medians
    world.chain.rpc("evm_revert", before)  # the blocks with the reveals and the settlement are gone
    assert "Phase" in world.escrow.refusal(world.opener, "settle", id).error
    for judge in reversed(world.panel):  # whoever rebroadcasts, in whatever order
        world.reveal(id, judge, ROWS[0])
    assert world.escrow.event(world.settle(id), "Scored").medians == first == packed(ROWS[0])


@pytest.mark.chain
def test_a_commitment_of_another_chain_cannot_be_revealed(world: World) -> None:
    id = world.drawn()
    judge = world.panel[0]
    for other in world.panel[1:]:
        world.commit(id, other, ROWS[0])
    arguments = (id, judge, packed(ROWS[0]), VERDICT, SALT)
    world.chain.rpc("anvil_setChainId", 1)
    foreign = world.escrow.call("commitmentOf", *arguments)
    world.chain.rpc("anvil_setChainId", 31337)
    assert foreign != world.escrow.call("commitmentOf", *arguments)
    world.escrow.send(judge, "commit", id, foreign)
    refusal = world.escrow.refusal(judge, "reveal", id, packed(ROWS[0]), VERDICT, SALT)
    assert refusal.error == "CommitmentMismatch"


@pytest.mark.chain
def test_splitting_a_stake_does_not_raise_its_weight(world: World) -> None:
    """Four nodes with a stake each are drawn first as often as one node with all four."""
    many = [someone(100 + number) for number in range(4)]
    one = someone(200)
    for node in many:
        world.stake(JUDGE, node, STAKE)
    world.stake(JUDGE, one, 4 * STAKE)
    block = world.chain.w3.eth.block_number
    world.chain.mine(2)
    rounds = 300
    drawn = [world.vault.call("draw", JUDGE, n.to_bytes(32, "big"), 1, block, [])[0] for n in range(rounds)]
    split, whole = sum(node in many for node in drawn), drawn.count(one)
    expected = rounds * 4 * STAKE // (23 * STAKE)  # fifteen judges, four, and one of fourfold stake
    assert abs(split - expected) < 24 > abs(whole - expected)  # over three standard deviations


def test_every_attack_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")][1:]
    files = [*(ROOT / "tests" / "contracts").glob("*.py"), *(ROOT / "contracts" / "test").rglob("*.sol")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    defined = set(re.findall(r"(?:def|function) (\w+)\(", text))
    named = {row: set(re.findall(r"`(\w+)`", row.rpartition(" | ")[2])) for row in rows}
    assert len(rows) > 20
    assert {row: names - defined for row, names in named.items() if not names or names - defined} == {}
