"""Moves of Bid Tac Toe in positions from random play, by strategies of graded strength."""

from fraction.base import Dice
from fraction.spaces.games import bid_tac_toe as game
from models.corpus.phrases import expand

BIDS: dict[str, tuple[str, ...]] = {
    "aggressive": (
        "Bid {high|aggressively|a lot}.",
        "{Spend|Risk} much.",
        "{Outbid|Overpay} the other side.",
        "Be {bold|greedy}.",
    ),
    "thrifty": (
        "Save {money|your money|dollars}.",
        "Bid {low|little|carefully}.",
        "Keep your {money|dollars}.",
        "Be {thrifty|careful|patient}.",
    ),
    "steady": (
        "Bid {medium|moderate} amounts.",
        "Bid {about|around} a fifth of your money.",
        "{Spread|Share out} your money.",
    ),
    "": ("", "You play Bid Tac Toe.", "{Win|Play well}.", "Answer with the move only."),
}
"""Ways to bid and their paraphrases."""

CELLS: dict[str, tuple[str, ...]] = {
    "centre": ("{Take|Prefer|Want} the {centre|middle}.", "The {centre|middle} cell {first|comes first}."),
    "corners": ("{Take|Prefer|Want} {corners|a corner}.", "Corners {first|come first}."),
    "smart": (
        "{Block|Stop} the other side and complete rows.",
        "{Look for|Make} three in a row.",
        "Think about {rows|lines}.",
    ),
    "": ("", "", ""),
}
"""Ways to choose a cell and their paraphrases."""

_RANGE = {"aggressive": (30, 60), "thrifty": (0, 8), "steady": (14, 26), "": (0, 45)}
_LINES = ((1, 2, 3), (4, 5, 6), (7, 8, 9), (1, 4, 7), (2, 5, 8), (3, 6, 9), (1, 5, 9), (3, 5, 7))


def system_prompt(bids: str, cells: str, dice: Dice) -> str:
    """Return a player's own prompt."""
    parts = [expand(dice.choice(BIDS[bids]), dice), expand(dice.choice(CELLS[cells]), dice)]
    return " ".join(part for part in dice.shuffled(parts) if part)


def choose(state: game.State, side: game.Side, bids: str, cells: str, dice: Dice) -> game.Move:
    """Return a legal move of `side` after that way to bid and to choose."""
    low, high = _RANGE[bids]
    bid = state.money(side) * dice.between(low, high) // 100
    return game.Move(bid, _cell(state, side, cells, dice))


def _cell(state: game.State, side: game.Side, cells: str, dice: Dice) -> int:
    free = game.legal_cells(state)
    if cells == "smart" or (not cells and dice.chance(30)):
        for mark in (side, "O" if side == "X" else "X"):
            for line in _LINES:
                marks = [state.board[c - 1] for c in line]
                if marks.count(mark) == 2 and "." in marks:
                    return line[marks.index(".")]
    wanted = {"centre": (5,), "corners": (1, 3, 7, 9)}.get(cells, (5,) if cells == "smart" else ())
    return dice.choice([c for c in wanted if c in free] or free)


def position(dice: Dice) -> game.State:
    """Return a position from a random game that is not over."""
    return _played(dice.choice((0, 0, 1, 1, 2, 2, 3, 4, 5)), dice)


def crowded_position(dice: Dice) -> game.State:
    """Return a position with five free cells or fewer, where a move at random is seldom legal."""
    while len(game.legal_cells(state := _played(dice.between(4, 7), dice))) > 5:
        pass
    return state


def _played(turns: int, dice: Dice) -> game.State:
    state = game.State()
    for _ in range(turns):
        moves = [choose(state, side, dice.choice(tuple(_RANGE)), "", dice) for side in ("X", "O")]
        after = game.play(state, moves[0], moves[1], dice.chance(50))
        if game.result(after) is not None:
            break
        state = after
    return state


def reply(move: game.Move) -> str:
    """Return the move as players write it."""
    return f"bid {move.bid} cell {move.cell}"
