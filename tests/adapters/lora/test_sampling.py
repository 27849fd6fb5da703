# pyright: basic
# torch and scipy have no complete types.
import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from fraction.adapters.lora.sampling import HEAD, Choice, Sampling, choose, logprobs, uniform

LOGITS = torch.tensor([0.0, 2.0, 1.0, -1.0])


def frequencies(logits: torch.Tensor, temperature: int, top_p: int, count: int = 2_000) -> Counter[int]:
    choices = [Choice(Sampling(temperature, top_p, seed), 0) for seed in range(count)]
    return Counter(choose(logits.expand(count, -1), choices))


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 10_000))
def test_random_numbers_are_within_the_unit_interval_and_repeatable(seed: int, step: int) -> None:
    assert 0 <= uniform(seed, step) < 1
    assert uniform(seed, step) == uniform(seed, step)


def test_the_stream_of_random_numbers_never_changes() -> None:
    assert uniform(0, 0) == 0.893020509470193
    assert uniform(7, 3) == 0.07942762602003484


@pytest.mark.parametrize("temperature", [50, 100, 170])
def test_tokens_come_as_often_as_their_probability_says(temperature: int) -> None:
    expected = (LOGITS.double() * 100 / temperature).softmax(0) * 2_000
    seen = frequencies(LOGITS, temperature, 100)
    assert chisquare([seen[t] for t in range(4)], expected.tolist()).pvalue > 0.001


def test_no_temperature_takes_the_likeliest() -> None:
    assert set(frequencies(LOGITS, 0, 100, 50)) == {1}


def test_top_p_keeps_the_smallest_set_with_that_probability() -> None:
    masses = LOGITS.softmax(0)
    assert set(frequencies(LOGITS, 100, 60)) == {1}
    assert float(masses[1]) > 0.6
    assert set(frequencies(LOGITS, 100, 85)) == {1, 2}
    assert float(masses[1] + masses[2]) > 0.85
    assert set(frequencies(LOGITS, 100, 100)) == {0, 1, 2, 3}


def test_top_p_looks_beyond_the_first_candidates_when_they_do_not_hold_enough() -> None:
    flat = torch.zeros(HEAD * 8)
    assert len(frequencies(flat, 100, 90)) > HEAD * 2


def test_a_forbidden_token_never_comes() -> None:
    allowed = torch.tensor([True, False, False, True])
    samplings = [*(Sampling(100, 95, seed) for seed in range(500)), Sampling(0, 100, 0)]
    drawn = choose(LOGITS.expand(501, -1), [Choice(sampling, 0, allowed) for sampling in samplings])
    assert set(drawn[:500]) == {0, 3}
    assert drawn[500] == 0


@given(st.integers(0, 2**32), st.integers(1, 20), st.sampled_from([1, HEAD, 3 * HEAD]))
@settings(max_examples=60, deadline=None)
def test_a_row_draws_the_same_token_alone_and_beside_others(seed: int, rows: int, vocabulary: int) -> None:
    dice = torch.Generator().manual_seed(seed)
    logits = torch.randn(rows, vocabulary, generator=dice) * 2
    choices = [
        Choice(
            Sampling((0, 70, 100, 200)[row % 4], (100, 99, 50)[row % 3], seed + row),
            row,
            torch.rand(vocabulary, generator=dice) < 0.9 if row % 5 == 4 and vocabulary > 1 else None,
        )
        for row in range(rows)
    ]
    before = logits.clone()
    assert choose(logits, choices) == [choose(logits[row : row + 1], choices[row : row + 1])[0] for row in range(rows)]
    assert torch.equal(logits, before)


def test_what_a_seed_draws_never_changes() -> None:
    logits = torch.linspace(-4, 4, 2 * HEAD).expand(6, -1)
    choices = [
        Choice(Sampling(temperature, top_p, 7), 3 + top_p) for temperature in (100, 200) for top_p in (100, 90, 50)
    ]
    assert choose(logits, choices) == [441, 462, 481, 375, 415, 452]


def test_logprobs_are_those_of_the_models_own_distribution() -> None:
    chosen, top = logprobs(LOGITS, 0, 2)
    whole = LOGITS.double().log_softmax(0)
    assert math.isclose(chosen, float(whole[0]))
    assert [token for token, _ in top] == [1, 2]
    assert math.isclose(top[0][1], float(whole[1]))
    assert logprobs(LOGITS, 0, 0) == (chosen, [])
