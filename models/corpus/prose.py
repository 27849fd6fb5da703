"""Job listings, emails and advertisements of graded quality, and the attributes that a text turns out to have.

As with tweets, `measure` looks at the text only, so the same measure labels what the generator writes and what a
model writes. Each kind of text is a `Form`: lines that state facts, and features that make it good of its kind.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from fraction.base import Dice
from fraction.judging.question import Answer
from fraction.spaces.sources.prose import Brief, Fact, Kind, draw_brief
from fraction.spaces.task import Split
from models.corpus import phrases as p
from models.corpus.directives import is_held_out

CRAFT_WORDS = 60
"""A text of more words is too long."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that makes a text good of its kind."""

    name: str
    weight: int
    """Levels that it is worth; a form's features sum to 9."""
    lines: tuple[str, ...]
    """Ways to write it; `{to}` and such stand for the brief's facts."""
    wishes: tuple[str, ...]
    """Ways to ask an agent for it."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of text."""

    kind: Kind
    content: str
    """The criterion that asks for the facts."""
    manner: str
    """The criterion that asks for the features."""
    weights: Mapping[int, Mapping[str, int]]
    """By number of facts: levels that each is worth; they sum to 9."""
    facts: Mapping[str, tuple[str, ...]]
    """Lines that state a fact."""
    features: tuple[Feature, ...]
    order: tuple[str, ...]
    """Facts and features as they come in the text."""
    off_topic: tuple[str, ...]
    """Subjects of a text that misses its own."""
    breaks: tuple[str, ...] = ()
    """What stands on lines of its own."""


@dataclass(slots=True)
class Plan:
    """What a text is meant to have."""

    facts: dict[str, bool]
    features: dict[str, bool]
    tone: str = ""
    extra: int = 0
    """General sentences beside what is needed."""
    filler: bool = False
    repetition: bool = False
    bad_grammar: bool = False


def default_plan(form: Form, task: Brief, dice: Dice) -> Plan:
    """Return what an agent does without being asked: the subject mostly, the rest now and then."""
    facts = {fact.name: dice.chance(98 if i == 0 else 62) for i, fact in enumerate(task.facts)}
    features = {feature.name: dice.chance(24) for feature in form.features}
    tone = dice.choice(tuple(p.TONES)) if dice.chance(12) else ""
    flaws = dice.chance(18), dice.chance(8), dice.chance(10)
    return Plan(facts, features, tone, dice.choice((0, 0, 0, 1)), *flaws)


def graded_plan(form: Form, task: Brief, dice: Dice) -> Plan:
    """Return a plan in which every attribute, good or bad, is about as likely as not."""
    plan = default_plan(form, task, dice)
    plan.facts = {fact.name: dice.chance(75 if i == 0 else 55) for i, fact in enumerate(task.facts)}
    plan.features = {feature.name: dice.chance(48) for feature in form.features}
    plan.filler, plan.repetition, plan.bad_grammar = dice.chance(25), dice.chance(30), dice.chance(22)
    return plan


def write(form: Form, plan: Plan, task: Brief, dice: Dice) -> str:
    """Return a text after `plan`."""
    values = {fact.name: fact.value for fact in task.facts}
    featured = {f.name: _filled(dice.choice(f.lines), values, dice) for f in form.features if plan.features.get(f.name)}
    said = " ".join(featured.values())
    lines: list[str] = []
    for slot in form.order:
        if slot in featured:
            lines.append(featured[slot])
        elif slot == form.kind.subject:
            lines.append(_filled(dice.choice(form.facts[slot] if plan.facts[slot] else form.off_topic), values, dice))
        elif plan.facts.get(slot) and values[slot] not in said:
            lines.append(_filled(dice.choice(form.facts[slot]), values, dice))
    return _joined(form, _with_flaws(lines, plan, dice))


def _filled(pattern: str, values: Mapping[str, str], dice: Dice) -> str:
    for name, value in values.items():
        pattern = pattern.replace("{" + name + "}", value)
    return p.expand(pattern, dice)


def _with_flaws(lines: list[str], plan: Plan, dice: Dice) -> list[str]:
    middle = max(1, len(lines) - 1)
    inner = [dice.choice(p.TONES[plan.tone])] if plan.tone else []
    inner += [p.expand(dice.choice(p.MORE), dice) for _ in range(plan.extra)]
    if plan.filler:
        inner.append(dice.choice(p.FILLER))
    if plan.bad_grammar:
        inner.append(dice.choice(p.BAD_GRAMMAR) + ".")
    if plan.repetition:
        sentences = [line for line in lines if line.count(" ") > 1 and "\n" not in line]
        inner.append(dice.choice(sentences or ["It is very very good."]))
    return lines[:middle] + inner + lines[middle:]


