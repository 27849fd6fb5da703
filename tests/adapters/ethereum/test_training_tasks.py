"""Training tasks against the real contracts, through the port that the verbs use."""

from collections.abc import Sequence
from itertools import count

import pytest

from fraction.adapters.ethereum import Connection
from fraction.app.chain import Role, TaskPhase
from fraction.base import Digest, Wei
from fraction.economy import MISMATCH_BPS, NO_SHOW_BPS
from tests.adapters.ethereum.cast import SALT, Cast

pytestmark = pytest.mark.chain

_KEYS = (f"task-{number}" for number in count())

MANIFEST, ROOT, OTHER, ADAPTER = (Digest(pair * 32) for pair in ("11", "22", "33", "44"))
FEE = Wei(3 * 10**15 + 1)


def drawn_task(cast: Cast) -> tuple[int, list[Connection]]:
    """Open and draw a task of an entrant; return its number and the drawn nodes, the trainer first."""
    owner = cast.entrants[0]
    number = owner.registry.open(next(_KEYS), MANIFEST, FEE, 2, 2, 60)
    cast.platform.registry.draw(number)
    state = cast.platform.registry.state(number)
    by_address = {node.wallet.address: node for node in cast.nodes}
    assert state.trainer is not None
    return number, [by_address[address] for address in (state.trainer, *state.verifiers)]


def answer(nodes: Sequence[Connection], number: int, roots: Sequence[Digest]) -> None:
    for node, root in zip(nodes, roots, strict=False):
        node.registry.commit(number, root, ADAPTER, SALT)
    for node, root in zip(nodes, roots, strict=False):
        node.registry.reveal(number, root, ADAPTER, SALT)


def test_equal_results_are_accepted_and_paid(cast: Cast) -> None:
    registry = cast.platform.registry
    number, nodes = drawn_task(cast)
    assert registry.tasks() == number
    state = registry.state(number)
    assert (state.phase, state.manifest, state.fee, state.quorum) == (TaskPhase.COMMITTING, MANIFEST, FEE, 2)
    assert state.owner == cast.entrants[0].wallet.address
    assert len(state.verifiers) == 2

    answer(nodes, number, (ROOT, ROOT, ROOT))
    assert registry.state(number).phase is TaskPhase.SETTLEABLE
    registry.settle(number)

    state = registry.state(number)
    assert state.phase is TaskPhase.ACCEPTED
    assert state.accepted is not None
    assert (state.accepted.node, state.accepted.root, state.accepted.adapter) == (state.trainer, ROOT, ADAPTER)
    assert state.slashes == ()
    assert len(state.transactions) == 9  # open, draw, three commitments, three reveals, settlement
    assert [node.registry.withdraw() for node in nodes] == [FEE // 3] * 3
    assert [node.registry.withdraw() for node in nodes] == [0, 0, 0]


def test_who_found_another_root_loses_stake(cast: Cast) -> None:
    registry = cast.platform.registry
    number, nodes = drawn_task(cast)
    trainer = nodes[0].wallet.address
    stake = cast.platform.vault.stake_of(Role.TRAINER, trainer)
    answer(nodes, number, (OTHER, ROOT, ROOT))
    registry.settle(number)
    state = registry.state(number)
    assert state.accepted is not None
    assert state.accepted.node == nodes[1].wallet.address
    assert state.slashes == ((trainer, stake * MISMATCH_BPS // 10_000, "mismatch"),)


def test_who_does_not_reveal_loses_stake(cast: Cast) -> None:
    registry = cast.platform.registry
    number, nodes = drawn_task(cast)
    silent = nodes[2].wallet.address
    stake = cast.platform.vault.stake_of(Role.VERIFIER, silent)
    for node in nodes[:2]:
        node.registry.commit(number, ROOT, ADAPTER, SALT)
    cast.pass_time(61)
    for node in nodes[:2]:
        node.registry.reveal(number, ROOT, ADAPTER, SALT)
    registry.settle(number)
    state = registry.state(number)
    assert state.phase is TaskPhase.ACCEPTED
    assert state.slashes == ((silent, stake * NO_SHOW_BPS // 10_000, "no-show"),)


def test_without_a_quorum_the_fee_goes_back(cast: Cast) -> None:
    registry = cast.platform.registry
    number, nodes = drawn_task(cast)
    answer(nodes, number, (ROOT, OTHER, MANIFEST))
    cast.platform.registry.settle(number)
    state = registry.state(number)
    assert (state.phase, state.accepted, state.slashes) == (TaskPhase.FAILED, None, ())
    assert cast.entrants[0].registry.withdraw() == FEE


def test_a_task_that_nobody_was_drawn_for_is_cancelled_after_its_time(cast: Cast) -> None:
    owner = cast.entrants[1]
    number = owner.registry.open(next(_KEYS), MANIFEST, FEE, 2, 2, 60)
    assert cast.platform.registry.state(number).phase is TaskPhase.DRAWING
    cast.pass_time(61)
    assert cast.platform.registry.state(number).phase is TaskPhase.CANCELLABLE
    cast.platform.registry.cancel(number)
    assert cast.platform.registry.state(number).phase is TaskPhase.CANCELLED
    assert owner.registry.withdraw() == FEE


def test_one_key_opens_one_task(cast: Cast) -> None:
    registry = cast.entrants[2].registry
    first = registry.open("the same", MANIFEST, FEE, 2, 2, 60)
    assert registry.open("the same", MANIFEST, FEE, 2, 2, 60) == first
    assert registry.tasks() == first
