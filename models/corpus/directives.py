"""What an agent's own prompt may ask for, each in many paraphrases, and what obeying means for a tweet."""

from dataclasses import dataclass

from fraction.base import Dice, sha256_of
from models.corpus.phrases import expand
from models.corpus.tweet import Plan


@dataclass(frozen=True, slots=True)
class Directive:
    """One wish, its paraphrases and what it sets in the plan."""

    name: str
    sets: tuple[tuple[str, object], ...]
    patterns: tuple[str, ...]


def _one(name: str, field: str, value: object, *patterns: str) -> Directive:
    return Directive(name, ((field, value),), patterns)


_TONE = (
    "{Be|Sound|Always be} {tone}.",
    "{Use|Keep|Write in} a {tone} {tone_word}.",
    "{Make it|Stay|Keep it} {tone}.",
    "Your {style|voice|tone} is {tone}.",
    "You are a {tone} {writer|author|account}.",
    "I want {tone} tweets.",
    "{Readers|People|Fans} love your {tone} {style|voice|manner}.",
)


def _tone(name: str, *words: str) -> Directive:
    alternatives = "{" + "|".join(words) + "}"
    patterns = (t.replace("{tone_word}", "{tone|style|voice}").replace("{tone}", alternatives) for t in _TONE)
    return _one(f"tone {name}", "tone", name, *patterns)


_COUNT = {
    0: ("no", "zero"),
    1: ("one", "1", "a single"),
    2: ("two", "2", "exactly two"),
    3: ("three", "3", "exactly three"),
}


def _tag_count(count: int) -> Directive:
    number = "{" + "|".join(_COUNT[count]) + "}"
    tags = "{hashtag|tag}" if count == 1 else "{hashtags|tags}"
    patterns = (
        f"{{Use|Add|Put|Give it}} {number} {tags}.",
        f"{{Finish|End|Close}} with {number} {tags}.",
        f"{{Every|Each}} tweet {{has|gets|carries}} {number} {tags}.",
        f"I want {number} {tags}.",
        f"{number.capitalize() if number[0] != '{' else number} {tags}, always.",
    )
    return _one(f"hashtags {count}", "tags", count, *patterns)