def _joined(form: Form, lines: list[str]) -> str:
    """Return the lines as a text; what stands alone gets lines of its own."""
    text = ""
    for line in lines:
        alone = line.startswith(form.breaks) if form.breaks else False
        ended = text.endswith("\n")
        text += line if not text or ended else ("\n" if alone else " ") + line
        text += "\n" if alone else ""
    return text.strip()


@dataclass(frozen=True, slots=True)
class Measure:
    """What a text has."""

    words: int
    facts: dict[str, bool]
    features: dict[str, bool]
    tone: str
    filler: bool
    repetition: bool
    bad_grammar: bool
    gibberish: bool

    def meets(self, wish: str) -> bool:
        """Return whether the text does what a wish of that name asks."""
        if wish.startswith("tone "):
            return self.tone == wish.removeprefix("tone ")
        if wish == "clean":
            return not (self.filler or self.repetition or self.bad_grammar)
        if wish == "facts":
            return all(self.facts.values())
        return self.features.get(wish, False)


def measure(form: Form, text: str, task: Brief) -> Measure:
    """Return the attributes of `text` as an answer to `task`."""
    low = text.lower()
    words = [w for w in low.split() if w.strip(".,!?:")]
    values = {fact.name: fact.value.lower() for fact in task.facts}
    return Measure(
        words=len(words),
        facts={name: _has(low, value) for name, value in values.items()},
        features={f.name: any(_begins(low, line, values) for line in f.lines) for f in form.features},
        tone=next((t for t, lines in p.TONES.items() if any(x.lower()[:-1] in low for x in lines)), ""),
        filler=any(f.lower()[:-1] in low for f in p.FILLER),
        repetition=_repeats(low),
        bad_grammar=any(bad in low for bad in p.BAD_GRAMMAR),
        gibberish=sum(w.strip(".,!?:") in p.COMMON for w in words) * 14 < len(words),
    )


def _has(text: str, part: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])", text) is not None


def _begins(text: str, line: str, values: Mapping[str, str]) -> bool:
    """Return whether `text` has the line; a fact in it must be the brief's."""
    for name, value in values.items():
        line = line.replace("{" + name + "}", value)
    return line.lower().rstrip(".!?") in text


def _repeats(text: str) -> bool:
    """Return whether a sentence of three words or more comes twice, or a word twice in a row."""
    sentences = [s.strip() for s in re.split(r"[.!?\n]", text) if s.count(" ") > 2 or len(s.split()) > 2]
    twins = any(a == b for a, b in itertools.pairwise(text.split()))
    return twins or len(set(sentences)) < len(sentences)


def _yes(found: bool) -> str:
    return "yes" if found else "no"


def judge(form: Form, criterion: str, text: str, task: Brief) -> Answer:
    """Return the level of `text` for one of the form's criteria, and the findings that explain it."""
    found = measure(form, text, task)
    if criterion == form.content:
        reason = "; ".join(f"{name} {task.value(name)}: {_yes(had)}" for name, had in found.facts.items())
        weights = form.weights[len(found.facts)]
        level = sum(weights[name] for name, had in found.facts.items() if had)
        level = level if found.facts[form.kind.subject] else min(level, 2)
        return Answer(level if found.words else 0, reason)
    if criterion == form.manner:
        reason = "; ".join(f"{f.name}: {_yes(found.features[f.name])}" for f in form.features)
        return Answer(sum(f.weight for f in form.features if found.features[f.name]), reason)
    if not found.words or found.gibberish:
        return Answer(0, "no sentences")
    long = found.words > CRAFT_WORDS
    reason = (
        f"repetition: {_yes(found.repetition)}; errors: {_yes(found.bad_grammar)}; "
        f"filler: {_yes(found.filler)}; too long: {_yes(long)}"
    )
    return Answer(max(0, 9 - 4 * found.repetition - 3 * found.bad_grammar - 2 * (found.filler + long)), reason)


def unheard(form: Form, dice: Dice, split: Split = Split.CORPUS) -> Brief:
    """Return a brief of the corpus, half of the time with a subject and values that nobody has heard of."""
    task = draw_brief(form.kind, dice, split, dice.choice((1, 2, 2, 3)))
    if split is not Split.CORPUS or dice.chance(50):
        return task
    facts = [_strange(fact, i, dice) for i, fact in enumerate(task.facts)]
    return Brief(task.kind, tuple(facts))


