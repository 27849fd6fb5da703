"""What is to be asked next: a pure function of the Session, so that a restart asks what is missing.

All entrants of a round get the same task. The next round begins when the last reply of this one is in.
"""

from dataclasses import dataclass

from fraction.base import Dice
from fraction.sessions.session import Session
from fraction.spaces.duels import SIDES, duels_of, follow
from fraction.spaces.games import bid_tac_toe
from fraction.spaces.rounds import is_game, tasks_of
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
        asks = _duel_asks(session, number) if is_game(session.opened.space) else _asks(session, number)
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


def _duel_asks(session: Session, number: int) -> tuple[Ask, ...]:
    seed = session.seed or ""
    texts = {reply.place: reply.text for reply in session.replies}
    asks: list[Ask] = []
    for duel in duels_of(len(session.entrants), number, seed):

        def said(turn: int, ticket: int, index: int = duel.index) -> str | None:
            return texts.get(Place(number, index, turn, ticket))

        standing = follow(duel, seed, said)
        if standing.over:
            continue
        for ticket, side in zip((duel.x, duel.o), SIDES, strict=True):
            place = Place(number, duel.index, standing.turn, ticket)
            if place not in texts:
                asks.append(_ask(session, place, bid_tac_toe.render(standing.state, side)))
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
