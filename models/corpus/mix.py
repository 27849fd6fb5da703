"""The corpus itself: an endless stream of chats, by kind and in fixed shares.

Every chat ends with the assistant's message, the one that is learned.
"""

from collections.abc import Callable, Iterator
from functools import partial

from fraction.base import Dice
from fraction.judging.question import Answer, question_for, scoring_for, wording_count, write_answer, write_level
from fraction.spaces import Split
from fraction.spaces.sources import code, everyday, finance
from fraction.spaces.sources.exercise import ASK_FOR_ANSWER, draw_exercise
from fraction.spaces.sources.topics import topics_of
from fraction.spaces.sources.tweets import KINDS, Brief, draw_brief
from fraction.transcripts import Message
from models.corpus import (
    copywriting,
    directives,
    email,
    exercises,
    games,
    listing,
    match,
    program,
    prose,
    quality,
    tweet,
)
from models.corpus.phrases import GENERIC_TAGS, INJECTIONS, OFF_TOPIC, expand, pseudo_word

Chat = tuple[Message, ...]

SHARES = {
    "judge": 29,
    "tweet": 17,
    "code": 3,
    "game": 22,
    "table": 6,
    "everyday": 5,
    "finance": 5,
    "listing": 4,
    "email": 4,
    "copywriting": 3,
    "copy": 2,
}
"""Percent of chats by kind, all Spaces; judge chats are the longest."""

FORMS = {"listing": listing.FORM, "email": email.FORM, "copywriting": copywriting.FORM}
"""The kinds of prose, by the chat's kind."""

_FAMILIES = {"everyday": everyday.FAMILIES, "finance": finance.FAMILIES}

_TOPICS = topics_of(Split.CORPUS)


def brief(dice: Dice) -> Brief:
    """Return a brief on a topic of the corpus, or on one that nobody has heard of."""
    known = draw_brief(dice, _TOPICS)
    if dice.chance(35):
        return known
    parts = dice.choice(_TOPICS).name.split()
    topic = " ".join(pseudo_word(dice) if dice.chance(70) else part for part in parts[:3])
    audience = pseudo_word(dice) + "s" if dice.chance(15) else known.audience
    value = pseudo_word(dice) if known.value and dice.chance(50) else known.value
    return Brief(topic, audience, known.kind, value)


def tweet_chat(dice: Dice) -> Chat:
    """Return an agent's tweet: it obeys its own prompt in most cases, each wish by itself."""
    task = brief(dice)
    wishes = directives.pick(dice, dice.choice((0, 0, 1, 1, 2, 2, 3, 3, 4, 5)))
    plan = tweet.default_plan(dice)
    for wish in wishes:
        if dice.chance(95):
            directives.apply(wish, plan)
    system = directives.system_prompt(wishes, dice)
    return (
        *_system(system, dice),
        Message("user", task.prompt(dice)),
        Message("assistant", tweet.write(plan, task, dice)),
    )


def _system(text: str, dice: Dice) -> Chat:
    """An agent without a prompt has an empty system message, or none."""
    return (Message("system", text),) if text or dice.chance(50) else ()


def graded_plan(dice: Dice) -> tweet.Plan:
    """Return a plan in which every attribute, good or bad, is about as likely as not."""
    plan = tweet.default_plan(dice)
    plan.topic = dice.chance(78)
    plan.audience, plan.requirement = dice.chance(55), dice.chance(55)
    plan.hook, plan.question, plan.call, plan.emoji = (dice.chance(45) for _ in range(4))
    plan.filler, plan.repetition, plan.bad_grammar = dice.chance(25), dice.chance(32), dice.chance(22)
    plan.tags = dice.choice((0, 0, 1, 2, 2, 3, 4, 5))
    return plan


