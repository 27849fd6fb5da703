"""Tasks of Job Listings, Emails and Copywriting: a text that has to say certain things to certain people.

A task has a subject, which belongs to one split only, and further facts; the more of them, the harder.

>>> from fraction.base import Dice
>>> [fact.name for fact in draw_brief(LISTING, Dice("doc"), Split.GATE, 2).facts]
['role', 'company', 'pay']
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fraction.base import Dice, JsonObject
from fraction.spaces.sources import prose_words as words
from fraction.spaces.task import Split, Task

_NAMED = re.compile(r"\{(\w+)\}")

LEVELS = (1, 2, 3)
"""Levels of difficulty, by how many facts a task has."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the text has to say."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What a text has to say; the first fact is its subject."""

    kind: str
    """`listing`, `email` or `copy`."""
    facts: tuple[Fact, ...]

    def value(self, name: str) -> str:
        """Return the value of a fact, empty if the brief has none of that name."""
        return next((fact.value for fact in self.facts if fact.name == name), "")

    def prompt(self, dice: Dice) -> str:
        """Return the brief in words, in one of several wordings."""
        names = {fact.name: fact.value for fact in self.facts}
        fitting = [o for o in words.OPENINGS[self.kind] if set(_NAMED.findall(o)) <= set(names)]
        opening = dice.choice(fitting)
        rest = [dice.choice(words.ASKED[fact.name]) for fact in self.facts if "{" + fact.name + "}" not in opening]
        return " ".join([opening, *rest]).format(**names)

    def to_json(self) -> JsonObject:
        """Return what the evaluator keeps of the brief."""
        return {"kind": self.kind, "facts": {fact.name: fact.value for fact in self.facts}}


Drawn = Callable[[Dice], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of text: its subject and the facts that each level adds."""

    name: str
    subject: str
    """The name of the first fact."""
    subjects: tuple[str, ...]
    """What it can be about, dealt to the splits."""
    added: tuple[tuple[str, ...], ...]
    """The facts beside the subject, by level from 1 on."""

    def subjects_of(self, split: Split) -> tuple[str, ...]:
        """Return the subjects of `split`; Sessions also draw those that the base model was made with."""
        return deal(self.subjects, split)


def deal(items: Sequence[str], split: Split) -> tuple[str, ...]:
    """Return the items of `split`: of each five in turn three, one and one."""
    splits = (Split.CORPUS, Split.CORPUS, Split.CORPUS, Split.SESSION, Split.GATE)
    return tuple(item for i, item in enumerate(items) if splits[i % 5] is split)


LISTING = Kind("listing", "role", words.ROLES, (("company",), ("company", "pay"), ("company", "city", "pay", "skill")))
EMAIL = Kind(
    "email", "matter", words.MATTERS, (("to", "sender"), ("to", "day", "sender"), ("to", "day", "item", "sender"))
)
COPY = Kind("copy", "product", words.PRODUCTS, (("benefit",), ("benefit", "reader"), ("benefit", "reader", "offer")))

_VALUES: dict[str, Drawn] = {
    "company": lambda dice: dice.choice(words.COMPANY_STARTS) + dice.choice(words.COMPANY_ENDS),
    "pay": lambda dice: f"${dice.between(20, 99)}k",
    "city": lambda dice: dice.choice(words.CITIES),
    "skill": lambda dice: dice.choice(words.SKILLS),
    "to": lambda dice: dice.choice(words.NAMES),
    "sender": lambda dice: dice.choice(words.NAMES),
    "day": lambda dice: dice.choice(words.DAYS),
    "item": lambda dice: dice.choice(words.ITEMS),
    "benefit": lambda dice: dice.choice(words.BENEFITS),
    "reader": lambda dice: dice.choice(words.READERS),
    "offer": lambda dice: f"{dice.between(1, 9) * 5} % off",
}


def draw_brief(kind: Kind, dice: Dice, split: Split, level: int) -> Brief:
    """Return a brief of that kind on a subject of `split`."""
    subjects = kind.subjects_of(split)
    if split is Split.SESSION:
        subjects += kind.subjects_of(Split.CORPUS)
    facts = [Fact(kind.subject, dice.choice(subjects))]
    facts += [Fact(name, _VALUES[name](dice)) for name in kind.added[level - 1]]
    return Brief(kind.name, tuple(facts))


def source(kind: Kind) -> Callable[[Dice, Split, int], Task]:
    """Return what draws a task of that kind."""

    def draw(dice: Dice, split: Split, level: int) -> Task:
        brief = draw_brief(kind, dice, split, level)
        return Task(brief.prompt(dice), {**brief.to_json(), "level": level})

    return draw
