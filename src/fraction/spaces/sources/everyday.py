"""Everyday Tasks: extract, schedule, plan and convert; every answer is checked by program."""

from fraction.base import Dice
from fraction.spaces.answers import Expected
from fraction.spaces.sources.exercise import Exercise, Family, numeric
from fraction.spaces.sources.prose_words import CITIES, DAYS, ITEMS, NAMES

_UNITS = (
    ("hours", "minutes", 60),
    ("days", "hours", 24),
    ("weeks", "days", 7),
    ("km", "m", 1000),
    ("kg", "g", 1000),
    ("m", "cm", 100),
    ("minutes", "seconds", 60),
    ("dozen", "pieces", 12),
)
_GOODS = tuple(["apples", "pears", "rolls", "eggs", "pens", "cards", "lamps", "mugs", "cups", "caps", "books", "bags"])
_ERRANDS = tuple(["call", "shop", "gym", "lunch", "bank", "vet", "bus", "post", "walk", "nap"])


def convert(dice: Dice, level: int) -> Exercise:
    """Return a conversion of units; from level 2 on with a remainder."""
    big, small, factor = dice.choice(_UNITS)
    count = dice.between(2, 6 * level)
    if level == 1:
        wrong = count * (10 if factor != 10 else 100)
        return numeric(
            f"How many {small} are {count} {big}?", count * factor, f"{count} * {factor} = {count * factor}.", wrong
        )
    rest = dice.between(1, min(factor - 1, 50))
    whole = count * factor
    steps = f"{count} * {factor} = {whole}. {whole} + {rest} = {whole + rest}."
    return numeric(f"How many {small} are {count} {big} and {rest} {small}?", whole + rest, steps, whole)


def total(dice: Dice, level: int) -> Exercise:
    """Return a bill of one to three goods."""
    goods = dice.sample(_GOODS, level)
    lines = [(dice.between(2, 9), good, dice.between(1, 9)) for good in goods]
    parts = [count * price for count, _, price in lines]
    listed = " and ".join(f"{count} {good} at ${price} each" for count, good, price in lines)
    steps = " ".join(f"{count} * {price} = {count * price}." for count, _, price in lines)
    if level > 1:
        steps += f" {' + '.join(map(str, parts))} = {sum(parts)}."
    wrong = sum(count + price for count, _, price in lines)
    return numeric(f"You buy {listed}. How many dollars is that?", sum(parts), steps, wrong)


def extract(dice: Dice, level: int) -> Exercise:
    """Return a note and the question for one of its details; higher levels say more beside it."""
    name, other = dice.sample(NAMES, 2)
    details = {
        "number": ("phone number", str(dice.between(1_000, 9_999))),
        "day": ("day", dice.choice(DAYS)),
        "place": ("city", dice.choice(CITIES)),
        "item": ("thing to bring", dice.choice(ITEMS)),
    }
    note = f"Call {name} on {details['number'][1]} before {details['day'][1]}."
    asked = ["number", "day"]
    if level > 1:
        note += f" Meet in {details['place'][1]} and bring {details['item'][1]}."
        asked += ["place", "item"]
    if level > 2:
        note = f"{other} left a note at {dice.between(8, 20)}:00. {note}"
    label, value = details[dice.choice(asked)]
    slip = dice.choice([v for _, v in details.values() if v != value])
    return Exercise(f"Note: {note} What is the {label}?", Expected("text", value), f"The {label} is {value}.", slip)


def ending(dice: Dice, level: int) -> Exercise:
    """Return a start and a length in minutes; asked is when it ends."""
    hour, step = dice.between(7, 18), (10, 5, 5)[level - 1]
    start = dice.below(60 // step) * step
    length = dice.between(1, (40, 70, 130)[level - 1] // step) * step
    end = start + length
    clock = f"{hour + end // 60}:{end % 60:02d}"
    question = f"A meeting starts at {hour}:{start:02d} and takes {length} minutes. When does it end?"
    carried = f" {end} minutes are {end // 60} h {end % 60:02d}." if end >= 60 else ""
    wrong = f"{hour}:{end % 60:02d}" if end >= 60 else f"{hour + 1}:{end % 60:02d}"
    return Exercise(question, Expected("text", clock), f"{start} + {length} = {end}.{carried}", wrong)


def common_day(dice: Dice, level: int) -> Exercise:
    """Return two or three people's free days, which have exactly one in common."""
    days = dice.shuffled(DAYS)
    shared, rest = days[0], days[1:]
    people = dice.sample(NAMES, 2 if level < 3 else 3)
    size = len(rest) // len(people)
    own = [rest[i * size : (i + 1) * size][: level + 1] for i in range(len(people))]
    free = [dice.shuffled([shared, *some]) for some in own]
    said = " ".join(f"{who} is free on {', '.join(some)}." for who, some in zip(people, free, strict=True))
    return Exercise(f"{said} Which day suits all?", Expected("text", shared), f"{shared} is in every list.", own[0][0])


def order(dice: Dice, level: int) -> Exercise:
    """Return errands with their hours, to be put in order of time."""
    errands = dice.sample(_ERRANDS, level + 1)
    hours = dice.sample(tuple(range(8, 21)), level + 1)
    planned = sorted(zip(hours, errands, strict=True))
    right = ", ".join(errand for _, errand in planned)
    listed = ", ".join(f"{errand} at {hour}" for errand, hour in zip(errands, hours, strict=True))
    steps = f"{', '.join(str(hour) for hour, _ in planned)}."
    wrong = ", ".join(errand for _, errand in reversed(planned))
    return Exercise(f"Put in order of time: {listed}.", Expected("list", right), steps, wrong)


FAMILIES: tuple[Family, ...] = (convert, total, extract, ending, common_day, order)
"""The kinds of Everyday Tasks."""