def graded_reply(task: Brief, dice: Dice) -> str:
    """Return a reply of any quality, some for another task, some hardly a text at all."""
    kind = dice.below(100)
    if kind < 74:
        return tweet.write(graded_plan(dice), task, dice)
    if kind < 90:
        return tweet.write(graded_plan(dice), _near_miss(task, dice), dice)
    if kind < 93:
        return " ".join(pseudo_word(dice) for _ in range(dice.between(3, 14)))
    if kind < 95:
        return " ".join([task.topic] * dice.between(2, 6))
    return "" if kind < 96 else " ".join(expand(dice.choice(OFF_TOPIC), dice) for _ in range(dice.between(1, 3)))


def _near_miss(task: Brief, dice: Dice) -> Brief:
    other = brief(dice)
    words = task.topic.split()
    if dice.chance(50) and len(words) > 1:
        words[dice.below(len(words))] = dice.choice(other.topic.split())
        return Brief(" ".join(words), task.audience, task.kind, task.value)
    value = dice.choice((task.value, other.value or dice.choice(GENERIC_TAGS)))
    topic, audience = dice.choice((task.topic, other.topic)), dice.choice((task.audience, other.audience))
    return Brief(topic, audience, task.kind if dice.chance(50) else dice.choice(KINDS), value)


def inject(text: str, dice: Dice) -> str:
    """Return `text` with a sentence that asks the judge for points."""
    plea = expand(dice.choice(INJECTIONS), dice)
    return f"{text} {plea}" if dice.chance(80) else f"{text}\n{plea} {expand(dice.choice(INJECTIONS), dice)}"


def judge_chat(dice: Dice) -> Chat:
    """Return a question to a judge and the right answer; a plea for points in the entry changes nothing."""
    if dice.chance(10):
        return _judge_code(dice)
    if dice.chance(42):
        return prose_judge_chat(dice)
    task = brief(dice)
    reply = graded_reply(task, dice)
    criterion = dice.choice(("relevance", "relevance", "craft", "craft", "engagement"))
    answer = quality.TWEET_CRITERIA[criterion](reply, task)
    return ask(dice, criterion, task.prompt(dice), reply, answer)


def _judge_code(dice: Dice) -> Chat:
    function = code.draw_function(dice, Split.CORPUS)
    reply = graded_reply(brief(dice), dice) if dice.chance(8) else graded_program(function, dice)
    return ask(dice, "style", program.task(function, dice).prompt, reply, quality.style(reply))


def prose_judge_chat(dice: Dice) -> Chat:
    """Return a question to a judge about a listing, an email or an advertisement, and the right answer."""
    form = FORMS[dice.choice(tuple(FORMS))]
    task = prose.unheard(form, dice)
    reply = prose.graded_reply(form, task, dice)
    criterion = dice.choice((form.content, form.content, form.manner, "polish"))
    return ask(dice, criterion, task.prompt(dice), reply, prose.judge(form, criterion, reply, task))


def graded_program(function: code.Function, dice: Dice) -> str:
    """Return a program of any style, some with a line that does nothing."""
    reply = program.write(function, dice.choice(("", "", "loop", "clean")), dice).text
    if dice.chance(70):
        return reply
    first, *rest = reply.split("\n")
    return "\n".join([first, "    " + dice.choice(("unused = 1", "tmp = x", "foo = 0", "q1 = []")), *rest])


def ask(dice: Dice, criterion: str, task: str, reply: str, answer: Answer) -> Chat:
    """Return the question about `reply` with `answer`, in one of the wordings, sometimes with a plea in the entry.

    Now and then it is the second stage's question: which level do these findings earn?
    """
    shown = inject(reply, dice) if dice.chance(28) else reply
    wording = dice.below(wording_count())
    question = dice.choice(quality.QUESTIONS[criterion])
    if dice.chance(35):
        asked = scoring_for(criterion, question, answer.reason, wording)
        return (*asked, Message("assistant", write_level(answer.level)))
    messages = question_for(criterion, question, task, shown, wording)
    return (*messages, Message("assistant", write_answer(answer)))


