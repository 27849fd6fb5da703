"""Replies of known quality for `fraction judge eval`, written by the corpus's generator on topics it never trains on.

python -m models.evaluation_sets
"""

import json
from pathlib import Path

from fraction.base import Dice
from fraction.spaces import Split
from fraction.spaces.sources import code
from fraction.spaces.sources.topics import topics_of
from fraction.spaces.sources.tweets import draw_brief
from models.corpus import copywriting, email, listing, mix, program, prose, quality

FOLDER = Path(__file__).resolve().parents[1] / "src" / "fraction" / "spaces" / "judged"
COUNT = 60
PROSE = {"job-listings": listing.FORM, "emails": email.FORM, "copywriting": copywriting.FORM}


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


def texts(space: str, form: prose.Form) -> list[dict[str, object]]:
    """Return texts of that form, of every quality, with their levels by criterion."""
    entries: list[dict[str, object]] = []
    for number in range(COUNT):
        dice = Dice(f"judged/{space}", number)
        brief = prose.unheard(form, dice, Split.GATE)
        reply = prose.graded_reply(form, brief, dice)
        levels = {name: prose.judge(form, name, reply, brief).level for name in (form.content, form.manner, "polish")}
        entries.append({"task": brief.prompt(dice), "reply": reply, "levels": levels})
    return entries


def programs() -> list[dict[str, object]]:
    """Return programs of every style, some tweets among them, with their levels."""
    entries: list[dict[str, object]] = []
    for number in range(COUNT):
        dice = Dice("judged/writing-code", number)
        function = code.draw_function(dice, Split.GATE)
        reply = mix.graded_reply(mix.brief(dice), dice) if dice.chance(8) else mix.graded_program(function, dice)
        levels = {"style": quality.style(reply).level}
        entries.append({"task": program.task(function, dice).prompt, "reply": reply, "levels": levels})
    return entries


def main() -> None:
    """Write the sets that ship with the package."""
    for name, entries in {
        "writing-tweets": tweets(),
        "writing-code": programs(),
        **{space: texts(space, form) for space, form in PROSE.items()},
    }.items():
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
        (FOLDER / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
