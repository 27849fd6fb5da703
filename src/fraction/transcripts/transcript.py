"""What the judges judge: the replies of a Session by ticket, without names.

Its digest goes on chain before the judges are drawn, so the operator cannot change a word after it
knows who will judge. Tasks are not in it: everybody derives them from the Session's seed.
"""

from dataclasses import dataclass

from fraction.base import Digest, Json, SessionId, canonical_json, sha256_of
from fraction.transcripts.reply import Reply


@dataclass(frozen=True, slots=True)
class Transcript:
    """All replies of one Session."""

    session: SessionId
    space: Digest
    """The digest of the Space version that was played."""
    seed: str
    """The Session's seed on chain, 64 hex characters."""
    entrants: int
    replies: tuple[Reply, ...]
    """In order of place."""

    def to_bytes(self) -> bytes:
        """Return the blob whose SHA-256 is published on chain."""
        replies: list[Json] = [
            {
                "round": r.place.round,
                "duel": r.place.duel,
                "turn": r.place.turn,
                "ticket": r.place.ticket,
                "text": r.text,
                "model": r.model,
                "adapter": r.adapter,
                "seed": r.seed,
                "prompt_tokens": r.prompt_tokens,
                "completion_tokens": r.completion_tokens,
                "finish": r.finish,
            }
            for r in self.replies
        ]
        return canonical_json(
            {
                "session": self.session,
                "space": self.space,
                "seed": self.seed,
                "entrants": self.entrants,
                "replies": replies,
            }
        )

    def digest(self) -> Digest:
        """Return the digest that is published on chain."""
        return sha256_of(self.to_bytes())