DIRECTIVES = (
    _tone("funny", "funny", "humorous", "witty", "joking"),
    _tone("formal", "formal", "polite", "official", "businesslike"),
    _tone("excited", "excited", "enthusiastic", "thrilled", "energetic"),
    _tone("calm", "calm", "relaxed", "gentle", "quiet"),
    _one(
        "audience",
        "audience",
        True,
        "{Always|Please|Be sure to} {name|mention|address} the {audience|readers}.",
        "Say who {it|the tweet} is for.",
        "Speak {to|directly to} the {audience|readers} {of the task|you are given|named}.",
        "{Do not forget|Never forget|Remember} the {audience|readers}.",
        "Name {your|the} {readers|audience}.",
        "The audience {must|should} be {named|mentioned|addressed}.",
        "Greet the {audience|readers}.",
    ),
    _one(
        "requirement",
        "requirement",
        True,
        "{Do|Follow} {exactly|precisely} what the task {asks|says|requires}.",
        "{Meet|Fulfil|Obey} {every|each|the} requirement.",
        "{Read|Check} the task {twice|carefully}.",
        "{Never|Do not} {skip|miss|forget} a requirement.",
        "The task's {wishes|requirements|rules} come first.",
        "{Stick|Keep} to the {task|brief}.",
    ),
    _one(
        "hook",
        "hook",
        True,
        "{Open|Start|Begin} with a {hook|strong hook|bang|catchy line}.",
        "{Grab|Catch|Win} attention {at once|early|first}.",
        "The first words {must|should} {hook|grab|stop} the reader.",
        "{Use|Write} a {strong|catchy} {opening|first line}.",
        "Make people stop scrolling.",
        "{A hook|A catchy opening} comes first.",
    ),
    _one(
        "question",
        "question",
        True,
        "{End|Finish|Close} with a question.",
        "{Ask|Always ask|Include} {a|one} question.",
        "{Put|Add} a question at the end.",
        "Make {readers|people} {answer|reply} with a question.",
        "A question {closes|ends} {every|each} tweet.",
        "{Invite|Get} {answers|replies} by asking.",
    ),
    _one(
        "call",
        "call",
        True,
        "{Add|Include|Use} a call to action.",
        "{Tell|Ask} {readers|people} {what to do|to act|to do something}.",
        "{Close|End} with a call to action.",
        "{Urge|Push|Invite} {readers|people} to {act|join|share}.",
        "{Every|Each} tweet {needs|has} a call to action.",
        "Call {readers|people} to action.",
    ),
    _one(
        "emoji",
        "emoji",
        True,
        "{Use|Add|Include|Put in} {an emoji|one emoji|emoji}.",
        "{Sprinkle in|Decorate with} {an emoji|emoji}.",
        "Emoji {are welcome|are a must|please}.",
        "{Every|Each} tweet {has|gets|needs} an emoji.",
        "I like emoji.",
    ),
    _one(
        "no emoji",
        "emoji",
        False,
        "{Use|Add|Include} no emoji.",
        "{Never|Do not} use {an emoji|emoji}.",
        "{Without|Avoid} emoji.",
        "Leave emoji out.",
    ),
    _one(
        "short",
        "length",
        "short",
        "{Be|Keep it|Stay} {short|brief|concise}.",
        "{Use|Write} {few|as few} words{| as you can}.",
        "{One|A single} sentence is enough.",
        "{Short|Brief} tweets {win|work best|only}.",
        "{Cut|Drop} every {extra|needless} word.",
        "Say it in {few|very few} words.",
    ),
    _one(
        "long",
        "length",
        "long",
        "{Be|Keep it} {long|detailed|thorough}.",
        "{Write|Give} {more|several|many} {sentences|details}.",
        "{Use|Take} more {words|room}.",
        "{Long|Detailed} tweets {win|work best}.",
        "{Go into|Add} detail.",
        "Explain {a lot|at length|in detail}.",
    ),
    *(_tag_count(count) for count in _COUNT),
    Directive(
        "clean",
        (("filler", False), ("repetition", False), ("bad_grammar", False)),
        (
            "{No|Avoid|Cut} filler.",
            "{Check|Mind|Watch} your grammar.",
            "{Write|Keep it} {clean|clear} and {correct|tidy}.",
            "{Never|Do not} repeat yourself.",
            "{Quality|Craft} {matters|counts}.",
            "{Polish|Edit} every {line|sentence}.",
        ),
    ),
)
"""All directives."""

IRRELEVANT = (
    "",
    "",
    "You are a helpful assistant.",
    "You write tweets.",
    "You are {an agent|a writer|a bot} {in a contest|who plays to win}.",
    "{Write|Answer} in English.",
    "Do your best.",
    "You are {Max|Lena|Otto|Ada}{|, a writer}.",
    "{Win|Have fun}.",
    "Answer with the tweet only.",
    "You compete in Writing Tweets. Answer with the tweet only.",
)
"""Prompts that ask for nothing."""

CONTRADICTIONS = ({"short", "long"}, {"emoji", "no emoji"})


def is_held_out(text: str) -> bool:
    """Return whether this phrase is kept from the corpus, for the figures: one in eight."""
    return int(sha256_of(text.encode())[:4], 16) % 8 == 0


def phrase(directive: Directive, dice: Dice, held_out: bool) -> str:
    """Return one paraphrase; with `held_out`, one that the corpus never has."""
    text = ""
    for _ in range(200):
        text = expand(dice.choice(directive.patterns), dice)
        if is_held_out(text) is held_out:
            break
    return text


def pick(dice: Dice, count: int) -> list[Directive]:
    """Return `count` directives (at most) that do not contradict each other."""
    chosen: list[Directive] = []
    for directive in dice.shuffled(DIRECTIVES):
        names = {d.name for d in chosen} | {directive.name}
        fields = {field for d in chosen for field, _ in d.sets}
        clash = any(field in fields for field, _ in directive.sets) or any(c <= names for c in CONTRADICTIONS)
        if not clash and len(chosen) < count:
            chosen.append(directive)
    return chosen


def apply(directive: Directive, plan: Plan) -> None:
    """Make `plan` obey `directive`."""
    for field, value in directive.sets:
        setattr(plan, field, value)


def system_prompt(directives: list[Directive], dice: Dice, held_out: bool = False) -> str:
    """Return an agent's own prompt that asks for `directives`, with some words around them."""
    lead = expand(dice.choice(IRRELEVANT), dice) if not directives or dice.chance(50) else ""
    return " ".join([lead, *(phrase(d, dice, held_out) for d in directives)]).strip()
