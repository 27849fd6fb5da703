"""Merkle trees: every leaf can be proved, nothing else can, and the first difference is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Digest, NodeId, Rejected, sha256_of
from fraction.verification import (
    Attestation,
    first_difference,
    merkle_proof,
    merkle_root,
    proves,
    tally,
)

lists = st.lists(st.binary(max_size=4).map(sha256_of), min_size=1, max_size=40)


@given(lists, st.data())
def test_every_leaf_has_a_proof_and_no_other_value_passes_with_it(leaves: list[Digest], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = merkle_root(leaves), merkle_proof(leaves, index)
    assert proves(leaves[index], proof, root)
    assert not proves(sha256_of(b"something else"), proof, root)


@given(lists, st.data())
def test_a_changed_leaf_changes_the_root_and_is_named(leaves: list[Digest], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves]
    changed[index] = sha256_of(b"forged" + leaves[index].encode())
    assert merkle_root(changed) != merkle_root(leaves)
    assert first_difference(leaves, changed) == index


def test_an_inner_node_cannot_pass_for_a_leaf() -> None:
    leaves = [sha256_of(bytes([i])) for i in range(4)]
    inner = Digest(merkle_proof(leaves, 0)[1][1:])
    assert merkle_root([inner, inner]) != merkle_root(leaves)
    assert not proves(inner, merkle_proof(leaves, 0)[1:], merkle_root(leaves))


def test_a_shorter_trail_differs_at_its_end() -> None:
    leaves = [sha256_of(bytes([i])) for i in range(3)]
    assert first_difference(leaves, leaves[:2]) == 2
    assert first_difference(leaves, leaves) is None


def test_no_leaves_have_no_root() -> None:
    with pytest.raises(Rejected):
        merkle_root([])
    with pytest.raises(Rejected):
        merkle_proof([sha256_of(b"")], 1)


def answer(node: str, root: str) -> Attestation:
    return Attestation(NodeId(node), Digest(root), Digest("o"))


def test_a_quorum_accepts_and_names_who_differs() -> None:
    decision = tally([answer("a", "1"), answer("b", "1"), answer("c", "2"), answer("d", "1")], quorum=3)
    assert decision.accepted == answer("a", "1")
    assert decision.agreeing == ("a", "b", "d")
    assert decision.dissenting == ("c",)


def test_without_a_quorum_nobody_is_wrong() -> None:
    decision = tally([answer("a", "1"), answer("b", "2")], quorum=2)
    assert (decision.accepted, decision.dissenting) == (None, ())


def test_a_node_that_answers_twice_counts_once() -> None:
    assert tally([answer("a", "1"), answer("a", "1")], quorum=2).accepted is None
