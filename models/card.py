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
        *(f"| {w} | {v['asked']} % | {v['not asked']} % |" for w, v in figures["wishes"].items()),
    ]
    return "\n".join(lines)


def main() -> None:
    """Put the latest figures into the model card."""
    card = HERE / "MODEL_CARD.md"
    head, rest = card.read_text().split(BEGIN)
    tail = rest.split(END)[1]
    figures = json.loads(FIGURES.read_text())
    card.write_text(f"{head}{BEGIN}\n{table(figures)}\n{END}{tail}")


if __name__ == "__main__":
    main()
