"""What can be read off a Session once judges speak: standings, round scores, examples to learn from."""

from dataclasses import dataclass

from fraction.base import Score
from fraction.judging import lower_median
from fraction.sessions.session import Session
from fraction.spaces.matches import follow, matches_of, steps_of
from fraction.spaces.rounds import game_of, is_game, tasks_of
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

    In games, a legal move counts with its match's result: the winner's moves get the full score.
    """
    if session.seed is None or not session.sheets:
        return ()
    return _match_candidates(session) if is_game(session.opened.space) else _reply_candidates(session)


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


def _match_candidates(session: Session) -> tuple[Candidate, ...]:
    seed, space = session.seed or "", session.opened.space
    texts = {reply.place: reply.text for reply in session.replies}
    found: list[Candidate] = []
    for number, task in enumerate(tasks_of(space, seed)):
        game = game_of(space.source, seed, number)
        for match in matches_of(game, len(session.entrants), number, seed):

            def said(step: int, ticket: int, number: int = number, index: int = match.index) -> str | None:
                return texts.get(Place(number, index, step, ticket))

            scores = follow(game, match, seed, said).scores()
            found += [
                Candidate(
                    session=session.opened.session,
                    round=number,
                    turn=part.step,
                    agent=session.entrants[part.ticket].snapshot.agent,
                    task=task.digest,
                    prompt=part.prompt,
                    reply=part.text,
                    score=scores[part.seat],
                    shared=session.entrants[part.ticket].snapshot.shares,
                )
                for part in steps_of(game, match, seed, said)
                if part.legal
            ]
    return tuple(found)
