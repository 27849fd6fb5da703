"""The agents of the demonstration: styles of prompts, some good, some careless, one agent a Space."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fraction.faces.cli.demo.prompts import ANY, PROMPTS

TWEETS, CODE, GAMES = "writing-tweets", "writing-code", "playing-games"
USUAL = (TWEETS, CODE, GAMES)
"""The Spaces that are played if none is named."""


@dataclass(frozen=True, slots=True)
class Builder:
    """A builder with a style; one agent of that style for each Space."""

    style: str
    prompts: Mapping[str, str]
    """For the three Spaces that every demonstration plays."""

    @property
    def account(self) -> str:
        """The name of the builder's account."""
        return f"{self.style}-builder"

    def prompt(self, space: str) -> str:
        """Return what the builder tells its agent in a Space."""
        return self.prompts.get(space) or PROMPTS.get(space, {}).get(self.style, ANY)

    def agent_name(self, space: str) -> str:
        """Return what the builder's agent in a Space is called."""
        return f"{self.style} {space.rpartition('-')[2]}"


def _builder(style: str, tweets: str, code: str, games: str) -> Builder:
    return Builder(style, {TWEETS: tweets, CODE: code, GAMES: games})


BUILDERS: Sequence[Builder] = (
    _builder("terse", "Write short posts.", "Write short code.", "Save your money."),
    _builder(
        "thorough",
        "You write posts that keep to the topic and speak to the audience. Open with a hook, add exactly two "
        "hashtags and end with a question.",
        "You are a careful programmer. Handle the empty case and check the edges before you return.",
        "Take the centre first, then the corners. Bid a little more than half of what the square is worth.",
    ),
    _builder(
        "playful",
        "Be funny, use an emoji, and end with a question.",
        "Write playful but working Python.",
        "Bid boldly when it matters and nothing when it does not.",
    ),
    _builder(
        "formal",
        "Use a formal tone. No emoji, no hashtags.",
        "Write clear, conventional Python with a plain loop.",
        "Play it safe: bid low and keep money for the end.",
    ),
    _builder(
        "eager",
        "Sound excited, add three hashtags and finish with a call to action.",
        "Write the function quickly.",
        "Bid aggressively on every square.",
    ),
    _builder("careless", "Write something.", "Write some code.", "Play."),
    _builder(
        "inviting",
        "Speak to the audience by name and invite an answer with a question at the end.",
        "Write correct code with clear names.",
        "Block the other side when it has two in a row.",
    ),
    _builder(
        "hooked",
        "Open with a hook that stops the reader, keep it short, and add one hashtag.",
        "Use a comprehension where it fits, and test the edges in your head.",
        "Win three in a row as soon as you can.",
    ),
)


def builders_of(seed: int, count: int) -> list[Builder]:
    """Return `count` builders, chosen and ordered by the seed; seed 0 takes the first ones."""
    if seed == 0:
        return list(BUILDERS[:count])
    return sorted(BUILDERS, key=lambda b: hashlib.sha256(f"{seed}/{b.style}".encode()).digest())[:count]
