"""Duels: everybody meets everybody, sides change, and luck is the same for all who have the seed."""

from hypothesis import given
from hypothesis import strategies as st

from fraction.spaces.duels import Duel, duel_scores, duels_of, follow, turns_of

SEED = "ab" * 32


def written(bid: int, cell: int) -> str:
    return f"bid {bid} cell {cell}"


moves = st.dictionaries(
    st.tuples(st.integers(0, 12), st.integers(0, 1)),
    st.builds(written, st.integers(0, 120), st.integers(1, 9)) | st.text(max_size=9),
)


@given(st.integers(2, 9), st.integers(0, 4))
def test_everybody_meets_everybody_once_a_round(entrants: int, number: int) -> None:
    duels = duels_of(entrants, number, SEED)
    assert len({frozenset((d.x, d.o)) for d in duels}) == len(duels) == entrants * (entrants - 1) // 2
    assert [d.index for d in duels] == list(range(len(duels)))


@given(st.integers(2, 9))
def test_sides_change_from_round_to_round(entrants: int) -> None:
    pairs = zip(duels_of(entrants, 0, SEED), duels_of(entrants, 1, SEED), strict=True)
    assert all((a.x, a.o) == (b.o, b.x) for a, b in pairs)


@given(moves)
def test_a_duel_stops_where_a_reply_is_missing_and_never_before(said: dict[tuple[int, int], str]) -> None:
    duel = Duel(0, 0, 0, 1)

    def reply(turn: int, ticket: int) -> str | None:
        return said.get((turn, ticket))

    end = follow(duel, SEED, reply)
    missing = any((end.turn, side) not in said for side in (0, 1))
    assert end.over or missing
    assert len(turns_of(duel, SEED, reply)) == 2 * end.turn
    assert sum(end.points()) == (2 if end.over else 0)


@given(st.integers(2, 6), st.data())
def test_a_rounds_points_are_neither_lost_nor_invented(entrants: int, data: st.DataObject) -> None:
    ends = [
        follow(duel, SEED, lambda turn, ticket: data.draw(st.sampled_from(["bid 0 cell 1", "bid 99 cell 2", "?"])))
        for duel in duels_of(entrants, 0, SEED)
    ]
    scores = duel_scores(ends, entrants)
    won = sum(sum(end.points()) for end in ends)
    assert won == entrants * (entrants - 1)
    assert abs(sum(scores) - 10_000 * won / (2 * (entrants - 1))) < entrants
