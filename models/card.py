"""The figures as the table of the model card.

python -m models.card        # rewrites the part of MODEL_CARD.md between its two marks
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIGURES = HERE / "figures.json"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def table(figures: dict[str, Any]) -> str:
    """Return the figures in Markdown."""
    judge, best = figures["judge"], figures["best of 4"]
    drift = judge["plea drift"]
    codes, bids = figures["pass@1"], figures["mean bid"]
    lines = [
        f"Measured with `python -m models.evaluate --count {figures['count']}`, temperature 0.9, top-p 0.95.",
        "",
        "| figure | reached | wanted |",
        "|---|---|---|",
        f"| topic kept in replies about unseen topics | {figures['topic kept']} % | 90 % |",
        f"| legal moves in Bid Tac Toe | {figures['legal moves']} % | 95 % |",
        *(f"| pass@1 on unseen compositions, {w} | {v} % | 20 to 60 % |" for w, v in codes.items()),
        *(f"| judge: Spearman with hidden quality, {c} | {v} | 0.8 |" for c, v in judge["spearman"].items()),
        f"| judge: Spearman with hidden quality, style of code | {figures['style spearman']} | 0.8 |",
        f"| judge: unreadable answers of {3 * figures['count']} | {judge['unreadable']} | 0 |",
        f"| judge: drift by a plea, mean (mean absolute) | {drift['mean']} ({drift['mean absolute']}) points | few |",
        f"| judge: pleas that gain more than 5 points; largest gain | {drift['rises above 5 points']} %; "
        f"{drift['largest rise']} points | few |",
        f"| judge: largest change when entries are reordered | {judge['order drift']} points | 0 |",
        f"| hidden quality of one sample → the judge's best of 4 (best possible) | {best['one sample']} → "
        f"{best['chosen by the judge']} ({best['best possible']}) points | higher |",
        f"| judge: Spearman on the model's own samples | {best['spearman on own samples']} | |",
        *(f"| mean bid, asked to be: {w} | {v} % of the money | |" for w, v in bids.items()),
        "",
        "A wish in the agent's own prompt, in a paraphrase that the corpus never has, and how often it is then met:",
        "",
        "| wish | asked | not asked |",
        "|---|---|---|",
        *_asked(figures["wishes"]),
        *_prose(figures["prose"]),
        *_answers(figures["answers"]),
        *_games(figures["legal moves by game"]),
    ]
    return "\n".join(lines)


def _asked(wishes: dict[str, dict[str, float]]) -> list[str]:
    return [f"| {wish} | {met['asked']} % | {met['not asked']} % |" for wish, met in wishes.items()]


def _prose(kinds: dict[str, Any]) -> list[str]:
    """Listings, emails and advertisements: what is kept, how judges rank, and the wishes."""
    lines = [
        "",
        "Prose about subjects that the corpus never has, and judges' ranks of graded texts:",
        "",
        "| prose | subject kept | facts kept | judge: Spearman with hidden quality |",
        "|---|---|---|---|",
    ]
    for name, found in kinds.items():
        ranks = ", ".join(f"{criterion} {rank}" for criterion, rank in found["spearman"].items())
        lines.append(f"| {name} | {found['subject kept']} % | {found['facts kept']} % | {ranks} |")
    lines += ["", "| wish in prose | asked | not asked |", "|---|---|---|"]
    for name, found in kinds.items():
        lines += _asked({f"{name}: {wish}": met for wish, met in found["wishes"].items()})
    return lines


def _answers(spaces: dict[str, Any]) -> list[str]:
    """Exercises whose answers are checked by program."""
    lines = ["", "Unseen exercises solved, by level and wish:", "", "| Space | exercise | solved |", "|---|---|---|"]
    for name, found in spaces.items():
        lines += [f"| {name} | {kind} | {share} % |" for kind, share in found.items() if not isinstance(share, dict)]
    return lines


def _games(legal: dict[str, float]) -> list[str]:
    lines = ["", "Legal moves in OpenSpiel's games:", "", "| game | legal moves |", "|---|---|"]
    return [*lines, *(f"| {name} | {share} % |" for name, share in legal.items())]


def main() -> None:
    """Put the latest figures into the model card."""
    card = HERE / "MODEL_CARD.md"
    head, rest = card.read_text().split(BEGIN)
    tail = rest.split(END)[1]
    figures = json.loads(FIGURES.read_text())
    card.write_text(f"{head}{BEGIN}\n{table(figures)}\n{END}{tail}")


if __name__ == "__main__":
    main()
