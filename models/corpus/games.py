"""Moves of OpenSpiel's games: positions from random play, and a move that a player with that wish would make."""

from fraction.base import Dice
from fraction.spaces.games.game import Position
from fraction.spaces.games.openspiel import SPIEL_GAMES, SpielGame
from models.corpus.phrases import expand

PLAYED = tuple(game for game in SPIEL_GAMES if game.name != "chess")
"""The games whose positions fit the model's context with ease."""

OPEN = ("tic-tac-toe", "connect-four", "breakthrough", "hex")
"""Games without secrets, in which random continuations tell a good move from a bad one."""

WISHES: dict[str, tuple[str, ...]] = {
    "bold": ("{Be|Play} {bold|brave|aggressive}.", "{Bet|Raise} {high|a lot}.", "{Risk|Dare} much.", "Attack."),
    "careful": ("{Be|Play} {careful|safe|safely}.", "{Pass|Fold} {early|often}.", "{Risk|Dare} little.", "Defend."),
    "smart": (
        "{Look ahead|Think} {first|before you move}.",
        "{Win|Block} when you can.",
        "{Play|Choose} the best move.",
    ),
    "": ("", "", "You play games.", "{Win|Play well}.", "Answer with the move only."),
}
"""Ways to play and their paraphrases."""

_BOLD = ("Bet", "Raise", "Liar")
_CAREFUL = ("Pass", "Call", "Fold")


def system_prompt(wish: str, dice: Dice) -> str:
    """Return a player's own prompt."""
    lead = expand(dice.choice(WISHES[""]), dice) if wish and dice.chance(40) else ""
    return f"{lead} {expand(dice.choice(WISHES[wish]), dice)}".strip()


def position(game: SpielGame, dice: Dice) -> Position:
    """Return a position of a random match that is not over."""
    while True:
        state = game.start(dice.between(*game.seats), dice)
        for _ in range(dice.below(_LENGTH.get(game.name, 4))):
            after = _random_step(state, dice)
            if not after.to_move():
                break
            state = after
        if state.to_move():
            return state


_LENGTH = {"connect-four": 26, "breakthrough": 18, "hex": 11, "tic-tac-toe": 8, "goofspiel": 4}


def choose(game: SpielGame, state: Position, seat: int, wish: str, dice: Dice) -> str:
    """Return a legal move of `seat` after that way to play."""
    moves = moves_of(state, seat)
    if game.name in OPEN:
        return _by_trial(state, seat, moves, dice) if wish == "smart" or dice.chance(60) else dice.choice(moves)
    wanted = {"bold": _BOLD, "careful": _CAREFUL}.get(wish, ())
    liked = [move for move in moves if move in wanted]
    if not liked and wish in ("bold", "careful"):
        half = max(1, len(moves) // 2)
        liked = moves[-half:] if wish == "bold" else moves[:half]
    return dice.choice(liked or moves)


def moves_of(state: Position, seat: int) -> list[str]:
    """Return the moves that the prompt lists for `seat`."""
    listed = state.prompt(seat).splitlines()[-2].removeprefix("Moves: ")
    return listed.split(" | ")


def _by_trial(state: Position, seat: int, moves: list[str], dice: Dice) -> str:
    """Return the move after which random play ends best for `seat`, three trials each."""
    worth = {move: sum(_ending(state.play({seat: move}, dice), seat, dice) for _ in range(3)) for move in moves}
    return max(moves, key=lambda move: worth[move])


def _ending(state: Position, seat: int, dice: Dice) -> int:
    if (scores := state.scores()) is not None:
        return 2 * scores[seat]  # a win at once is better than a win that random play finds
    while (scores := state.scores()) is None:
        state = _random_step(state, dice)
    return scores[seat]


def _random_step(state: Position, dice: Dice) -> Position:
    return state.play({seat: dice.choice(moves_of(state, seat)) for seat in state.to_move()}, dice)
