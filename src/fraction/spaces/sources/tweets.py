"""Tasks of the Space Writing Tweets: a topic, an audience and often a requirement.

>>> from fraction.base import Dice
>>> draw(Dice("doc"), Split.SESSION).prompt.endswith(".")
True
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Dice, JsonObject
from fraction.spaces.sources.topics import Topic, topics_of
from fraction.spaces.task import Split, Task

AUDIENCES = tuple(
    [
        "beginners",
        "students",
        "parents",
        "founders",
        "designers",
        "nurses",
        "teachers",
        "engineers",
        "runners",
        "retirees",
        "children",
        "artists",
        "night owls",
        "city people",
        "farmers",
        "travelers",
        "gamers",
        "managers",
        "cooks",
        "skeptics",
        "drivers",
        "neighbors",
        "teenagers",
        "grandparents",
        "musicians",
        "commuters",
        "scientists",
        "newcomers",
    ]
)
"""Who a tweet can be for."""

KINDS = ("word", "hashtag", "question", "short", "hashtags", "plain", "none")
"""What a task can require: a word, a certain hashtag, a question mark, at most 15 words, two hashtags,
no hashtag, nothing."""

_OPENINGS = (
    "Write a tweet about {topic} for {audience}.",
    "Write a tweet for {audience} about {topic}.",
    "Tweet about {topic}. The readers are {audience}.",
    "Topic: {topic}. Audience: {audience}. Write one tweet.",
    "We need a tweet on {topic} that speaks to {audience}.",
)
_REQUIREMENTS = {
    "word": ("Mention the word {value}.", "Use the word {value}.", "The word {value} must appear."),
    "hashtag": ("Use the hashtag #{value}.", "Add #{value}.", "It must carry the hashtag #{value}."),
    "question": ("Ask a question.", "It must contain a question.", "Include a question."),
    "short": ("Use at most 15 words.", "Keep it to 15 words or fewer.", "No more than 15 words."),
    "hashtags": ("Use exactly two hashtags.", "Put in two hashtags.", "It must have two hashtags."),
    "plain": ("Use no hashtags.", "Do not use hashtags.", "Leave hashtags out."),
    "none": ("",),
}


@dataclass(frozen=True, slots=True)
class Brief:
    """What a tweet has to do."""

    topic: str
    audience: str
    kind: str
    """One of KINDS."""
    value: str
    """The required word, empty where the kind needs none."""

    def prompt(self, dice: Dice) -> str:
        """Return the brief in words, in one of several wordings."""
        opening = dice.choice(_OPENINGS).format(topic=self.topic, audience=self.audience)
        requirement = dice.choice(_REQUIREMENTS[self.kind]).format(value=self.value)
        return f"{opening} {requirement}".strip()

    def to_json(self) -> JsonObject:
        """Return what the evaluator keeps of the brief."""
        return {
            "topic": self.topic,
            "audience": self.audience,
            "requirement": {"kind": self.kind, "value": self.value},
        }


def draw_brief(dice: Dice, topics: Sequence[Topic]) -> Brief:
    """Return a brief on one of `topics`."""
    topic = dice.choice(topics)
    kind = "word" if dice.chance(25) else dice.choice(KINDS)
    value = dice.choice(topic.words) if kind in {"word", "hashtag"} else ""
    return Brief(topic.name, dice.choice(AUDIENCES), kind, value)


def draw(dice: Dice, split: Split) -> Task:
    """Return one task of `split`; Sessions also draw the topics that the base model was made with."""
    topics = topics_of(split)
    if split is Split.SESSION:
        topics += topics_of(Split.CORPUS)
    brief = draw_brief(dice, topics)
    return Task(brief.prompt(dice), brief.to_json())
