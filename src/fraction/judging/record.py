"""A judge's record, and the report card with intervals that follows from it.

What is counted comes from real Sessions and from planted entries among them; who planted which is told afterwards.

    gold pair      two entries of which one is worse by construction: the judge should score it lower
    repeat         the same entry again, told a little differently: the judge should score it the same
    verdict        any score beside what the rest of the panel gave: leaning on position, length or kin shows here
    draw           a call to judge, answered or not
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Score
from fraction.judging.intervals import Interval, correlation_interval, mean_interval, share_interval
from fraction.judging.report_card import spearman


@dataclass(frozen=True, slots=True)
class Verdict:
    """One score of one entry, beside what it is compared with."""

    score: Score
    reference: Score
    """The lower median of the other judges, or the known quality."""
    position: int
    """The entry's ticket."""
    length: int
    """Characters of the entry."""
    kin: bool
    """Whether a model of the judge's own family wrote it."""

    @property
    def error(self) -> int:
        """How much more the judge gave, in hundredths of a point."""
        return self.score - self.reference


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one judge."""

    gold_right: int = 0
    gold_asked: int = 0
    repeats: tuple[int, ...] = ()
    """Distances between two scores of the same entry, in hundredths of a point."""
    verdicts: tuple[Verdict, ...] = ()
    answered: int = 0
    drawn: int = 0
    milliseconds: tuple[int, ...] = ()
    """How long marks took."""

    def __add__(self, other: "Record") -> "Record":
        """Return what is known from both."""
        return Record(
            self.gold_right + other.gold_right,
            self.gold_asked + other.gold_asked,
            self.repeats + other.repeats,
            self.verdicts + other.verdicts,
            self.answered + other.answered,
            self.drawn + other.drawn,
            self.milliseconds + other.milliseconds,
        )


@dataclass(frozen=True, slots=True)
class Card:
    """A judge's report card; points are hundredths, None stands for too little to say."""

    accuracy: Interval
    """Share of gold pairs in the right order; a tie is half right."""
    inconsistency: Interval | None
    """Mean distance between two scores of the same entry."""
    agreement: Interval | None
    """Rank correlation with the reference."""
    offset: Interval | None
    """How much more than the reference it gives in the mean."""
    position_bias: Interval | None
    """Rank correlation of the ticket with the error; 0 is fair."""
    length_bias: Interval | None
    """Rank correlation of the length with the error; 0 is fair."""
    kin_bias: Interval | None
    """How much more than others its own family gets, against the reference."""
    presence: Interval
    """Share of draws that it answered."""
    milliseconds: Interval | None
    """Mean time for a mark."""


def gold_share(pairs: Sequence[tuple[Score, Score]]) -> tuple[int, int]:
    """Return right and asked for gold pairs (better, worse), each pair counting two, so that a tie is half right.

    >>> gold_share([(Score(9), Score(3)), (Score(5), Score(5))])
    (3, 4)
    """
    return sum((better > worse) + (better >= worse) for better, worse in pairs), 2 * len(pairs)


def card_of(record: Record) -> Card:
    """Return the report card."""
    errors = [verdict.error for verdict in record.verdicts]
    return Card(
        accuracy=_accuracy(record),
        inconsistency=mean_interval(record.repeats),
        agreement=_correlation([v.score for v in record.verdicts], [v.reference for v in record.verdicts]),
        offset=mean_interval(errors),
        position_bias=_correlation([v.position for v in record.verdicts], errors),
        length_bias=_correlation([v.length for v in record.verdicts], errors),
        kin_bias=_kin_bias(record.verdicts),
        presence=share_interval(record.answered, record.drawn),
        milliseconds=mean_interval(record.milliseconds),
    )


def _accuracy(record: Record) -> Interval:
    """Return the share of right halves; the interval is that of the number of pairs, not of halves."""
    whole = share_interval(record.gold_right // 2, record.gold_asked // 2)
    value = record.gold_right / record.gold_asked if record.gold_asked else whole.value
    return Interval(whole.low, value, max(value, whole.high))


def _correlation(first: Sequence[int], second: Sequence[int]) -> Interval | None:
    return correlation_interval(spearman(first, second), len(first))


def _kin_bias(verdicts: Sequence[Verdict]) -> Interval | None:
    kin = mean_interval([v.error for v in verdicts if v.kin])
    others = mean_interval([v.error for v in verdicts if not v.kin])
    if kin is None or others is None:
        return None
    half = ((kin.high - kin.value) ** 2 + (others.high - others.value) ** 2) ** 0.5
    value = kin.value - others.value
    return Interval(value - half, value, value + half)
