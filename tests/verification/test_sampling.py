"""Verifying by sampling: cheap, sure, and no share of cheating pays under the default."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Address, Digest, Rejected, sha256_of
from fraction.verification.sampling import (
    DEFAULT,
    FULL,
    PPM,
    Sampling,
    assign,
    catch_probability,
    cheapest,
    cheating_pays,
    colluding_profit,
    collusion_probability,
    draw_segments,
    lazy_catch_probability,
    lazy_verifier_profit,
    simulate,
    simulate_lazy,
    trainer_profit,
)
from fraction.verification.segments import segment_digest

FIFTH = DEFAULT.segments // 5


def test_the_default_costs_a_fifth_at_most_and_finds_a_fifth_of_false_segments() -> None:
    assert DEFAULT.cost_ppm <= 200_000
    assert catch_probability(DEFAULT, FIFTH) >= 0.99


def test_the_default_is_the_cheapest_under_which_cheating_loses() -> None:
    assert not cheating_pays(DEFAULT)
    assert cheapest(replace(DEFAULT, each=1)) == DEFAULT


@given(st.integers(1, DEFAULT.segments))
def test_every_share_of_false_work_is_expected_to_lose(falsified: int) -> None:
    assert trainer_profit(DEFAULT, falsified) < 0
    assert colluding_profit(DEFAULT, falsified, 330_000) < 0


@given(st.integers(1, DEFAULT.assigned))
def test_every_share_of_blind_approval_is_expected_to_lose(skipped: int) -> None:
    assert lazy_verifier_profit(DEFAULT, skipped) < 0


def test_without_planted_segments_blind_approval_pays() -> None:
    assert lazy_verifier_profit(replace(DEFAULT, planted=0), 3) > 0
    assert cheating_pays(replace(DEFAULT, planted=0))


def test_without_stakes_no_sampling_is_enough() -> None:
    with pytest.raises(Rejected, match="raise the stakes"):
        cheapest(replace(DEFAULT, trainer_pay=0, trainer_stake=0, verifiers=1))


def test_full_coverage_finds_one_poisoned_segment_whatever_it_is_worth() -> None:
    assert FULL.cost_ppm < 1.01 * PPM
    assert not cheating_pays(FULL)
    assert catch_probability(FULL, 1) == 1
    assert trainer_profit(FULL, 1, benefit_ppm=1_000 * PPM) < 0
    assert trainer_profit(DEFAULT, 1, benefit_ppm=1_000 * PPM) > 0


@pytest.mark.parametrize("falsified", [1, FIFTH])
def test_the_game_is_caught_as_often_as_the_formula_says(falsified: int) -> None:
    played = simulate(DEFAULT, falsified, 600, "games")
    assert played.caught / played.games == pytest.approx(catch_probability(DEFAULT, falsified), abs=0.06)


def test_blind_approval_is_caught_as_often_as_the_formula_says() -> None:
    played = simulate_lazy(DEFAULT, 4, 600, "games")
    assert played.caught / played.games == pytest.approx(lazy_catch_probability(DEFAULT, 4), abs=0.08)


def test_all_verifiers_of_one_party_are_rare() -> None:
    assert collusion_probability(200_000, 5) < 0.0004


@given(st.integers(1, 40), st.integers(1, 5), st.data())
def test_assignments_do_not_overlap_while_there_are_enough(segments: int, verifiers: int, data: st.DataObject) -> None:
    each = data.draw(st.integers(1, segments))
    names = [f"verifier {n}" for n in range(verifiers)]
    found = assign("beacon", segments, names, each)
    assert all(len(set(own)) == each for own in found.values())
    assert len({segment for own in found.values() for segment in own}) == min(segments, verifiers * each)


def test_a_draw_follows_the_beacon() -> None:
    assert draw_segments("a", 128, 21) == draw_segments("a", 128, 21) != draw_segments("b", 128, 21)


def test_a_setting_that_cannot_be_carried_out_is_refused() -> None:
    with pytest.raises(Rejected, match="segments"):
        Sampling(segments=5, each=6)


def test_a_commitment_to_a_segment_is_of_no_use_to_anybody_else() -> None:
    beacon, states = sha256_of(b"beacon"), [b"state 1", b"state 2"]
    mine = segment_digest(beacon, Address("0xA"), 3, states)
    assert mine == segment_digest(beacon, Address("0xa"), 3, states)
    others = {
        segment_digest(beacon, Address("0xb"), 3, states),
        segment_digest(sha256_of(b"another beacon"), Address("0xa"), 3, states),
        segment_digest(beacon, Address("0xa"), 4, states),
        segment_digest(beacon, Address("0xa"), 3, [b"state 1s", b"tate 2"]),
    }
    assert mine not in others
    assert len(others) == 4
    assert Digest(mine)
