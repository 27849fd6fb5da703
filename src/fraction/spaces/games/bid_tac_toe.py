"""Bid Tac Toe: three in a row, where each turn's cell is sold in a sealed all-pay auction.

Each side starts with $100. Every turn both name a bid and a cell in secret and both pay; the higher bid marks its
cell, a coin decides between equal bids. Three in a row wins; so does having money when the other has none; a full
board goes to who has more left. An illegal move loses the turn, the second illegal move loses the game.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fraction.base import Dice, Score

Side: TypeAlias = Literal["X", "O"]
"""Who plays."""

Result: TypeAlias = Literal["X", "O", "draw"]
"""How a game ended."""

MONEY = 100
"""Dollars that each side starts with."""

MAX_TURNS = 30
"""After so many turns the game ends as if the board were full."""

MAX_FAULTS = 2
"""Illegal moves of one side that lose the game."""

_LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
_MOVE = re.compile(r"bid (0|[1-9][0-9]{0,2}) cell ([1-9])")


@dataclass(frozen=True, slots=True)
class Move:
    """A sealed bid and the cell it is for."""

    bid: int
    """Dollars, 0 or more."""
    cell: int
    """1 to 9, row by row from the top left."""


@dataclass(frozen=True, slots=True)
class State:
    """A position between two turns."""

    board: str = "." * 9
    """Nine of `X`, `O` and `.`, row by row."""
    money_x: int = MONEY
    money_o: int = MONEY
    turn: int = 1
    faults_x: int = 0
    """Illegal moves so far."""
    faults_o: int = 0

    def money(self, side: Side) -> int:
        """Return what `side` has left, in dollars."""
        return self.money_x if side == "X" else self.money_o


def legal_cells(state: State) -> tuple[int, ...]:
    """Return the free cells, 1 to 9."""
    return tuple(i + 1 for i, mark in enumerate(state.board) if mark == ".")


def is_legal(state: State, side: Side, move: Move | None) -> bool:
    """Return whether `side` may make that move; an unreadable one (None) never is legal."""
    return move is not None and 0 <= move.bid <= state.money(side) and move.cell in legal_cells(state)


def legal_moves(state: State, side: Side) -> tuple[Move, ...]:
    """Return all legal moves of `side`; none when the game is over."""
    if result(state) is not None:
        return ()
    return tuple(Move(bid, cell) for cell in legal_cells(state) for bid in range(state.money(side) + 1))


def play(state: State, move_x: Move | None, move_o: Move | None, coin: bool) -> State:
    """Return the position after both moves are opened.

    Args:
        state: a position that is not over
        move_x: X's move, None if unreadable
        move_o: O's move, None if unreadable
        coin: whom an equal bid goes to: True for X
    """
    legal_x, legal_o = is_legal(state, "X", move_x), is_legal(state, "O", move_o)
    paid_x = move_x.bid if legal_x and move_x else 0
    paid_o = move_o.bid if legal_o and move_o else 0
    x_wins = legal_x and (not legal_o or paid_x > paid_o or (paid_x == paid_o and coin))
    board = state.board
    if x_wins and move_x:
        board = _marked(board, move_x.cell, "X")
    elif legal_o and move_o:
        board = _marked(board, move_o.cell, "O")
    return State(
        board=board,
        money_x=state.money_x - paid_x,
        money_o=state.money_o - paid_o,
        turn=state.turn + 1,
        faults_x=state.faults_x + (not legal_x),
        faults_o=state.faults_o + (not legal_o),
    )


def _marked(board: str, cell: int, side: Side) -> str:
    return board[: cell - 1] + side + board[cell:]


def result(state: State) -> Result | None:
    """Return how the game ended, or None while it goes on.

    Faults are looked at first, then rows, then empty purses, then the full board or the last turn.
    """
    for x_won, o_won in (
        (state.faults_o >= MAX_FAULTS, state.faults_x >= MAX_FAULTS),
        (_has_line(state.board, "X"), _has_line(state.board, "O")),
        (state.money_o == 0, state.money_x == 0),
    ):
        if x_won or o_won:
            return "draw" if x_won and o_won else ("X" if x_won else "O")
    if "." in state.board and state.turn <= MAX_TURNS:
        return None
    if state.money_x == state.money_o:
        return "draw"
    return "X" if state.money_x > state.money_o else "O"


def _has_line(board: str, side: Side) -> bool:
    return any(all(board[i] == side for i in line) for line in _LINES)


def render(state: State, side: Side) -> str:
    """Return the message that asks `side` for its move."""
    other: Side = "O" if side == "X" else "X"
    rows = "\n".join(" ".join(state.board[i : i + 3]) for i in (0, 3, 6))
    cells = " ".join(str(cell) for cell in legal_cells(state))
    return (
        f"Bid Tac Toe, turn {state.turn}. You are {side}.\n{rows}\n"
        f"You have ${state.money(side)}, {other} has ${state.money(other)}.\n"
        f"Free cells: {cells}\nReply: bid N cell C"
    )


def read_move(text: str) -> Move | None:
    """Return the move that `text` is, or None where it is not exactly `bid N cell C`.

    >>> read_move("bid 12 cell 5")
    Move(bid=12, cell=5)
    >>> read_move("I bid 12 on cell 5") is None
    True
    """
    match = _MOVE.fullmatch(text.strip())
    return Move(int(match[1]), int(match[2])) if match else None


SEATS: tuple[Side, Side] = ("X", "O")
"""Seat 0 plays X, seat 1 plays O."""

_SCORES: dict[Result, tuple[Score, Score]] = {
    "X": (Score(10_000), Score(0)),
    "O": (Score(0), Score(10_000)),
    "draw": (Score(5_000), Score(5_000)),
}


@dataclass(frozen=True, slots=True)
class BidTacToe:
    """Bid Tac Toe as a `Game`."""

    name: str = "bid-tac-toe"
    seats: tuple[int, int] = (2, 2)

    def start(self, seats: int, dice: Dice) -> "BidPosition":
        """Return the empty board; see `Game`."""
        return BidPosition(State())


@dataclass(frozen=True, slots=True)
class BidPosition:
    """A state of Bid Tac Toe as a `Position`."""

    state: State

    def to_move(self) -> tuple[int, ...]:
        """Return both seats until the game is over; see `Position`."""
        return () if result(self.state) else (0, 1)

    def prompt(self, seat: int) -> str:
        """Return what a seat is asked; see `Position`."""
        return render(self.state, SEATS[seat])

    def is_legal(self, seat: int, text: str) -> bool:
        """Return whether the text is a move that the seat may make; see `Position`."""
        return is_legal(self.state, SEATS[seat], read_move(text))

    def play(self, texts: Mapping[int, str], dice: Dice) -> "BidPosition":
        """Return the position after both moves; a coin decides between equal bids."""
        return BidPosition(play(self.state, read_move(texts[0]), read_move(texts[1]), dice.chance(50)))

    def scores(self) -> tuple[Score, ...] | None:
        """Return both shares once the game is over; see `Position`."""
        ended = result(self.state)
        return _SCORES[ended] if ended else None
