"""Hidden quality: the level 0 to 9 of a reply for each criterion, and the findings that explain it."""

from fraction.judging.question import Answer
from fraction.spaces.sources.tweets import Brief
from models.corpus.tweet import measure

QUESTIONS = {
    "relevance": (
        "Does the post keep to the topic, speak to the audience and meet what the task asks for?",
        "Does the tweet keep the topic, name the audience and meet the requirement?",
        "Is it on topic, for the right audience, and does it do what the task requires?",
        "Topic, audience and requirement: are they all there?",
        "Does it stick to the task?",
    ),
    "engagement": (
        "Does the post open with a hook and invite an answer, with a question or a call to action?",
        "Does it have a hook, a question, a call to action and an emoji?",
        "Would readers stop, answer and act? Look for hook, question, call to action, emoji.",
        "How well does it draw readers in?",
        "Is there a strong opening, a question and a call to action?",
    ),
    "craft": (
        "Is the post well written: correct, concise, without repetition, with sensible hashtags?",
        "Is it well written: no repetition, no errors, no filler, few hashtags, concise?",
        "Check grammar, repetition, filler, hashtags and length.",
        "How clean and concise is the writing?",
        "Is the grammar right, without repetition or filler?",
    ),
    "style": (
        "Is the code short and readable: clear names, no dead code, no needless steps?",
        "Is the code clear: good names, short, no dead code?",
        "Are names clear, is it short, is nothing unused?",
        "How clean is this code?",
        "Check names, length and unused lines.",
    ),
    "completeness": (
        "Does the listing name the role and every fact that the task gives?",
        "Are the role, the company and all other facts of the task in the listing?",
        "Which facts of the task does it name?",
        "Is every detail of the job there?",
    ),
    "appeal": (
        "Does the listing open well, name a benefit, ask people to apply and welcome everyone?",
        "Is there a hook, a benefit, a call to apply and a welcome?",
        "Would people apply? Look for hook, benefit, call and welcome.",
        "How well does it attract people?",
    ),
    "purpose": (
        "Does the email state its matter and every fact that the task gives?",
        "Are the matter, the names and all other facts of the task in the email?",
        "Which facts of the task does it state?",
        "Does it say all that it has to?",
    ),
    "courtesy": (
        "Does the email have a subject, greet the reader by name, say thanks and close with the sender's name?",
        "Are there a subject, a greeting, thanks and a closing?",
        "Is it polite? Look for subject, greeting, thanks and closing.",
        "How courteous is it?",
    ),
    "message": (
        "Does the copy name the product, its benefit and every fact that the task gives?",
        "Are the product, the selling point and all other facts of the task in the copy?",
        "Which facts of the task does it name?",
        "Is the whole message there?",
    ),
    "persuasion": (
        "Does the copy have a headline, proof, a call to buy and urgency?",
        "Is there a hook, proof, a call to action and urgency?",
        "Would readers buy? Look for hook, proof, call and urgency.",
        "How well does it sell?",
    ),
    "polish": (
        "Is the text well written: correct, without repetition or filler, and not too long?",
        "Check repetition, errors, filler and length.",
        "How clean is the writing?",
        "Is it free of repetition, errors and filler?",
    ),
}
"""Each criterion with the questions that a Space may ask about it; the first is the one that its own Space asks."""


def _yes(found: bool) -> str:
    return "yes" if found else "no"


def relevance(text: str, brief: Brief) -> Answer:
    """Return the level for relevance: topic 4, audience 2, requirement 3; at most 2 without the topic."""
    found = measure(text, brief)
    reason = f"topic {brief.topic}: {_yes(found.topic)}; audience {brief.audience}: {_yes(found.audience)}"
    if brief.kind == "none":
        level = 6 * found.topic + 3 * found.audience
    else:
        name = {
            "word": f"word {brief.value}",
            "hashtag": f"hashtag {brief.value}",
            "question": "question",
            "short": "at most 15 words",
            "hashtags": "two hashtags",
            "plain": "no hashtags",
        }[brief.kind]
        reason += f"; {name}: {_yes(found.requirement and not found.empty)}"
        level = 4 * found.topic + 2 * found.audience + 3 * found.requirement
    if not found.topic:
        level = min(level, 2)
    return Answer(0 if found.empty or (found.gibberish and not found.topic) else level, reason)


def engagement(text: str, brief: Brief) -> Answer:
    """Return the level for engagement: hook 3, question 2, call to action 3, emoji 1."""
    found = measure(text, brief)
    reason = (
        f"hook: {_yes(found.hook)}; question: {_yes(found.question)}; "
        f"call to action: {_yes(found.call)}; emoji: {_yes(found.emoji)}"
    )
    level = 3 * found.hook + 2 * found.question + 3 * found.call + found.emoji
    return Answer(0 if found.empty else level, reason)


def craft(text: str, brief: Brief) -> Answer:
    """Return the level for craft: 9 less 4 for repetition, 3 for errors, 2 each for filler, tags, length."""
    found = measure(text, brief)
    if found.empty or found.gibberish:
        return Answer(0, "no sentences")
    long, tagged = found.words > 40, found.tags > 3
    reason = (
        f"repetition: {_yes(found.repetition)}; errors: {_yes(found.bad_grammar)}; filler: {_yes(found.filler)}; "
        f"too many hashtags: {_yes(tagged)}; too long: {_yes(long)}"
    )
    lost = 4 * found.repetition + 3 * found.bad_grammar + 2 * (found.filler + tagged + long)
    return Answer(max(0, 9 - lost), reason)


DEAD = ("unused", "tmp =", "pass", "del ")
"""Text that only appears in lines that do nothing."""

BAD_NAMES = ("q1", "zz", "foo")
"""Names that say nothing."""


def style(text: str) -> Answer:
    """Return the level for style of code: clear names 3, short 3, no dead code 3; 0 for what is not code."""
    if "def " not in text or "return" not in text:
        return Answer(0, "no code")
    names = not any(bad in text for bad in BAD_NAMES)
    short = text.count("\n") <= 4
    dead = any(line in text for line in DEAD)
    reason = f"clear names: {_yes(names)}; short: {_yes(short)}; dead code: {_yes(dead)}"
    return Answer(3 * names + 3 * short + 3 * (not dead), reason)


TWEET_CRITERIA = {"relevance": relevance, "engagement": engagement, "craft": craft}
"""Levels for tweets, by criterion."""
