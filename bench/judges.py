"""Report cards of a judge in every Space in which models judge: planted pairs, bias with and without, panel sizes.

    python -m bench.judges                         # the embedded model
    python -m bench.judges --model URL#NAME        # any other

`corrected` is the agreement after length and format are regressed out by `fraction.judging.bias`: the peer is the same
judge without. Noise is the standard deviation of its error against known quality; the panel is what that asks for, at
fees of 0 and 2 dollars, for a median that is off by at most 10 points.
"""

import argparse
from collections.abc import Sequence
from statistics import stdev

from fraction.app.judge_session import Judge
from fraction.app.watch_judge import Watched, watch_judge
from fraction.judging.bias import correction_of, slope
from fraction.judging.intervals import Interval
from fraction.judging.panel import panel_size
from fraction.judging.record import card_of
from fraction.judging.report_card import spearman
from fraction.judging.weight import weight_of
from fraction.wiring.judging import judge_with, known_entries, stopwatch

SPACES = ("writing-tweets", "job-listings", "emails", "copywriting", "writing-code")
WANTED = 1_000
"""Hundredths of a point that a panel's median may be off."""
HEADS = (
    "Space",
    "gold",
    "between repeats",
    "agreement",
    "corrected",
    "100 characters more",
    "a line more",
    "position bias",
    "length bias",
    "noise",
    "panel at 0, 2 $",
    "weight",
)


def row(judge: Judge, space: str, entries: int) -> list[str]:
    """Return one line of the table."""
    rules, known = known_entries(space)
    watched = watch_judge(judge, rules, known[:entries], stopwatch, "judges")
    card = card_of(watched.record)
    noise = stdev(verdict.error for verdict in watched.record.verdicts)
    return [
        space,
        _cell(card.accuracy, 100, 0),
        _cell(card.inconsistency, 0.01),
        _cell(card.agreement),
        f"{_corrected(watched, [entry.reply for entry in known]):.2f}",
        _cell(slope(watched.padded), 1),
        _cell(slope(watched.spread), 0.01),
        _cell(card.position_bias),
        _cell(card.length_bias),
        f"{noise / 100:.1f}",
        f"{panel_size(noise, WANTED, 0)}, {panel_size(noise, WANTED, 2)}",
        str(weight_of(watched.record)),
    ]


def _corrected(watched: Watched, usual: Sequence[str]) -> float:
    """Return the rank agreement of the corrected scores with known quality."""
    correction = correction_of(watched.padded, watched.spread, usual)
    verdicts = watched.record.verdicts
    scores = [correction.of(v.score, text) for v, text in zip(verdicts, watched.texts, strict=True)]
    return spearman(scores, [verdict.reference for verdict in verdicts]) or 0.0


def _cell(found: Interval | None, scale: float = 1.0, digits: int = 2) -> str:
    if found is None:
        return "-"
    low, value, high = (f"{scale * part:.{digits}f}" for part in (found.low, found.value, found.high))
    return f"{value} [{low}, {high}]"


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="", help="a folder, or URL#NAME; the embedded model without it")
    parser.add_argument("--entries", type=int, default=60)
    parser.add_argument("--space", choices=SPACES, action="append")
    options = parser.parse_args()
    judge = judge_with(options.model)
    print("| " + " | ".join(HEADS) + " |")
    print("|---" * len(HEADS) + "|")
    for space in options.space or SPACES:
        print("| " + " | ".join(row(judge, space, options.entries)) + " |", flush=True)


if __name__ == "__main__":
    main()