def _strange(fact: Fact, position: int, dice: Dice) -> Fact:
    if position == 0:
        parts = fact.value.split()
        return Fact(fact.name, " ".join(p.pseudo_word(dice) if dice.chance(70) else part for part in parts))
    if fact.name in ("company", "to", "sender", "city") and dice.chance(40):
        return Fact(fact.name, p.pseudo_word(dice).capitalize())
    return fact


def graded_reply(form: Form, task: Brief, dice: Dice) -> str:
    """Return a reply of any quality, some for a slightly different task, some hardly a text at all."""
    kind = dice.below(100)
    if kind < 72:
        return write(form, graded_plan(form, task, dice), task, dice)
    if kind < 92:
        other = unheard(form, dice)
        facts = [Fact(f.name, (other.value(f.name) or f.value) if dice.chance(45) else f.value) for f in task.facts]
        return write(form, graded_plan(form, task, dice), Brief(task.kind, tuple(facts)), dice)
    if kind < 95:
        return " ".join(p.pseudo_word(dice) for _ in range(dice.between(3, 14)))
    return "" if kind < 96 else " ".join(p.expand(dice.choice(p.OFF_TOPIC), dice) for _ in range(dice.between(1, 3)))


COMMON_WISHES: dict[str, tuple[str, ...]] = {
    "facts": (
        "{Mention|Name|Include} {everything|every detail} {of the task|that is asked}.",
        "{Never|Do not} {forget|skip|miss} a {detail|fact}.",
        "{Check|Read} the task {twice|carefully}.",
        "{All|Every one of} the facts {must|should} be there.",
    ),
    "clean": (
        "{No|Avoid|Cut} filler.",
        "{Check|Mind|Watch} your grammar.",
        "{Write|Keep it} {clean|clear} and {correct|tidy}.",
        "{Never|Do not} repeat yourself.",
        "{Polish|Edit} every {line|sentence}.",
    ),
    **{
        f"tone {tone}": (
            f"{{Be|Sound|Always be}} {tone}.",
            f"{{Use|Keep|Write in}} a {tone} {{tone|style|voice}}.",
            f"Your {{style|voice|tone}} is {tone}.",
            f"{{Make it|Stay|Keep it|Write it}} {tone}.",
            f"{{I want|We like}} {tone} {{texts|writing|words}}.",
        )
        for tone in p.TONES
    },
}
"""What agents of every form may be asked for, in many paraphrases."""

_LEADS = ("", "", "You write well.", "You are a helpful assistant.", "Do your best.", "{Write|Answer} in English.")


def wishes_of(form: Form) -> dict[str, tuple[str, ...]]:
    """Return all that an agent may be asked for, with its paraphrases."""
    return {**COMMON_WISHES, **{feature.name: feature.wishes for feature in form.features}}


def pick(form: Form, dice: Dice, count: int) -> list[str]:
    """Return at most `count` wishes, of tones at most one."""
    chosen: list[str] = []
    for wish in dice.shuffled(list(wishes_of(form))):
        toned = wish.startswith("tone ") and any(c.startswith("tone ") for c in chosen)
        if len(chosen) < count and not toned:
            chosen.append(wish)
    return chosen


def apply(wish: str, plan: Plan) -> None:
    """Make `plan` obey a wish."""
    if wish.startswith("tone "):
        plan.tone = wish.removeprefix("tone ")
    elif wish == "clean":
        plan.filler = plan.repetition = plan.bad_grammar = False
    elif wish == "facts":
        plan.facts = dict.fromkeys(plan.facts, True)
    else:
        plan.features[wish] = True


def system_prompt(form: Form, wishes: list[str], dice: Dice, held_out: bool = False) -> str:
    """Return an agent's own prompt with these wishes; with `held_out`, in words that the corpus never has."""
    lead = p.expand(dice.choice(_LEADS), dice) if not wishes or dice.chance(50) else ""
    known = wishes_of(form)
    return " ".join([lead, *(phrase(known[wish], dice, held_out) for wish in wishes)]).strip()


def phrase(patterns: tuple[str, ...], dice: Dice, held_out: bool = False) -> str:
    """Return one paraphrase; one in eight is kept from the corpus for the figures."""
    text = ""
    for _ in range(4_000):
        text = p.expand(dice.choice(patterns), dice)
        if is_held_out(text) is held_out:
            break
    return text
