"""The duels of a game's round: everybody meets everybody once, and sides change from round to round.

A duel is the fold of its two players' replies, turn by turn; coins come from the Session's seed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from fraction.base import Dice, Score
from fraction.spaces.games import bid_tac_toe
from fraction.spaces.games.bid_tac_toe import Result, Side, State

SIDES: tuple[Side, Side] = ("X", "O")
"""In the order in which a duel names its tickets."""


_POINTS: dict[Result | None, tuple[int, int]] = {"X": (2, 0), "O": (0, 2), "draw": (1, 1)}


@dataclass(frozen=True, slots=True)
class Duel:
    """One pairing of one round."""

    round: int
    index: int
    x: int
    """The ticket that plays X."""
    o: int
    """The ticket that plays O."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a duel stands after the replies that are known."""

    duel: Duel
    state: State
    turn: int
    """The turn that is to be played now, or the number of turns if the duel is over."""
    over: bool

    def points(self) -> tuple[int, int]:
        """Return what X and O have won: 2 for a win, 1 for a draw, 0 for a loss or no end."""
        return _POINTS.get(bid_tac_toe.result(self.state), (0, 0))


def duels_of(entrants: int, round: int, seed: str) -> tuple[Duel, ...]:
    """Return the round's pairings; who plays X is a coin in round 0, then alternates."""
    duels: list[Duel] = []
    for index, (first, second) in enumerate(combinations(range(entrants), 2)):
        swapped = Dice(seed, "sides", index).chance(50) != bool(round % 2)
        x, o = (second, first) if swapped else (first, second)
        duels.append(Duel(round, index, x, o))
    return tuple(duels)


@dataclass(frozen=True, slots=True)
class Played:
    """One side's part of one turn: what it was shown and what it said."""

    turn: int
    ticket: int
    prompt: str
    text: str


def follow(duel: Duel, seed: str, reply: Callable[[int, int], str | None]) -> Standing:
    """Return where the duel stands.

    Args:
        duel: the pairing
        seed: the Session's seed, for the coins
        reply: gives the text that a ticket replied in a turn, or None: `reply(turn, ticket)`
    """
    states = list(_states(duel, seed, reply))
    turn, state = len(states) - 1, states[-1]
    return Standing(duel, state, turn, bid_tac_toe.result(state) is not None)


def turns_of(duel: Duel, seed: str, reply: Callable[[int, int], str | None]) -> tuple[Played, ...]:
    """Return both sides' parts of every turn that was played, in order; arguments as for `follow`."""
    parts: list[Played] = []
    for turn, state in enumerate(list(_states(duel, seed, reply))[:-1]):
        for ticket, side in zip((duel.x, duel.o), SIDES, strict=True):
            prompt = bid_tac_toe.render(state, side)
            parts.append(Played(turn, ticket, prompt, reply(turn, ticket) or ""))
    return tuple(parts)


def _states(duel: Duel, seed: str, reply: Callable[[int, int], str | None]) -> Iterator[State]:
    """Give the state before each turn, and the last one."""
    state, turn = State(), 0
    yield state
    while bid_tac_toe.result(state) is None:
        x, o = reply(turn, duel.x), reply(turn, duel.o)
        if x is None or o is None:
            return
        coin = Dice(seed, "coin", duel.round, duel.index, turn).chance(50)
        state = bid_tac_toe.play(state, bid_tac_toe.read_move(x), bid_tac_toe.read_move(o), coin)
        turn += 1
        yield state


def duel_scores(standings: Sequence[Standing], entrants: int) -> tuple[Score, ...]:
    """Return each ticket's score of a round: its points as a share of what it could have won."""
    won = [0] * entrants
    for standing in standings:
        x, o = standing.points()
        won[standing.duel.x] += x
        won[standing.duel.o] += o
    return tuple(Score(10_000 * points // (2 * max(1, entrants - 1))) for points in won)
