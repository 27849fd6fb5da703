"""Replies of known quality for `fraction judge eval`, written by the corpus's generator on topics it never trains on.

python -m models.evaluation_sets
"""

import json
from pathlib import Path

from fraction.base import Dice
from fraction.spaces import Split
from fraction.spaces.sources.topics import topics_of
from fraction.spaces.sources.tweets import draw_brief
from models.corpus import mix, quality

FOLDER = Path(__file__).resolve().parents[1] / "src" / "fraction" / "spaces" / "judged"
COUNT = 60


def tweets() -> list[dict[str, object]]:
    """Return tweets of every quality with their levels by criterion."""
    entries: list[dict[str, object]] = []
    for number in range(COUNT):
        dice = Dice("judged/writing-tweets", number)
        brief = draw_brief(dice, topics_of(Split.GATE))
        reply = mix.graded_reply(brief, dice)
        levels = {name: judge(reply, brief).level for name, judge in quality.TWEET_CRITERIA.items()}
        entries.append({"task": brief.prompt(dice), "reply": reply, "levels": levels})
    return entries


def main() -> None:
    """Write the sets that ship with the package."""
    for name, entries in {"writing-tweets": tweets()}.items():
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
        (FOLDER / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
