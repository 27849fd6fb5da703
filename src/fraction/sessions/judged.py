"""What can be read off a Session once judges speak: standings, round scores, examples to learn from."""

from dataclasses import dataclass

from fraction.base import Score
from fraction.judging import lower_median
from fraction.sessions.session import Session
from fraction.spaces.duels import duels_of, follow, turns_of
from fraction.spaces.games import bid_tac_toe
from fraction.spaces.rounds import is_game, tasks_of
from fraction.training import Candidate
from fraction.transcripts import Place


@dataclass(frozen=True, slots=True)
class Line:
    """One entrant's place in the standings."""

    ticket: int
    score: Score | None
    """The lower median of the reveals so far; None before the first."""
    place: int
    """1 for the best; equal scores share a place."""


def standings(session: Session) -> tuple[Line, ...]:
    """Return the entrants, best first, by the reveals so far; final once the Session is settled."""
    scores = [_median(session, ticket) for ticket in range(len(session.entrants))]
    order = sorted(range(len(scores)), key=lambda t: (-(scores[t] or 0), t))
    return tuple(Line(t, scores[t], 1 + sum((other or 0) > (scores[t] or 0) for other in scores)) for t in order)


def round_score(session: Session, ticket: int, number: int) -> Score | None:
    """Return the panel's lower median of one entrant's round; None before the first sheet is read."""
    criteria = session.opened.space.criteria
    given = [sheet.round_score(criteria, ticket, number) for sheet in session.sheets]
    return lower_median(given) if given else None


def candidates(session: Session) -> tuple[Candidate, ...]:
    """Return every judged reply as it may become an example to learn from.

    In games, a reply counts with its duel's result: the winner's moves get the full score.
    """
    if session.seed is None or not session.sheets:
        return ()
    return _duel_candidates(session) if is_game(session.opened.space) else _reply_candidates(session)


def _median(session: Session, ticket: int) -> Score | None:
    given = [Score(reveal.scores[ticket]) for reveal in session.reveals]
    return lower_median(given) if given else None


def _reply_candidates(session: Session) -> tuple[Candidate, ...]:
    tasks = tasks_of(session.opened.space, session.seed or "")
    found: list[Candidate] = []
    for reply in session.replies:
        score = round_score(session, reply.place.ticket, reply.place.round)
        if score is not None and reply.finish == "stop":
            task = tasks[reply.place.round]
            found.append(
                Candidate(
                    session=session.opened.session,
                    round=reply.place.round,
                    turn=0,
                    agent=session.entrants[reply.place.ticket].snapshot.agent,
                    task=task.digest,
                    prompt=task.prompt,
                    reply=reply.text,
                    score=score,
                    shared=session.entrants[reply.place.ticket].snapshot.shares,
                )
            )
    return tuple(found)


def _duel_candidates(session: Session) -> tuple[Candidate, ...]:
    seed = session.seed or ""
    tasks = tasks_of(session.opened.space, seed)
    texts = {reply.place: reply.text for reply in session.replies}
    found: list[Candidate] = []
    for number, task in enumerate(tasks):
        for duel in duels_of(len(session.entrants), number, seed):

            def said(turn: int, ticket: int, number: int = number, index: int = duel.index) -> str | None:
                return texts.get(Place(number, index, turn, ticket))

            points = dict(zip((duel.x, duel.o), follow(duel, seed, said).points(), strict=True))
            found += [
                Candidate(
                    session=session.opened.session,
                    round=number,
                    turn=part.turn,
                    agent=session.entrants[part.ticket].snapshot.agent,
                    task=task.digest,
                    prompt=part.prompt,
                    reply=part.text,
                    score=Score(5_000 * points[part.ticket]),
                    shared=session.entrants[part.ticket].snapshot.shares,
                )
                for part in turns_of(duel, seed, said)
                if bid_tac_toe.read_move(part.text) is not None
            ]
    return tuple(found)
