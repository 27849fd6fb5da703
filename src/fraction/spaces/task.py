"""What the entrants of a round are asked, and what only the evaluator knows about it."""

from dataclasses import dataclass
from enum import Enum

from fraction.base import Digest, JsonObject, digest_of


class Split(Enum):
    """Which part of a task source's world a task is drawn from; the parts share no topic."""

    CORPUS = "corpus"
    """Seen when the embedded base model was made."""
    SESSION = "session"
    """Played for money, and so learned from; partly unseen by the base model."""
    GATE = "gate"
    """Never played and never learned from: the held-out comparison of old and new adapters."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task; the same for all entrants of a round."""

    prompt: str
    """What every entrant is told, as the user's message."""
    hidden: JsonObject
    """What only the evaluator knows until the Session is over: required words, unit tests."""

    @property
    def digest(self) -> Digest:
        """The task's name: equal tasks have equal digests, so none repeats unseen."""
        return digest_of([self.prompt, self.hidden])
