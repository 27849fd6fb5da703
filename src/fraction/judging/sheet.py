"""A judge's sheet: every mark with its reason, and the scores that follow from them.

The scores go on chain, the sheet is published as a blob whose digest the reveal binds. Who has the sheet can
recompute the scores, and see points lost by criterion.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Address, Digest, Json, Score, SessionId, canonical_json, sha256_of
from fraction.judging.rubric import Criterion, weighted_score


@dataclass(frozen=True, slots=True)
class Mark:
    """What one judge gave one entry for one criterion in one round."""

    ticket: int
    round: int
    criterion: str
    score: Score
    reason: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All marks of one judge in one Session."""

    session: SessionId
    transcript: Digest
    judge: Address
    model: str
    """The model that was asked, as its server names it."""
    wording: int
    """Which paraphrase of the questions this judge uses."""
    marks: tuple[Mark, ...]

    def to_bytes(self) -> bytes:
        """Return the blob whose digest the judge's commitment binds."""
        marks: list[Json] = [
            {
                "ticket": m.ticket,
                "round": m.round,
                "criterion": m.criterion,
                "score": m.score,
                "reason": m.reason,
            }
            for m in self.marks
        ]
        return canonical_json(
            {
                "session": self.session,
                "transcript": self.transcript,
                "judge": self.judge,
                "model": self.model,
                "wording": self.wording,
                "marks": marks,
            }
        )

    def digest(self) -> Digest:
        """Return the digest that the reveal carries."""
        return sha256_of(self.to_bytes())

    def round_score(self, criteria: Sequence[Criterion], ticket: int, round: int) -> Score:
        """Return what this judge gave `ticket` in `round`; a missing mark counts as zero."""
        given = {m.criterion: m.score for m in self.marks if (m.ticket, m.round) == (ticket, round)}
        return weighted_score(criteria, [given.get(c.name, Score(0)) for c in criteria])


def entry_scores(sheet: Sheet, criteria: Sequence[Criterion], entrants: int, rounds: int) -> tuple[Score, ...]:
    """Return the score of each ticket, in order: the mean over the rounds, rounded down."""
    return tuple(
        Score(sum(sheet.round_score(criteria, t, r) for r in range(rounds)) // rounds) for t in range(entrants)
    )
