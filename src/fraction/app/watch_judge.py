"""Watch a judge: ask it planted entries among those of known quality, and return the record that it earns."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fraction.app.evaluate_judge import KnownEntry
from fraction.app.judge_session import PARALLEL_QUESTIONS, Judge, mark_reply
from fraction.base import Dice, Rejected, Score, Unavailable
from fraction.judging import Evaluator, weighted_score
from fraction.judging.bias import Change, lines_of
from fraction.judging.planted import Entry, Pair, format_pairs, gold_pairs, length_pairs, repeat_pairs
from fraction.judging.record import Record, Verdict, gold_share
from fraction.judging.rubric import Criterion
from fraction.spaces import Space, Task

GOOD = 5_000
"""Known quality from which an entry can be the better one of a gold pair, in hundredths of a point."""

Stopwatch = Callable[[], float]
"""Seconds since some moment, for how long marks take."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of the planted entries."""

    record: Record
    texts: tuple[str, ...]
    """The entry of each of the record's verdicts."""
    padded: tuple[Change, ...]
    """What more characters did to scores."""
    spread: tuple[Change, ...]
    """What more lines did to scores."""


@dataclass(frozen=True, slots=True)
class _Answer:
    score: Score | None
    """None: the judge gave no verdict."""
    milliseconds: int


@dataclass(frozen=True, slots=True)
class _Planted:
    quality: dict[Entry, Score]
    gold: tuple[Pair, ...]
    repeats: tuple[Pair, ...]
    padded: tuple[Pair, ...]
    spread: tuple[Pair, ...]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return (*self.gold, *self.repeats, *self.padded, *self.spread)


def watch_judge(judge: Judge, space: Space, known: Sequence[KnownEntry], stopwatch: Stopwatch, seed: str) -> Watched:
    """Return the judge's record in a Space; everything is asked in one shuffled row, as a Session's entries are.

    Args:
        judge: who is asked
        space: the criteria of language models count
        known: entries of known quality, of which at least two are good
        stopwatch: for the time that marks take
        seed: decides what is planted, and the order

    Raises:
        Rejected: fewer than two entries are good.
    """
    criteria = [c for c in space.criteria if c.evaluator is Evaluator.MODEL]
    dice = Dice(seed, "planted", space.id)
    planted = _plant(criteria, known, dice)
    asked = {*planted.quality, *(entry for pair in planted.pairs for entry in (pair.first, pair.second))}
    order = dice.shuffled(sorted(asked, key=lambda entry: (entry.task, entry.reply)))
    answers = dict(zip(order, _ask(judge, space, criteria, order, stopwatch), strict=True))
    return Watched(
        _record(planted, order, answers),
        tuple(entry.reply for entry in planted.quality if answers[entry].score is not None),
        _changes(answers, planted.padded, len),
        _changes(answers, planted.spread, lines_of),
    )


def _plant(criteria: Sequence[Criterion], known: Sequence[KnownEntry], dice: Dice) -> _Planted:
    quality = {Entry(entry.task, entry.reply): _quality(criteria, entry) for entry in known}
    good = [entry for entry, score in quality.items() if score >= GOOD]
    if len(good) < 2:
        raise Rejected("Planted pairs need at least two entries of good quality; give more entries.")
    return _Planted(
        quality, gold_pairs(good, dice), repeat_pairs(good, dice), length_pairs(good, dice), format_pairs(good)
    )


def _record(planted: _Planted, order: Sequence[Entry], answers: Mapping[Entry, _Answer]) -> Record:
    right, count = gold_share(_both(answers, planted.gold))
    positions = {entry: place for place, entry in enumerate(order)}
    verdicts = [
        Verdict(score, reference, positions[entry], len(entry.reply), kin=False)
        for entry, reference in planted.quality.items()
        if (score := answers[entry].score) is not None
    ]
    answered = [answer for answer in answers.values() if answer.score is not None]
    return Record(
        gold_right=right,
        gold_asked=count,
        repeats=tuple(abs(second - first) for first, second in _both(answers, planted.repeats)),
        verdicts=tuple(verdicts),
        answered=len(answered),
        drawn=len(answers),
        milliseconds=tuple(answer.milliseconds for answer in answered),
    )


def _changes(answers: Mapping[Entry, _Answer], pairs: Sequence[Pair], size: Callable[[str], int]) -> tuple[Change, ...]:
    return tuple(
        Change(size(pair.second.reply) - size(pair.first.reply), second - first)
        for pair in pairs
        for first, second in _both(answers, [pair])
    )


def _quality(criteria: Sequence[Criterion], entry: KnownEntry) -> Score:
    return _mean(criteria, [Score(round(entry.levels[c.name] * 10_000 / 9)) for c in criteria])


def _mean(criteria: Sequence[Criterion], marks: Sequence[Score]) -> Score:
    """Return the weighted mean of the judged criteria alone, whatever else the Space counts."""
    whole = sum(c.weight for c in criteria)
    return Score(weighted_score(criteria, marks) * 100 // whole)


def _ask(
    judge: Judge, space: Space, criteria: Sequence[Criterion], entries: Sequence[Entry], stopwatch: Stopwatch
) -> list[_Answer]:
    def answer(entry: Entry) -> _Answer:
        before = stopwatch()
        try:
            marks = [mark_reply(judge, space, c, Task(entry.task, {}), entry.reply).score for c in criteria]
        except Unavailable:
            return _Answer(None, 0)
        return _Answer(_mean(criteria, marks), round(1000 * (stopwatch() - before) / len(criteria)))

    with ThreadPoolExecutor(max_workers=PARALLEL_QUESTIONS) as pool:
        return list(pool.map(answer, entries))


def _both(answers: Mapping[Entry, _Answer], pairs: Sequence[Pair]) -> list[tuple[Score, Score]]:
    """Return the scores of both entries of the pairs in which both got one."""
    found: list[tuple[Score, Score]] = []
    for pair in pairs:
        first, second = answers[pair.first].score, answers[pair.second].score
        if first is not None and second is not None:
            found.append((first, second))
    return found