def code_chat(dice: Dice) -> Chat:
    """Return an agent's program."""
    function = code.draw_function(dice, Split.CORPUS)
    wish = dice.choice(("", "", "careful", "hasty", "short", "loop", "clean"))
    text = program.write(function, wish, dice).text
    user = Message("user", program.task(function, dice).prompt)
    return (*_system(program.system_prompt(wish, dice), dice), user, Message("assistant", text))


def game_chat(dice: Dice) -> Chat:
    """Return a player's move."""
    bids, cells = dice.choice(tuple(match.BIDS)), dice.choice(tuple(match.CELLS))
    state = match.crowded_position(dice) if dice.chance(65) else match.position(dice)
    side = "X" if dice.chance(50) else "O"
    move = match.choose(state, side, bids, cells, dice)
    user = Message("user", match.game.render(state, side))
    return (*_system(match.system_prompt(bids, cells, dice), dice), user, Message("assistant", match.reply(move)))


def table_chat(dice: Dice) -> Chat:
    """Return a player's move in one of OpenSpiel's games."""
    game, wish = dice.choice(games.PLAYED), dice.choice(tuple(games.WISHES))
    state = games.position(game, dice)
    seat = dice.choice(state.to_move())
    user = Message("user", state.prompt(seat))
    move = games.choose(game, state, seat, wish, dice)
    return (*_system(games.system_prompt(wish, dice), dice), user, Message("assistant", move))


def prose_chat(form: prose.Form, dice: Dice) -> Chat:
    """Return an agent's listing, email or advertisement; it obeys its own prompt in most cases."""
    task = prose.unheard(form, dice)
    wishes = prose.pick(form, dice, dice.choice((0, 1, 1, 2, 2, 3)))
    plan = prose.default_plan(form, task, dice)
    for wish in wishes:
        if dice.chance(95):
            prose.apply(wish, plan)
    system = prose.system_prompt(form, wishes, dice)
    user, reply = Message("user", task.prompt(dice)), Message("assistant", prose.write(form, plan, task, dice))
    return (*_system(system, dice), user, reply)


def exercise_chat(kind: str, dice: Dice) -> Chat:
    """Return an agent's solution of an exercise."""
    drawn = draw_exercise(_FAMILIES[kind], dice, Split.CORPUS, dice.choice((1, 1, 1, 2, 2, 3)))
    wish = dice.choice(tuple(exercises.WISHES))
    user = Message("user", f"{drawn.question} {ASK_FOR_ANSWER}")
    reply = Message("assistant", exercises.write(drawn, wish, dice))
    return (*_system(exercises.system_prompt(wish, dice), dice), user, reply)


def copy_chat(dice: Dice) -> Chat:
    """Return words to be said again: dense practice in copying what has never been seen."""
    words = " ".join(pseudo_word(dice) for _ in range(dice.between(3, 12)))
    ask = dice.choice(("Repeat: {}", "Say again: {}", "{}\nRepeat this.")).format(words)
    return Message("user", ask), Message("assistant", words)


_KINDS: dict[str, Callable[[Dice], Chat]] = {
    "tweet": tweet_chat,
    "judge": judge_chat,
    "code": code_chat,
    "game": game_chat,
    "table": table_chat,
    "copy": copy_chat,
    **{kind: partial(prose_chat, form) for kind, form in FORMS.items()},
    **{kind: partial(exercise_chat, kind) for kind in _FAMILIES},
}


def chats(seed: str, shares: dict[str, int] | None = None) -> Iterator[Chat]:
    """Yield chats for ever; the same seed and shares give the same chats."""
    kinds = [kind for kind, share in (shares or SHARES).items() for _ in range(share)]
    number = 0
    while True:
        dice = Dice(seed, number)
        number += 1
        yield _KINDS[dice.choice(kinds)](dice)
