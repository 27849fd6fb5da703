"""What is to be asked next: a pure function of the Session, so that a restart asks what is missing.

All entrants of a round get the same task. The next round begins when the last reply of this one is in.
"""

from dataclasses import dataclass

from fraction.base import Dice
from fraction.sessions.session import Session
from fraction.spaces.matches import follow, matches_of
from fraction.spaces.rounds import game_of, is_game, tasks_of
from fraction.transcripts import Message, Place


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to one entrant's model."""

    place: Place
    model: str
    """`base`, or `base:<adapter digest>`."""
    messages: tuple[Message, ...]
    seed: int


def asks_due(session: Session) -> tuple[Ask, ...]:
    """Return the questions that can be asked now; none when everything is played (or nothing yet)."""
    if session.seed is None:
        return ()
    for number in range(session.opened.space.rounds):
        asks = _match_asks(session, number) if is_game(session.opened.space) else _asks(session, number)
        if asks:
            return asks
    return ()


def sampling_seed(seed: str, place: Place) -> int:
    """Return the sampling seed of the reply at `place`, 0..2**31-1."""
    purpose = ("reply", place.round, place.duel, place.turn, place.ticket)
    return Dice(seed, *purpose).below(2**31)


def _asks(session: Session, number: int) -> tuple[Ask, ...]:
    task = tasks_of(session.opened.space, session.seed or "")[number]
    places = (Place(number, 0, 0, ticket) for ticket in range(len(session.entrants)))
    return tuple(_ask(session, p, task.prompt) for p in places if session.reply_at(p) is None)


def _match_asks(session: Session, number: int) -> tuple[Ask, ...]:
    seed = session.seed or ""
    game = game_of(session.opened.space.source, seed, number)
    texts = {reply.place: reply.text for reply in session.replies}
    asks: list[Ask] = []
    for match in matches_of(game, len(session.entrants), number, seed):

        def said(step: int, ticket: int, index: int = match.index) -> str | None:
            return texts.get(Place(number, index, step, ticket))

        standing = follow(game, match, seed, said)
        for seat, ticket in standing.due():
            place = Place(number, match.index, standing.step, ticket)
            if place not in texts:
                asks.append(_ask(session, place, standing.position.prompt(seat)))
    return tuple(asks)


def _ask(session: Session, place: Place, prompt: str) -> Ask:
    snapshot = session.entrants[place.ticket].snapshot
    adapter = snapshot.adapter
    return Ask(
        place=place,
        model=snapshot.base_model if adapter is None else f"{snapshot.base_model}:{adapter}",
        messages=(Message("system", snapshot.prompt), Message("user", prompt)),
        seed=sampling_seed(session.seed or "", place),
    )
