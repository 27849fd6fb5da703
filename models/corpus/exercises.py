"""Answers to Everyday Tasks and Deep Finance Tasks: right or plausibly wrong, with or without the way to them."""

from fraction.base import Dice
from fraction.spaces.sources.exercise import Exercise
from models.corpus.phrases import expand

WISHES: dict[str, tuple[str, ...]] = {
    "steps": (
        "{Work|Think|Go} step by step.",
        "{Show|Write down} {your|the} {work|steps}.",
        "{Calculate|Reason} {first|before you answer}.",
        "Explain {how you got there|your answer}.",
    ),
    "brief": (
        "{Only|Just} the answer.",
        "{No|Skip} explanations.",
        "Answer {at once|directly|in one line}.",
        "Be {brief|short}.",
    ),
    "careful": ("{Be|Stay} {careful|exact}.", "{Check|Test} {every|each} {number|step}.", "{Never|Do not} guess."),
    "hasty": ("{Guess|Just guess}.", "{Be|Answer} {quick|fast}.", "A {guess|rough answer} is {fine|enough}."),
    "": ("", "", "You solve tasks.", "{Win|Do your best}.", "You are a helpful assistant."),
}
"""Wishes and their paraphrases; the empty wish asks for nothing."""

_WRONG_PERCENT = {"steps": 4, "careful": 8, "hasty": 70}


def write(exercise: Exercise, wish: str, dice: Dice) -> str:
    """Return a solution as an agent with that wish would write it."""
    shown = wish == "steps" or (wish not in ("brief", "hasty") and dice.chance(50))
    if dice.chance(_WRONG_PERCENT.get(wish, 20)):
        return f"Answer: {exercise.wrong}"
    return f"{exercise.steps} Answer: {exercise.expected.value}" if shown else f"Answer: {exercise.expected.value}"


def system_prompt(wish: str, dice: Dice) -> str:
    """Return an agent's own prompt with that wish."""
    lead = expand(dice.choice(WISHES[""]), dice) if wish and dice.chance(40) else ""
    return f"{lead} {expand(dice.choice(WISHES[wish]), dice)}".strip()
