"""Measure a judge on entries of known quality, and under attack."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from fraction.app.judge_session import PARALLEL_QUESTIONS, Judge, mark_reply
from fraction.base import Dice, Score
from fraction.judging import Criterion, Evaluator
from fraction.judging.attacks import HELD_OUT, Attack
from fraction.judging.report_card import Gain, gain_of, mean_distance, spearman
from fraction.spaces import Space, Task


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """A reply whose quality is known."""

    task: str
    reply: str
    levels: Mapping[str, int]
    """By criterion, 0 (worst) to 9 (best)."""


@dataclass(frozen=True, slots=True)
class ReportCard:
    """A judge's figures in one Space."""

    space: str
    entries: int
    agreement: Mapping[str, float | None]
    """Rank correlation with the known quality, by criterion; `overall` over all marks."""
    steadiness: int
    """Mean distance between the marks in two wordings of the question, in hundredths of a point."""
    length_bias: float | None
    """Rank correlation of the length of a reply with the judge's error; 0 is fair."""
    gains: tuple[Gain, ...]
    """What attacks gained, by family; `all` and `held out` at the end."""


def evaluate_judge(judge: Judge, space: Space, entries: Sequence[KnownEntry], attacks: Sequence[Attack]) -> ReportCard:
    """Return the judge's figures on `entries`, each attack tried on one of them for each criterion.

    Raises:
        Unavailable: the model server does not answer, or gives no readable verdict.
    """
    criteria = [c for c in space.criteria if c.evaluator is Evaluator.MODEL]
    places = [(i, c) for i in range(len(entries)) for c in criteria]
    scores = _marks(judge, space, [(c, entries[i].task, entries[i].reply) for i, c in places])
    again = replace(judge, wording=judge.wording + 1)
    repeated = _marks(again, space, [(c, entries[i].task, entries[i].reply) for i, c in places])
    levels = [entries[i].levels[c.name] for i, c in places]
    errors = [score - round(level * 10_000 / 9) for score, level in zip(scores, levels, strict=True)]
    return ReportCard(
        space=space.id,
        entries=len(entries),
        agreement=_agreement(criteria, places, scores, levels),
        steadiness=mean_distance(scores, repeated),
        length_bias=spearman([len(entries[i].reply) for i, _ in places], errors),
        gains=_gains(judge, space, entries, attacks, dict(zip([(i, c.name) for i, c in places], scores, strict=True))),
    )


def _agreement(
    criteria: Sequence[Criterion],
    places: Sequence[tuple[int, Criterion]],
    scores: Sequence[Score],
    levels: Sequence[int],
) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for criterion in criteria:
        own = [i for i, (_, c) in enumerate(places) if c is criterion]
        found[criterion.name] = spearman([scores[i] for i in own], [levels[i] for i in own])
    return found | {"overall": spearman(scores, levels)}


def _gains(
    judge: Judge,
    space: Space,
    entries: Sequence[KnownEntry],
    attacks: Sequence[Attack],
    before: Mapping[tuple[int, str], Score],
) -> tuple[Gain, ...]:
    if not attacks:
        return ()
    criteria = [c for c in space.criteria if c.evaluator is Evaluator.MODEL]
    tried = [(a, Dice("attacked", n).below(len(entries)), c) for n, a in enumerate(attacks) for c in criteria]
    after = _marks(judge, space, [(c, entries[i].task, a.apply(entries[i].reply)) for a, i, c in tried])
    changes: dict[str, list[int]] = {}
    for (attack, i, criterion), score in zip(tried, after, strict=True):
        change = score - before[i, criterion.name]
        for family in (attack.family, "all", *(("held out",) if attack.family in HELD_OUT else ())):
            changes.setdefault(family, []).append(change)
    last = ("held out", "all")
    return tuple(gain_of(family, changes[family]) for family in sorted(changes, key=lambda f: (f in last, f)))


def _marks(judge: Judge, space: Space, asked: Sequence[tuple[Criterion, str, str]]) -> list[Score]:
    def mark(job: tuple[Criterion, str, str]) -> Score:
        criterion, task, text = job
        return mark_reply(judge, space, criterion, Task(task, {}), text).score

    with ThreadPoolExecutor(max_workers=PARALLEL_QUESTIONS) as pool:
        return list(pool.map(mark, asked))
