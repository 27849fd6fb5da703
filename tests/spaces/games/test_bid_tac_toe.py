"""Laws of Bid Tac Toe."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fraction.base import Dice
from fraction.spaces.games.bid_tac_toe import (
    MAX_FAULTS,
    MAX_TURNS,
    MONEY,
    Move,
    Side,
    State,
    is_legal,
    legal_cells,
    legal_moves,
    play,
    read_move,
    render,
    result,
)

SEEDS = st.text(alphabet="abcdef0123456789", min_size=1, max_size=16)
MOVES = st.one_of(st.none(), st.builds(Move, st.integers(0, 120), st.integers(1, 9)))
SCRIPTS = st.lists(st.tuples(MOVES, MOVES, st.booleans()), max_size=40)


def states(script: list[tuple[Move | None, Move | None, bool]]) -> list[State]:
    """Return the positions that a script of moves passes, until the game is over."""
    passed = [State()]
    for move_x, move_o, coin in script:
        if result(passed[-1]) is not None:
            break
        passed.append(play(passed[-1], move_x, move_o, coin))
    return passed


@given(SCRIPTS)
def test_money_only_goes_down_and_never_below_zero(script: list[tuple[Move | None, Move | None, bool]]) -> None:
    passed = states(script)
    for before, after in pairwise(passed):
        assert 0 <= after.money_x <= before.money_x <= MONEY
        assert 0 <= after.money_o <= before.money_o <= MONEY


@given(SCRIPTS)
def test_a_turn_marks_at_most_one_free_cell(script: list[tuple[Move | None, Move | None, bool]]) -> None:
    passed = states(script)
    for before, after in pairwise(passed):
        changed = [i for i in range(9) if before.board[i] != after.board[i]]
        assert len(changed) <= 1
        assert all(before.board[i] == "." for i in changed)


@given(SCRIPTS)
def test_swapping_the_sides_swaps_the_result(script: list[tuple[Move | None, Move | None, bool]]) -> None:
    mirrored = [(o, x, not coin) for x, o, coin in script]
    swap = {"X": "O", "O": "X", "draw": "draw", None: None}
    assert result(states(mirrored)[-1]) == swap[result(states(script)[-1])]


@given(SEEDS)
def test_every_game_of_legal_moves_ends(seed: str) -> None:
    dice, state = Dice(seed), State()
    while result(state) is None:
        state = play(state, dice.choice(legal_moves(state, "X")), dice.choice(legal_moves(state, "O")), dice.chance(50))
    assert state.turn <= 10
    assert (state.faults_x, state.faults_o) == (0, 0)
    assert legal_moves(state, "X") == ()


@given(SEEDS)
def test_legal_moves_are_those_that_are_legal(seed: str) -> None:
    dice, state = Dice(seed), State()
    state = play(state, dice.choice(legal_moves(state, "X")), dice.choice(legal_moves(state, "O")), True)
    if result(state) is None:
        moves = set(legal_moves(state, "O"))
        every = {Move(bid, cell) for bid in range(102) for cell in range(1, 10)}
        assert {m for m in every if is_legal(state, "O", m)} == moves


def test_both_pay_and_the_higher_bid_marks() -> None:
    after = play(State(), Move(10, 5), Move(12, 1), coin=True)
    assert (after.board, after.money_x, after.money_o) == ("O........", 90, 88)


def test_a_coin_decides_between_equal_bids() -> None:
    assert play(State(), Move(7, 5), Move(7, 1), coin=True).board == "....X...."
    assert play(State(), Move(7, 5), Move(7, 1), coin=False).board == "O........"


def test_an_illegal_move_costs_the_turn_and_no_money() -> None:
    after = play(State(), Move(101, 5), Move(0, 1), coin=True)
    assert (after.board, after.money_x, after.faults_x) == ("O........", 100, 1)


def test_two_illegal_moves_at_once_mark_nothing() -> None:
    after = play(State(), None, None, coin=True)
    assert (after.board, after.faults_x, after.faults_o) == ("." * 9, 1, 1)


def test_the_second_fault_forfeits() -> None:
    assert result(State(faults_x=MAX_FAULTS, faults_o=1)) == "O"
    assert result(State(faults_x=MAX_FAULTS, faults_o=MAX_FAULTS)) == "draw"


def test_three_in_a_row_beats_an_empty_purse() -> None:
    assert result(State(board="XXX......", money_x=0, money_o=50)) == "X"


def test_who_has_no_money_loses_and_two_empty_purses_draw() -> None:
    assert result(State(money_x=0)) == "O"
    assert result(State(money_x=0, money_o=0)) == "draw"


def test_a_full_board_goes_to_who_has_more_left() -> None:
    full = "XOXXOOOXX"
    assert result(State(board=full, money_x=10, money_o=9)) == "X"
    assert result(State(board=full, money_x=9, money_o=9)) == "draw"


def test_the_game_ends_after_its_last_turn() -> None:
    assert result(State(turn=MAX_TURNS)) is None
    assert result(State(turn=MAX_TURNS + 1, money_x=3, money_o=2)) == "X"


def test_the_message_names_the_free_cells_and_the_money() -> None:
    text = render(State(board="X...O....", money_x=80, money_o=70), "O")
    assert "Free cells: 2 3 4 6 7 8 9" in text
    assert "You have $70, X has $80." in text


@given(st.integers(0, 999), st.integers(1, 9))
def test_a_written_move_reads_back(bid: int, cell: int) -> None:
    assert read_move(f" bid {bid} cell {cell}\n") == Move(bid, cell)


def test_anything_else_is_no_move() -> None:
    for text in ("", "bid 5", "bid -1 cell 3", "bid 05 cell 3", "bid 5 cell 0", "bid 5 cell 10", "bid ٣ cell 5"):
        assert read_move(text) is None, text


def test_a_side_sees_its_own_money() -> None:
    sides: tuple[Side, ...] = ("X", "O")
    assert [State(money_x=1, money_o=2).money(side) for side in sides] == [1, 2]
    assert legal_cells(State(board="X" * 8 + ".")) == (9,)
