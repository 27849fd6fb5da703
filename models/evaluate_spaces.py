"""The figures of the Spaces beside tweets, code and Bid Tac Toe: prose, checked answers, and OpenSpiel's games.

Subjects, exercises and paraphrases of wishes are those that the corpus never has.
"""

from typing import Any

from scipy.stats import spearmanr

from fraction.base import Dice
from fraction.spaces import Split
from fraction.spaces.answers import is_right
from fraction.spaces.sources.everyday import FAMILIES as EVERYDAY
from fraction.spaces.sources.exercise import ASK_FOR_ANSWER, Family, draw_exercise
from fraction.spaces.sources.finance import FAMILIES as FINANCE
from fraction.spaces.sources.prose import Brief
from models.corpus import exercises, games, prose, quality
from models.corpus.mix import FORMS
from models.sampling import Asked, Speaker, chat_of, percent

Figures = dict[str, Any]


def writing(speaker: Speaker, count: int) -> Figures:
    """Return, by kind of prose: facts kept, each wish met when asked and not, and how judges rank graded texts."""
    return {"prose": {name: _prose(speaker, form, count) for name, form in FORMS.items()}}


def _prose(speaker: Speaker, form: prose.Form, count: int) -> Figures:
    briefs = [prose.unheard(form, Dice(form.kind.name, i), Split.GATE) for i in range(count)]
    plain = _written(speaker, form, briefs, [""] * count, 1)
    wishes: Figures = {}
    for number, wish in enumerate(prose.wishes_of(form)):
        half = briefs[: count // 2]
        systems = [prose.system_prompt(form, [wish], Dice(wish, i), True) for i in range(len(half))]
        asked = _written(speaker, form, half, systems, 2 + number)
        wishes[wish] = {
            "asked": percent(found.meets(wish) for found in asked),
            "not asked": percent(found.meets(wish) for found in plain),
        }
    return {
        "subject kept": percent(found.facts[form.kind.subject] for found in plain),
        "facts kept": percent(had for found in plain for had in found.facts.values()),
        "wishes": wishes,
        "spearman": {c: _ranks(speaker, form, c, briefs) for c in (form.content, form.manner, "polish")},
    }


def _written(
    speaker: Speaker, form: prose.Form, briefs: list[Brief], systems: list[str], seed: int
) -> list[prose.Measure]:
    chats = [chat_of(s, b.prompt(Dice("prompt", i))) for i, (b, s) in enumerate(zip(briefs, systems, strict=True))]
    return [prose.measure(form, text, b) for text, b in zip(speaker.sample(chats, seed), briefs, strict=True)]


def _ranks(speaker: Speaker, form: prose.Form, criterion: str, briefs: list[Brief]) -> float:
    """Return the rank correlation of the judge's scores with hidden quality."""
    replies = [prose.graded_reply(form, b, Dice("graded", i)) for i, b in enumerate(briefs)]
    question = quality.QUESTIONS[criterion][0]
    asked = [
        Asked(criterion, question, b.prompt(Dice("prompt", i)), r, i)
        for i, (b, r) in enumerate(zip(briefs, replies, strict=True))
    ]
    levels = [prose.judge(form, criterion, r, b).level for b, r in zip(briefs, replies, strict=True)]
    return round(float(spearmanr([v.score for v in speaker.judge(asked)], levels).statistic), 3)


def answering(speaker: Speaker, count: int) -> Figures:
    """Return how many unseen exercises are solved, by Space, level and wish, and by family on level 1."""
    return {"answers": {"everyday": _solved(speaker, EVERYDAY, count), "finance": _solved(speaker, FINANCE, count)}}


def _solved(speaker: Speaker, families: tuple[Family, ...], count: int) -> Figures:
    figures: Figures = {}
    for level in (1, 2, 3):
        for wish in ("", "steps", "brief", "hasty"):
            figures[f"level {level}, {wish or 'no wish'}"] = _right(speaker, families, level, wish, count)
    by_family = {family.__name__: _right(speaker, (family,), 1, "steps", count // 3) for family in families}
    return {**figures, "level 1, steps, by family": by_family}


def _right(speaker: Speaker, families: tuple[Family, ...], level: int, wish: str, count: int) -> float:
    drawn = [draw_exercise(families, Dice("answering", i), Split.GATE, level) for i in range(count)]
    chats = [
        chat_of(exercises.system_prompt(wish, Dice("solver", i)), f"{e.question} {ASK_FOR_ANSWER}")
        for i, e in enumerate(drawn)
    ]
    return percent(is_right(text, e.expected) for text, e in zip(speaker.sample(chats, 70 + level), drawn, strict=True))


def tables(speaker: Speaker, count: int) -> Figures:
    """Return how many moves are legal, by game of OpenSpiel, and how often the bold and the careful bet or raise."""
    figures: Figures = {}
    for game in games.PLAYED:
        legal: list[bool] = []
        for number, wish in enumerate(games.WISHES):
            dice = [Dice("tables", game.name, i) for i in range(count // 4)]
            states = [games.position(game, d) for d in dice]
            seats = [state.to_move()[0] for state in states]
            chats = [
                chat_of(games.system_prompt(wish, d), state.prompt(seat))
                for d, state, seat in zip(dice, states, seats, strict=True)
            ]
            texts = speaker.sample(chats, 80 + number, limit=24)
            legal += [state.is_legal(seat, t) for state, seat, t in zip(states, seats, texts, strict=True)]
        figures[game.name] = percent(legal)
    return {"legal moves by game": figures}
