"""Dice: the same everywhere, fair enough, and separate for each purpose."""

from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Dice

seeds = st.text(max_size=20)


@given(seeds, st.integers(1, 2**32))
def test_a_throw_is_within_its_bound_and_the_same_for_everybody(seed: str, bound: int) -> None:
    throw = Dice(seed, "x").below(bound)
    assert 0 <= throw < bound
    assert throw == Dice(seed, "x").below(bound)


@given(seeds, st.lists(st.integers(), max_size=30))
def test_shuffling_keeps_every_item(seed: str, items: list[int]) -> None:
    assert sorted(Dice(seed).shuffled(items)) == sorted(items)


def test_two_purposes_share_no_numbers() -> None:
    one = [Dice("seed", "one").below(1_000_000) for _ in range(1)]
    two = [Dice("seed", "two").below(1_000_000) for _ in range(1)]
    assert one != two


def test_the_stream_is_a_known_answer() -> None:
    dice = Dice("fraction", "known", 1)
    assert [dice.below(1000) for _ in range(5)] == KNOWN


def test_all_faces_come_up() -> None:
    dice = Dice("faces")
    counts = [0] * 6
    for _ in range(6_000):
        counts[dice.below(6)] += 1
    assert all(850 < count < 1150 for count in counts)


KNOWN = [810, 848, 703, 27, 244]
