"""The matches of a game's round, and what has been played of them.

In games for two everybody meets everybody once, and seats change from round to round. In larger games as many tables
as there are entrants are set, so that everybody sits on every seat once. All matches of a round, and of the round
that mirrors it, are dealt from the same dice: who wins was not luckier, it played better.

A match is the fold of its players' replies, step by step; what chance decides comes from the Session's seed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from fraction.base import Dice, Score
from fraction.spaces.games.game import Game, Position


@dataclass(frozen=True, slots=True)
class Match:
    """One table of one round."""

    round: int
    index: int
    tickets: tuple[int, ...]
    """Who sits on each seat."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a match stands after the replies that are known."""

    match: Match
    position: Position
    step: int
    """The step that is to be played now, or the number of steps if the match is over."""

    @property
    def over(self) -> bool:
        """Whether nothing is left to play."""
        return not self.position.to_move()

    def scores(self) -> tuple[Score, ...]:
        """Return each seat's share, 0..10000; nothing for anyone while the match goes on."""
        return self.position.scores() or tuple(Score(0) for _ in self.match.tickets)

    def due(self) -> tuple[tuple[int, int], ...]:
        """Return seat and ticket of everybody who owes a move."""
        return tuple((seat, self.match.tickets[seat]) for seat in self.position.to_move())


Said = Callable[[int, int], str | None]
"""Gives the text that a ticket replied in a step, or None: `said(step, ticket)`."""


def matches_of(game: Game, entrants: int, round: int, seed: str) -> tuple[Match, ...]:
    """Return the round's tables; who sits first is a coin in even rounds, the next round mirrors it."""
    size = min(game.seats[1], entrants)
    if size > 2:
        tables = [tuple((start + seat) % entrants for seat in range(size)) for start in range(entrants)]
        return tuple(Match(round, i, table[:: -1 if round % 2 else 1]) for i, table in enumerate(tables))
    found: list[Match] = []
    for index, pair in enumerate(combinations(range(entrants), 2)):
        swapped = Dice(seed, "sides", round // 2, index).chance(50) != bool(round % 2)
        found.append(Match(round, index, pair[::-1] if swapped else pair))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Played:
    """One player's part of one step: what it was shown and what it said."""

    step: int
    seat: int
    ticket: int
    prompt: str
    text: str
    legal: bool


def follow(game: Game, match: Match, seed: str, said: Said) -> Standing:
    """Return where the match stands.

    Args:
        game: the rules
        match: the table
        seed: the Session's seed, for what chance decides
        said: the replies that are known
    """
    positions = list(_positions(game, match, seed, said))
    return Standing(match, positions[-1], len(positions) - 1)


def steps_of(game: Game, match: Match, seed: str, said: Said) -> tuple[Played, ...]:
    """Return everybody's part of every step that was played, in order: a replay to step through."""
    parts: list[Played] = []
    for step, position in enumerate(list(_positions(game, match, seed, said))[:-1]):
        for seat in position.to_move():
            ticket = match.tickets[seat]
            text = said(step, ticket) or ""
            parts.append(Played(step, seat, ticket, position.prompt(seat), text, position.is_legal(seat, text)))
    return tuple(parts)


def _positions(game: Game, match: Match, seed: str, said: Said) -> Iterator[Position]:
    """Give the position before each step, and the last one."""
    luck = seed, "chance", match.round // 2
    position, step = game.start(len(match.tickets), Dice(*luck, "start")), 0
    yield position
    while seats := position.to_move():
        texts: dict[int, str] = {}
        for seat in seats:
            text = said(step, match.tickets[seat])
            if text is None:
                return
            texts[seat] = text
        position = position.play(texts, Dice(*luck, step))
        step += 1
        yield position


def match_scores(standings: Sequence[Standing], entrants: int) -> tuple[Score, ...]:
    """Return each ticket's score of a round: the mean of its matches, rounded down."""
    won: list[list[int]] = [[] for _ in range(entrants)]
    for standing in standings:
        for ticket, score in zip(standing.match.tickets, standing.scores(), strict=True):
            won[ticket].append(score)
    return tuple(Score(sum(scores) // len(scores)) if scores else Score(0) for scores in won)
