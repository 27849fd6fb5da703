"""Laws of money: none is made or lost, order is kept, names do not matter."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Rejected, Score
from fraction.economy import (
    FEE_BPS,
    divide,
    judge_slashes,
    pay_task,
    place_prizes,
    refund_pot,
    settle_pot,
    stake_part,
    standings,
    task_slashes,
)

AMOUNTS = st.integers(0, 2**104)
WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=16).filter(any)
MEDIANS = st.lists(st.integers(0, 10_000) | st.sampled_from([0, 5000, 10_000]), min_size=1, max_size=40)
DEVIATIONS = st.lists(st.none() | st.integers(0, 10_000), min_size=1, max_size=15)
TOLERANCES = st.integers(0, 10_000)


@st.composite
def payout_bps(draw: st.DrawFn) -> tuple[int, ...]:
    weights = sorted(draw(st.lists(st.integers(1, 100), min_size=1, max_size=16)), reverse=True)
    return divide(10_000, weights)


def scored(numbers: Sequence[int]) -> list[Score]:
    return [Score(number) for number in numbers]


@given(AMOUNTS, WEIGHTS)
def test_parts_sum_to_the_whole(amount: int, weights: list[int]) -> None:
    assert sum(divide(amount, weights)) == amount


@given(AMOUNTS, WEIGHTS)
def test_a_part_is_its_exact_share_rounded_down_or_one_wei_more_for_the_first(amount: int, weights: list[int]) -> None:
    pairs = zip(divide(amount, weights), weights, strict=True)
    more = [part - amount * weight // sum(weights) for part, weight in pairs]
    assert more == sorted(more, reverse=True)
    assert set(more) <= {0, 1}


@pytest.mark.parametrize(("amount", "weights"), [(-1, [1]), (1, []), (1, [0, 0]), (1, [2, -1])])
def test_what_has_no_parts_is_not_divided(amount: int, weights: list[int]) -> None:
    with pytest.raises(Rejected):
        divide(amount, weights)


@given(AMOUNTS, MEDIANS, payout_bps(), DEVIATIONS, TOLERANCES)
def test_a_pot_is_paid_out_to_the_wei(
    pot: int, medians: list[int], bps: tuple[int, ...], deviations: list[int | None], tolerance: int
) -> None:
    payouts = settle_pot(pot, scored(medians), bps, deviations, tolerance)
    assert payouts.total == pot
    assert min((*payouts.prizes, *payouts.judge_fees, payouts.treasury)) >= 0
    assert sum(payouts.prizes) == pot - pot * FEE_BPS // 10_000


@given(AMOUNTS, MEDIANS, payout_bps())
def test_a_better_median_never_gets_less(pot: int, medians: list[int], bps: tuple[int, ...]) -> None:
    prizes = settle_pot(pot, scored(medians), bps, [0], 0).prizes
    in_order = [prize for _, prize in sorted(zip(medians, prizes, strict=True), key=lambda pair: (-pair[0], -pair[1]))]
    assert in_order == sorted(in_order, reverse=True)


@given(AMOUNTS, MEDIANS, payout_bps())
def test_equal_medians_get_the_same_but_for_one_wei_and_the_earlier_ticket_has_it(
    pot: int, medians: list[int], bps: tuple[int, ...]
) -> None:
    prizes = settle_pot(pot, scored(medians), bps, [0], 0).prizes
    for standing in standings(scored(medians)):
        tied = [prizes[ticket] for ticket in standing.tickets]
        assert tied == sorted(tied, reverse=True)
        assert max(tied) - min(tied) <= 1


@given(st.data(), AMOUNTS, MEDIANS, payout_bps())
def test_the_order_of_entry_moves_at_most_one_wei(
    data: st.DataObject, pot: int, medians: list[int], bps: tuple[int, ...]
) -> None:
    order = data.draw(st.permutations(range(len(medians))))
    prizes = settle_pot(pot, scored(medians), bps, [0], 0).prizes
    shuffled = settle_pot(pot, scored([medians[i] for i in order]), bps, [0], 0).prizes
    for place, ticket in enumerate(order):
        assert abs(shuffled[place] - prizes[ticket]) <= 1


@given(AMOUNTS, MEDIANS, payout_bps(), st.integers(-10_000, 10_000))
def test_only_the_order_of_medians_counts(pot: int, medians: list[int], bps: tuple[int, ...], shift: int) -> None:
    moved = [median * 3 + shift for median in medians]
    before = settle_pot(pot, scored(medians), bps, [0], 0).prizes
    assert settle_pot(pot, scored(moved), bps, [0], 0).prizes == before


@given(AMOUNTS, payout_bps(), st.integers(1, 40))
def test_unfilled_places_leave_nothing_behind(net: int, bps: tuple[int, ...], entrants: int) -> None:
    prizes = place_prizes(net, bps, entrants)
    assert sum(prizes) == net
    assert len(prizes) == min(len(bps), entrants)
    assert list(prizes) == sorted(prizes, reverse=True)


@given(AMOUNTS, MEDIANS, DEVIATIONS, TOLERANCES)
def test_judges_within_the_tolerance_get_equal_parts_and_the_others_nothing(
    pot: int, medians: list[int], deviations: list[int | None], tolerance: int
) -> None:
    payouts = settle_pot(pot, scored(medians), (10_000,), deviations, tolerance)
    paid = {
        fee
        for fee, deviation in zip(payouts.judge_fees, deviations, strict=True)
        if deviation is not None and deviation <= tolerance
    }
    assert len(paid) <= 1
    assert sum(payouts.judge_fees) <= pot * FEE_BPS // 10_000 // 2
    assert all(
        fee == 0
        for fee, deviation in zip(payouts.judge_fees, deviations, strict=True)
        if deviation is None or deviation > tolerance
    )


@pytest.mark.parametrize(("medians", "bps"), [([], [10_000]), ([Score(1)], [])])
def test_a_pot_for_nobody_is_not_settled(medians: list[Score], bps: list[int]) -> None:
    with pytest.raises(Rejected):
        settle_pot(100, medians, bps, [0], 0)


@given(st.integers(0, 2**96 - 1), st.integers(0, 256))
def test_a_refund_gives_everybody_their_fee_back(fee: int, entrants: int) -> None:
    payouts = refund_pot(fee, entrants)
    assert payouts.prizes == (fee,) * entrants
    assert payouts.total == fee * entrants


@given(AMOUNTS, st.lists(st.booleans(), max_size=15))
def test_a_task_fee_goes_to_those_who_agree_or_back(fee: int, agrees: list[bool]) -> None:
    payouts = pay_task(fee, agrees)
    assert sum(payouts.node_fees) + payouts.treasury + payouts.refund == fee
    assert payouts.refund == (0 if any(agrees) else fee)
    assert payouts.treasury < max(1, sum(agrees))
    assert all(part == 0 for part, agreed in zip(payouts.node_fees, agrees, strict=True) if not agreed)


@given(st.integers(0, 2**90), st.integers(0, 10_000))
def test_nobody_loses_more_than_is_at_stake(stake: int, bps: int) -> None:
    assert 0 <= stake_part(stake, bps) <= stake


def test_a_judge_loses_five_percent_for_silence_and_half_a_percent_for_deviation() -> None:
    assert judge_slashes([1000, 1000, 1000, 1000], [None, 501, 500, 0], 500) == (50, 5, 0, 0)


def test_a_node_loses_ten_percent_for_another_result_only_if_one_was_accepted() -> None:
    stakes, revealed = [1000, 1000, 1000], [True, True, False]
    assert task_slashes(stakes, revealed, [True, False, False]) == (0, 100, 50)
    assert task_slashes(stakes, revealed, [False, False, False]) == (0, 0, 50)
