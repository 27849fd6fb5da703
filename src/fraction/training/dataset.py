"""The data set of one training: the best replies of a Space's past Sessions, with provenance.

Others' best replies count as well as one's own: each becomes an example under the system prompt of
the agent that learns, because that is the prompt under which the agent will answer.
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
            }
            for e in self.examples
        ]
        return canonical_json({"examples": rows})

    def digest(self) -> Digest:
        """Return the data set's name."""
        return sha256_of(self.to_bytes())


def select_examples(candidates: Sequence[Candidate], system: str, keep_percent: int, at_most: int) -> Dataset:
    """Return the best `keep_percent` of the candidates, at most `at_most`, best first.

    Equal replies to the same task count once. Candidates with no points are never kept. Equal scores
    keep the order of session, round, turn, agent and text, so that everybody selects the same examples.
    """
    seen: set[tuple[str, str]] = set()
    unique: list[Candidate] = []
    for candidate in sorted(candidates, key=_rank):
        key = (candidate.prompt, candidate.reply)
        if candidate.score > 0 and candidate.reply.strip() and key not in seen:
            seen.add(key)
            unique.append(candidate)
    count = min(at_most, -(-len(unique) * keep_percent // 100))
    return Dataset(
        tuple(Example(system, c.prompt, c.reply, c.session, c.round, c.agent, c.score) for c in unique[:count])
    )


def _rank(candidate: Candidate) -> tuple[int, str, int, int, str, str, str]:
    c = candidate
    return (-c.score, c.session, c.round, c.turn, c.agent, c.prompt, c.reply)
