"""Laws of seating: near ones first, nobody kept apart for long, and no choice of one's opponents."""

from hypothesis import given
from hypothesis import strategies as st

from fraction.judging.matchmaking import FORMING, Table, choose_table, distance, reach
from fraction.judging.rating import Rating

RATINGS = st.builds(Rating, st.integers(0, 2_500), st.integers(20, 681))
TABLES = st.builds(Table, st.lists(RATINGS, max_size=5).map(tuple), st.integers(0, 4), st.integers(0, 1_800))


@given(RATINGS, st.lists(TABLES, max_size=6))
def test_no_table_in_reach_is_nearer_than_the_chosen_one(mine: Rating, tables: list[Table]) -> None:
    chosen = choose_table(mine, tables)
    near = [table for table in tables if distance(mine, table) <= reach(table)]
    if near:
        assert chosen is not None
        assert distance(mine, tables[chosen]) == min(distance(mine, table) for table in near)


@given(RATINGS, st.lists(TABLES, max_size=6))
def test_a_new_session_is_opened_only_out_of_reach_and_while_few_lack_entrants(
    mine: Rating, tables: list[Table]
) -> None:
    if choose_table(mine, tables) is None:
        assert all(distance(mine, table) > reach(table) for table in tables)
        assert sum(table.lacks > 0 for table in tables) < FORMING


@given(RATINGS, st.lists(TABLES, min_size=1, max_size=6))
def test_after_a_quarter_of_an_hour_everybody_is_seated(mine: Rating, tables: list[Table]) -> None:
    late = [Table(table.ratings, table.lacks, 900 + table.waited_seconds) for table in tables]
    assert choose_table(mine, late) is not None


@given(RATINGS, st.lists(TABLES, min_size=1, max_size=6))
def test_only_ratings_decide(mine: Rating, tables: list[Table]) -> None:
    chosen = choose_table(mine, tables)
    turned = choose_table(mine, tables[::-1])
    assert (chosen is None) == (turned is None)
    if chosen is not None and turned is not None:
        assert distance(mine, tables[chosen]) == distance(mine, tables[::-1][turned])
