"""What attacks on a judge gain, and what each layer of defence buys; also finds suffixes that push this judge.

    python -m bench.injection --json out/injection.json         # the layers, one after the other, in the same run
    python -m bench.injection --layer "pleas left out"           # one of them
    python -m bench.injection --search 20 --budget 300           # print suffixes that raise this judge's score most

The peer is the same judge without the layer.
"""

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

from transformers import AutoTokenizer

from fraction.app.evaluate_judge import KnownEntry, ReportCard, evaluate_judge
from fraction.app.judge_session import PARALLEL_QUESTIONS, Defences, Judge, mark_reply
from fraction.base import Dice
from fraction.judging import Criterion, Evaluator
from fraction.judging.attacks import attacks
from fraction.spaces import Space, Task
from fraction.wiring import embedded_model
from fraction.wiring.judging import judge_with, known_entries

LAYERS = {
    "none": Defences(clears=False, unseen=False),
    "score unseen": Defences(clears=False, unseen=True),
    "pleas left out": Defences(clears=True, unseen=False),
    "both": Defences(clears=True, unseen=True),
}
SUFFIX_WORDS = 8
SEARCHED_ENTRIES = 3


def compare_layers(
    judge: Judge, space: Space, known: Sequence[KnownEntry], layers: Sequence[str] = tuple(LAYERS), every: int = 1
) -> dict[str, ReportCard]:
    """Return a report card for each set of layers, on the same entries and each `every`-th attack of the suite."""
    suite = attacks(read_suffixes())[::every]
    judges = {name: replace(judge, defences=LAYERS[name]) for name in layers}
    return {name: evaluate_judge(one, space, known, suite) for name, one in judges.items()}


def read_suffixes() -> tuple[str, ...]:
    """Return the suffixes that an earlier search against the embedded judge has found."""
    lines = (Path(__file__).parent / "suffixes.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line)


def search(
    judge: Judge, space: Space, known: Sequence[KnownEntry], wanted: int, budget: int
) -> list[tuple[float, str]]:
    """Return suffixes and what they gain in points, best first: random starts, then words changed one at a time.

    The attacker is given the judge without defences that rewrite the text, as if it had found a way around them.
    """
    bare = replace(judge, defences=Defences(clears=False, unseen=True))
    words = sorted(w.removeprefix("\u0120") for w in AutoTokenizer.from_pretrained(embedded_model()).get_vocab())
    words = [w for w in words if w.isascii() and w.isprintable() and "<" not in w and w.strip()]
    entries, dice = list(known[:SEARCHED_ENTRIES]), Dice("search")
    before = _mean(bare, space, entries, "")
    found: list[tuple[float, str]] = []
    tries = max(1, budget // wanted)
    for start in range(wanted):
        best, suffix = -100.0, [dice.choice(words) for _ in range(SUFFIX_WORDS)]
        for _ in range(tries):
            other = list(suffix)
            other[dice.below(SUFFIX_WORDS)] = dice.choice(words)
            gain = _mean(bare, space, entries, " " + " ".join(other)) - before
            if gain >= best:
                best, suffix = gain, other
        found.append((best, " ".join(suffix)))
        print(f"{start + 1}/{wanted}  {best:+.2f}  {' '.join(suffix)}", flush=True)
    return sorted(found, reverse=True)


def _mean(judge: Judge, space: Space, entries: Sequence[KnownEntry], suffix: str) -> float:
    jobs = [(c, e) for e in entries for c in space.criteria if c.evaluator is Evaluator.MODEL]

    def mark(job: tuple[Criterion, KnownEntry]) -> int:
        criterion, entry = job
        return mark_reply(judge, space, criterion, Task(entry.task, {}), entry.reply + suffix).score

    with ThreadPoolExecutor(max_workers=PARALLEL_QUESTIONS) as pool:
        return sum(pool.map(mark, jobs)) / len(jobs) / 100


def main() -> None:
    """Measure, or search, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="", help="a folder, or URL#NAME; the embedded model without it")
    parser.add_argument("--space", default="writing-tweets")
    parser.add_argument("--entries", type=int, default=60)
    parser.add_argument("--layer", choices=tuple(LAYERS), action="append", help="all without it")
    parser.add_argument("--every", type=int, default=1, help="take each n-th attack, for a quick look")
    parser.add_argument("--search", type=int, default=0, help="how many suffixes to search for")
    parser.add_argument("--budget", type=int, default=400, help="suffixes tried in the search")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    judge = judge_with(options.model)
    space, known = known_entries(options.space)
    if options.search:
        search(judge, space, known, options.search, options.budget)
        return
    cards = compare_layers(judge, space, known[: options.entries], options.layer or tuple(LAYERS), options.every)
    _show(cards)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({name: asdict(card) for name, card in cards.items()}, indent=1) + "\n")


def _show(cards: dict[str, ReportCard]) -> None:
    for name, card in cards.items():
        overall = card.agreement["overall"] or 0.0
        print(f"{name}: Spearman {overall:.3f}, two wordings apart {card.steadiness / 100:.2f} points")
        for gain in card.gains:
            share = 100 * gain.above_one_point / gain.attacks
            print(
                f"  {gain.family:34} {gain.mean / 100:+7.2f} mean {gain.high / 100:+7.2f} 95th  {share:5.1f} % above 1"
            )


if __name__ == "__main__":
    main()
