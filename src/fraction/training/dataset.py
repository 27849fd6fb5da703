"""The data set of one training: the best replies of a Space's past Sessions, with provenance.

Others' best replies count as well as one's own, where their owners consent: each becomes an example under the
system prompt of the agent that learns, because that is the prompt under which the agent will answer. Tasks of the
gate are never among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import AgentId, Digest, Json, Score, SessionId, canonical_json, sha256_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """A judged reply of a settled Session, as it may become an example."""

    session: SessionId
    round: int
    turn: int
    agent: AgentId
    """Who said it."""
    task: Digest
    prompt: str
    """What was asked, as the user's message."""
    reply: str
    score: Score
    """The panel's score of this agent in this round."""
    shared: bool = False
    """Whether the owner let other agents learn from it when it entered the Session."""


@dataclass(frozen=True, slots=True)
class Loser:
    """A reply to the same task that did worse, with its provenance."""

    reply: str
    session: SessionId
    round: int
    turn: int
    agent: AgentId
    score: Score


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn: under this system prompt, this is a good reply to this."""

    system: str
    prompt: str
    reply: str
    session: SessionId
    round: int
    agent: AgentId
    score: Score
    turn: int = 0
    task: Digest | None = None
    loser: Loser | None = None
    """What it is to be preferred to; for preference training."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """What one adapter is trained on."""

    examples: tuple[Example, ...]

    def to_bytes(self) -> bytes:
        """Return the blob that trainer and verifiers fetch."""
        rows: list[Json] = [
            {
                "system": e.system,
                "prompt": e.prompt,
                "reply": e.reply,
                "session": e.session,
                "round": e.round,
                "agent": e.agent,
                "score": e.score,
                "turn": e.turn,
                "task": e.task,
                "loser": None if e.loser is None else _loser(e.loser),
            }
            for e in self.examples
        ]
        return canonical_json({"examples": rows})

    def digest(self) -> Digest:
        """Return the data set's name."""
        return sha256_of(self.to_bytes())


def allowed_candidates(
    candidates: Sequence[Candidate], learner: AgentId, held_out: frozenset[Digest]
) -> tuple[Candidate, ...]:
    """Return what `learner` may learn from: its own replies and those shared with all, on no held-out task.

    Args:
        candidates: all judged replies of the Space
        learner: the agent that is to be trained
        held_out: digests of the tasks on which it will be compared
    """
    return tuple(c for c in candidates if (c.shared or c.agent == learner) and c.task not in held_out)


def select_examples(candidates: Sequence[Candidate], system: str, keep_percent: int, at_most: int) -> Dataset:
    """Return the best `keep_percent` of the candidates, at most `at_most`, best first.

    Equal replies to the same task count once. Candidates with no points are never kept. Equal scores
    keep the order of session, round, turn, agent and text, so that everybody selects the same examples.
    """
    unique = [c for c in _unique(candidates) if c.score > 0]
    count = min(at_most, -(-len(unique) * keep_percent // 100))
    return Dataset(tuple(_example(system, c) for c in unique[:count]))


def select_pairs(candidates: Sequence[Candidate], system: str, margin: int, keep_percent: int, at_most: int) -> Dataset:
    """Return winners with a loser of the same task each, the widest apart first.

    A task's best reply is paired with its worst, its second best with the second worst, and so on, as long as
    the winner is `margin` hundredths of a point ahead; so no reply is in two pairs.
    """
    by_prompt: dict[str, list[Candidate]] = {}
    for candidate in _unique(candidates):
        by_prompt.setdefault(candidate.prompt, []).append(candidate)
    pairs = [
        (winner, loser)
        for replies in by_prompt.values()
        for winner, loser in zip(replies[: len(replies) // 2], reversed(replies), strict=False)
        if winner.score - loser.score >= margin
    ]
    pairs.sort(key=lambda pair: (pair[1].score - pair[0].score, _rank(pair[0]), _rank(pair[1])))
    count = min(at_most, -(-len(pairs) * keep_percent // 100))
    return Dataset(tuple(_example(system, winner, loser) for winner, loser in pairs[:count]))


def _unique(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that say something, best first, each text once a task."""
    seen: set[tuple[str, str]] = set()
    unique: list[Candidate] = []
    for candidate in sorted(candidates, key=_rank):
        key = (candidate.prompt, candidate.reply)
        if candidate.reply.strip() and key not in seen:
            seen.add(key)
            unique.append(candidate)
    return unique


def _example(system: str, c: Candidate, loser: Candidate | None = None) -> Example:
    return Example(
        system=system,
        prompt=c.prompt,
        reply=c.reply,
        session=c.session,
        round=c.round,
        agent=c.agent,
        score=c.score,
        turn=c.turn,
        task=c.task,
        loser=None if loser is None else _losing(loser),
    )


def _losing(c: Candidate) -> Loser:
    return Loser(c.reply, c.session, c.round, c.turn, c.agent, c.score)


def _loser(loser: Loser) -> Json:
    return {
        "reply": loser.reply,
        "session": loser.session,
        "round": loser.round,
        "turn": loser.turn,
        "agent": loser.agent,
        "score": loser.score,
    }


def _rank(candidate: Candidate) -> tuple[int, str, int, int, str, str, str]:
    c = candidate
    return (-c.score, c.session, c.round, c.turn, c.agent, c.prompt, c.reply)
