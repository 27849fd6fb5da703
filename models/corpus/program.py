"""Small programs of graded quality: right or subtly wrong, in several styles, cleanly written or not."""

import re
from dataclasses import dataclass

from fraction.base import Dice
from fraction.spaces import Split, Task
from fraction.spaces.sources import code
from models.corpus.phrases import expand

_LIST = re.compile(r"ys = \[(.+) for x in xs if (.+)\]")

PROMPTS = {
    "careful": (
        "{Be|Stay} {careful|exact|precise}.",
        "You are a {careful|senior|thorough} programmer.",
        "{Check|Test} your code {twice|before you answer}.",
        "Correctness {comes first|matters most}.",
        "Write {correct|bug free} code.",
    ),
    "hasty": (
        "{Be|Work} {quick|fast|hasty}.",
        "You are a {hasty|sloppy|lazy} programmer.",
        "Do not check {anything|the code}.",
        "A guess is {enough|fine}.",
    ),
    "short": (
        "Write {short|compact|brief} code.",
        "{One line|Few lines} {is best|if possible}.",
        "Use {one|a single} expression.",
    ),
    "loop": ("Use {loops|a loop}.", "{Write|Spell out} {plain|simple} loops.", "Avoid comprehensions."),
    "clean": (
        "Use {clear|good} names.",
        "{No|Avoid} dead code.",
        "Write {clean|tidy|readable} code.",
        "Style {matters|counts}.",
    ),
    "": (
        "",
        "You write Python.",
        "You are a programmer.",
        "Answer with code only.",
        "You are a helpful assistant.",
        "Do your best.",
    ),
}
"""Wishes about code and their paraphrases; the empty wish asks for nothing."""

_WRONG_PERCENT = {"careful": 12, "hasty": 75}


@dataclass(frozen=True, slots=True)
class Program:
    """A reply to a code task."""

    text: str
    right: bool
    """Meant to be right (a wrong one may pass by luck)."""


def write(function: code.Function, wish: str, dice: Dice) -> Program:
    """Return a program for `function` as an agent with that wish would write it."""
    wrong = dice.chance(_WRONG_PERCENT.get(wish, 40))
    lines = _broken(function, dice) if wrong else list(function.lines)
    form = "loop" if wish == "loop" else "short" if wish == "short" else dice.choice(("", "", "loop", "short"))
    body = _form(lines, form)
    if wish != "clean" and dice.chance(12):
        body.insert(dice.below(len(body)), dice.choice(("unused = 0", "tmp = 1")))
    text = "\n".join([f"def {function.name}({function.argument}):", *("    " + line for line in body)])
    if wish != "clean" and dice.chance(12):
        text = re.sub(r"\bys\b", dice.choice(("zz", "q1", "foo")), text)
    return Program(text, not wrong)


def _broken(function: code.Function, dice: Dice) -> list[str]:
    family = next(f for f in code.functions_of(Split.CORPUS) if f[0].argument == function.argument)
    lines = list(function.lines)
    while tuple(lines) == function.lines:
        other = dice.choice(family)
        position = dice.below(len(lines))
        lines[position] = other.lines[position]
        if dice.chance(60) and (a := _LIST.match(function.lines[0])) and (b := _LIST.match(other.lines[0])):
            turn, keep = (a[1], b[2]) if dice.chance(50) else (b[1], a[2])
            lines = [f"ys = [{turn} for x in xs if {keep}]", function.lines[1]]
    return lines


def _form(lines: list[str], form: str) -> list[str]:
    match = _LIST.match(lines[0])
    if form == "loop" and match:
        return ["ys = []", "for x in xs:", f"    if {match[2]}:", f"        ys.append({match[1]})", *lines[1:]]
    if form == "short" and match:
        return [re.sub(r"\bys\b", f"[{match[1]} for x in xs if {match[2]}]", lines[1])]
    return list(lines)


def system_prompt(wish: str, dice: Dice) -> str:
    """Return an agent's own prompt with that wish."""
    lead = expand(dice.choice(PROMPTS[""]), dice) if dice.chance(40) else ""
    return f"{lead} {expand(dice.choice(PROMPTS[wish]), dice)}".strip()


def task(function: code.Function, dice: Dice) -> Task:
    """Return the task for `function`."""
    return Task(function.prompt(code.draw_input(dice, function.argument)), {})
