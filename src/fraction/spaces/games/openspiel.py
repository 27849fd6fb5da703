"""Games of OpenSpiel behind one adapter: board games, and games with cards or dice that the others do not see.

OpenSpiel (Lanctot et al. 2019, arXiv:1908.09453) keeps the rules; here are only the words around them. Its C++ core
is a pure function of the moves: it reads no clock, no file and no dice of its own, so it may serve the domain. It is
imported when a game begins, so that a machine which never plays one does without it.

The first illegal move of a seat is replaced by a legal one that the dice choose, the second forfeits. With two
players that ends the game; with more, the dice play on for that seat, and it gets nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from fraction.base import Dice, Score, Unavailable
from fraction.spaces.games.game import MAX_FAULTS, Position

MAX_STEPS = 120
"""After so many moves the game counts as a draw."""


@dataclass(frozen=True, slots=True)
class SpielGame:
    """One of OpenSpiel's games with its parameters and its words."""

    name: str
    title: str
    rules: str
    """What a player must know to read the position."""
    spiel: str
    """OpenSpiel's name, `{players}` standing for how many play."""
    seats: tuple[int, int] = (2, 2)
    memory: bool = False
    """Whether a player is shown all that it has seen so far; otherwise the position as it sees it now."""

    def start(self, seats: int, dice: Dice) -> Position:
        """Return the first position; see `Game`.

        Raises:
            Unavailable: OpenSpiel is not installed.
        """
        state = _library().load_game(self.spiel.replace("{players}", str(seats))).new_initial_state()
        return _dealt(_SpielPosition(self, state, (0,) * seats, 0), dice)


@dataclass(frozen=True, slots=True)
class _SpielPosition:
    """A position; `state` is OpenSpiel's and is copied before it is changed."""

    game: SpielGame
    state: Any  # a compiled class without type information
    faults: tuple[int, ...]
    steps: int

    def to_move(self) -> tuple[int, ...]:
        """Return the seats that owe a move; see `Position`."""
        if self.scores() is not None:
            return ()
        seats = range(len(self.faults)) if self.state.is_simultaneous_node() else (self.state.current_player(),)
        return tuple(seat for seat in seats if self.faults[seat] < MAX_FAULTS)

    def prompt(self, seat: int) -> str:
        """Return what `seat` is asked; see `Position`."""
        view = self.state.information_state_string if self.game.memory else self.state.observation_string
        seen = "\n".join(line.rstrip() for line in str(view(seat)).splitlines()).strip("\n")
        moves = " | ".join(self._moves(seat))
        return (
            f"{self.game.title}. {self.game.rules} You are player {seat} of {len(self.faults)}.\n"
            f"{seen}\nMoves: {moves}\nReply: one of the moves"
        )

    def is_legal(self, seat: int, text: str) -> bool:
        """Return whether `text` is one of the moves listed; see `Position`."""
        return text.strip() in self._moves(seat)

    def play(self, texts: Mapping[int, str], dice: Dice) -> Position:
        """Return the position after these moves; see `Position`."""
        state, faults = self.state.clone(), list(self.faults)
        actions: list[int] = []
        simultaneous = state.is_simultaneous_node()
        for seat in range(len(faults)) if simultaneous else (state.current_player(),):
            moves = self._moves(seat)
            action = moves.get(texts.get(seat, "").strip())
            if action is None:
                faults[seat] += seat in texts
                action = dice.choice(list(moves.values()))
            actions.append(action)
        if simultaneous:
            state.apply_actions(actions)
        else:
            state.apply_action(actions[0])
        return _dealt(replace(self, state=state, faults=tuple(faults), steps=self.steps + 1), dice)

    def scores(self) -> tuple[Score, ...] | None:
        """Return each seat's share; see `Position`."""
        lost = [count >= MAX_FAULTS for count in self.faults]
        if len(lost) == 2 and any(lost):
            return tuple(Score(0 if own else 10_000) for own in lost) if not all(lost) else (Score(0), Score(0))
        if self.state.is_terminal():
            game = self.state.get_game()
            low, high = Fraction(game.min_utility()), Fraction(game.max_utility())
            shares = [10_000 * (Fraction(value) - low) / (high - low) for value in self.state.returns()]
            return tuple(Score(0 if out else int(share)) for share, out in zip(shares, lost, strict=True))
        if self.steps >= MAX_STEPS or all(lost):
            return tuple(Score(0 if out else 5_000) for out in lost)
        return None

    def _moves(self, seat: int) -> dict[str, int]:
        """Return the legal moves of `seat`, by their text."""
        return {_short(self.state.action_to_string(seat, a)): a for a in self.state.legal_actions(seat)}


def _short(move: str) -> str:
    """Return OpenSpiel's text of a move without the player's mark and the final semicolon."""
    return move.partition("]")[2] if move.startswith("[P") else move.rstrip(";")


def _dealt(position: _SpielPosition, dice: Dice) -> _SpielPosition:
    """Return the position once chance has decided all that it decides now."""
    state = position.state.clone()
    while state.is_chance_node():
        outcomes = state.chance_outcomes()
        # all chance nodes of the games below are even, so a choice of one outcome is exact
        state.apply_action(dice.choice([action for action, _ in outcomes]))
    return replace(position, state=state)


def _library() -> Any:  # noqa: ANN401  (a compiled module without type information)
    try:
        import pyspiel
    except ImportError as error:
        raise Unavailable("This game needs OpenSpiel; install it with: pip install open_spiel") from error
    return pyspiel


SPIEL_GAMES = (
    SpielGame(
        "tic-tac-toe", "Tic Tac Toe", "Three in a row win. Player 0 is x. Moves: mark(row,column).", "tic_tac_toe"
    ),
    SpielGame(
        "connect-four", "Connect Four", "Four in a row win. Player 0 is x. Moves: mark and column.", "connect_four"
    ),
    SpielGame(
        "breakthrough",
        "Breakthrough",
        "Player 0 is b and moves down, w moves up, straight or diagonally; capture diagonally; the far row wins.",
        "breakthrough(rows=5,columns=4)",
    ),
    SpielGame("hex", "Hex", "x (player 0) joins top and bottom, o joins left and right.", "hex(board_size=4)"),
    SpielGame(
        "kuhn-poker",
        "Kuhn Poker",
        "The highest card wins. Shown: your card, then p for pass, b for bet.",
        "kuhn_poker(players={players})",
        (2, 3),
        memory=True,
    ),
    SpielGame(
        "leduc-poker",
        "Leduc Poker",
        "A pair with the public card wins, then the higher card.",
        "leduc_poker(players={players})",
        (2, 3),
    ),
    SpielGame(
        "liars-dice",
        "Liar's Dice",
        "N-F claims that N dice show F or 6; Liar doubts it. Shown: your die, then the claims.",
        "liars_dice(players={players})",
        memory=True,
    ),
    SpielGame(
        "goofspiel",
        "Goofspiel",
        "All bid a card in secret for the point card; the highest takes its points.",
        "goofspiel(players={players},num_cards=5,points_order=random)",
        (2, 3),
    ),
    SpielGame("chess", "Chess", "Player 1 is white. Shown as FEN; moves in standard notation.", "chess"),
)
"""The games that Spaces may name."""
