"""Tweets of graded quality, and the attributes that a text turns out to have.

`measure` looks at the text only, so the same measure labels what the generator writes and what a model writes.
"""

import itertools
import re
from dataclasses import dataclass

from fraction.base import Dice
from fraction.spaces.sources.tweets import Brief
from models.corpus import phrases as p


@dataclass(slots=True)
class Plan:
    """What a tweet is meant to have."""

    topic: bool = True
    audience: bool = False
    requirement: bool = False
    hook: bool = False
    question: bool = False
    call: bool = False
    emoji: bool = False
    tone: str = ""
    length: str = ""
    """`short`, `long` or empty for in between."""
    tags: int = 0
    filler: bool = False
    repetition: bool = False
    bad_grammar: bool = False


def default_plan(dice: Dice) -> Plan:
    """Return what an agent does without being asked: the topic mostly, the rest now and then."""
    return Plan(
        topic=dice.chance(99),
        audience=dice.chance(40),
        requirement=dice.chance(55),
        hook=dice.chance(20),
        question=dice.chance(15),
        call=dice.chance(15),
        emoji=dice.chance(8),
        tone=dice.choice(tuple(p.TONES)) if dice.chance(15) else "",
        length=dice.choice(("short", "", "", "", "long")),
        tags=dice.choice((0, 0, 0, 0, 0, 0, 1, 1, 2, 4)),
        filler=dice.chance(18),
        repetition=dice.chance(8),
        bad_grammar=dice.chance(10),
    )


def write(plan: Plan, brief: Brief, dice: Dice) -> str:
    """Return a tweet after `plan`; a requirement that the brief makes overrules the plan where both speak."""
    if plan.requirement:
        _obey(plan, brief)
    sentences = [p.expand(dice.choice(p.HOOKS), dice)] if plan.hook else []
    sentences += _body(plan, brief, dice)
    if plan.call:
        sentences.append(dice.choice(p.CALLS))
    if plan.question:
        sentences.append(dice.choice(p.QUESTIONS))
    if plan.emoji:
        sentences.append(dice.choice(p.EMOJI))
    return " ".join(sentences + _tags(plan, brief, dice))


def _obey(plan: Plan, brief: Brief) -> None:
    if brief.kind == "question":
        plan.question = True
    elif brief.kind == "short":
        plan.length = "short"
        plan.hook = plan.filler = plan.repetition = plan.bad_grammar = False
        if plan.question:
            plan.call = False
    elif brief.kind == "hashtags":
        plan.tags = 2
    elif brief.kind == "plain":
        plan.tags = 0
    elif brief.kind == "hashtag":
        plan.tags = max(plan.tags, 1)


def _body(plan: Plan, brief: Brief, dice: Dice) -> list[str]:
    inside = plan.audience and dice.chance(60)
    aud = f" for {brief.audience}" if inside else ""
    pattern = dice.choice(p.BODIES if plan.topic else p.OFF_TOPIC)
    pattern = pattern.replace("{topic}", brief.topic).replace("{aud}", aud)
    first = p.expand(pattern, dice)
    lines = [first]
    if plan.audience and (not inside or not plan.topic):
        pattern = dice.choice(p.AUDIENCE_LINES).replace("{audience}", brief.audience)
        lines.insert(dice.below(2), p.expand(pattern, dice))
    if plan.requirement and brief.kind == "word":
        lines.append(p.expand(dice.choice(p.WORD_LINES).replace("{word}", brief.value), dice))
    if plan.tone and not (plan.requirement and brief.kind == "short" and len(lines) > 1):
        lines.append(dice.choice(p.TONES[plan.tone]))
    for _ in range({"short": 0, "long": 2}.get(plan.length, 0 if dice.chance(60) else 1)):
        lines.append(p.expand(dice.choice(p.MORE), dice))
    if plan.filler:
        lines.append(dice.choice(p.FILLER))
    if plan.bad_grammar:
        lines.insert(1, dice.choice(p.BAD_GRAMMAR))
    if plan.repetition:
        lines.append(lines[0])
    return lines


def _tags(plan: Plan, brief: Brief, dice: Dice) -> list[str]:
    own = [brief.value] if plan.requirement and brief.kind == "hashtag" else []
    pool = [*dice.sample(p.GENERIC_TAGS, 5)]
    if dice.chance(60) and plan.topic:
        pool.insert(0, brief.topic.split()[-1])
    return ["#" + tag for tag in (own + pool)[: plan.tags]]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a text has."""

    empty: bool
    topic: bool
    audience: bool
    requirement: bool
    hook: bool
    question: bool
    call: bool
    emoji: bool
    tone: str
    """The first tone found, empty for none."""
    words: int
    tags: int
    filler: bool
    repetition: bool
    bad_grammar: bool
    gibberish: bool


def _has(text: str, part: str) -> bool:
    return re.search(rf"(?<![a-z]){re.escape(part.lower())}(?![a-z])", text) is not None


def measure(text: str, brief: Brief) -> Measure:
    """Return the attributes of `text` as an answer to `brief`."""
    low = text.lower()
    tags = re.findall(r"#\w+", low)
    words = [w for w in low.split() if w.strip(".,!?:") and not w.startswith("#")]
    return Measure(
        empty=not words,
        topic=_has(low, brief.topic),
        audience=_has(low, brief.audience),
        requirement=_meets(low, brief, len(words), tags),
        hook=any(low.startswith(hook.lower()) for hook in p.HOOKS),
        question="?" in low,
        call=any(call.lower()[:-1] in low for call in p.CALLS),
        emoji=any(e in text for e in p.EMOJI),
        tone=next((t for t, lines in p.TONES.items() if any(x.lower()[:-1] in low for x in lines)), ""),
        words=len(words),
        tags=len(tags),
        filler=any(f.lower()[:-1] in low for f in p.FILLER),
        repetition=_repeats(words),
        bad_grammar=any(bad in low for bad in p.BAD_GRAMMAR),
        gibberish=sum(w.strip(".,!?:") in p.COMMON for w in words) * 12 < len(words),
    )


def _meets(low: str, brief: Brief, words: int, tags: list[str]) -> bool:
    kinds = {
        "word": _has(low, brief.value or "?"),
        "hashtag": f"#{brief.value}" in tags,
        "question": "?" in low,
        "short": words <= 15,
        "hashtags": len(tags) == 2,
        "plain": not tags,
        "none": True,
    }
    return kinds[brief.kind]


def _repeats(words: list[str]) -> bool:
    triples = list(zip(words, words[1:], words[2:], strict=False))
    twins = any(a == b for a, b in itertools.pairwise(words))
    return twins or len(set(triples)) < len(triples)
