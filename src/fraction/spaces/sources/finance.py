"""Deep Finance Tasks: statements, ratios, cash flows, bonds and portfolios; answers within a cent or a hundredth.

Level 1 is one step with small numbers, level 2 takes two, level 3 discounts or weighs several of them.
"""

from fractions import Fraction

from fraction.base import Dice
from fraction.spaces.sources.exercise import Exercise, Family, number, numeric


def profit(dice: Dice, level: int) -> Exercise:
    """Return a small income statement; asked is the profit, from level 3 on after tax."""
    revenue, costs = dice.between(40, 99), dice.between(10, 39)
    if level == 1:
        question = f"Revenue is ${revenue} and costs are ${costs}. What is the profit?"
        return numeric(question, revenue - costs, f"{revenue} - {costs} = {revenue - costs}.", revenue + costs)
    wages = dice.between(1, 9)
    before = revenue - costs - wages
    steps = f"{revenue} - {costs} = {revenue - costs}. {revenue - costs} - {wages} = {before}."
    said = f"Revenue is ${revenue}, costs are ${costs}, wages are ${wages}"
    if level == 2:
        return numeric(f"{said}. What is the profit?", before, steps, revenue - costs)
    tax = dice.between(1, 5) * 10
    after = Fraction(before * (100 - tax), 100)
    steps += f" {before} * {number(Fraction(100 - tax, 100))} = {number(after)}."
    return numeric(f"{said}, tax is {tax} %. What is the profit after tax?", after, steps, before)


def margin(dice: Dice, level: int) -> Exercise:
    """Return a profit and a revenue; asked is the margin in percent."""
    revenue = dice.choice(((10, 20, 50, 100), (40, 80, 200, 250), (30, 60, 70, 90))[level - 1])
    earned = dice.between(1, revenue // 2)
    share = Fraction(100 * earned, revenue)
    if level == 1:
        question = f"Profit is ${earned} on revenue of ${revenue}. What is the margin in percent?"
        return numeric(question, share, f"{earned} / {revenue} = {number(share)} %.", earned)
    costs = revenue - earned
    question = f"Revenue is ${revenue}, costs are ${costs}. What is the margin in percent?"
    return numeric(
        question, share, f"{revenue} - {costs} = {earned}. {earned} / {revenue} = {number(share)} %.", earned
    )


def ratio(dice: Dice, level: int) -> Exercise:
    """Return two figures of a balance sheet; asked is a ratio."""
    below = dice.choice(((2, 5, 10), (4, 8, 20), (3, 7, 9))[level - 1])
    above = below * dice.between(1, 5) + (dice.below(below) if level > 1 else 0)
    first, last, name = dice.choice(
        (
            ("Current assets are", "current liabilities are", "current ratio"),
            ("Debt is", "equity is", "debt to equity ratio"),
            ("The price of a share is", "earnings a share are", "price to earnings ratio"),
        )
    )
    question = f"{first} ${above}, {last} ${below}. What is the {name}?"
    value = Fraction(above, below)
    return numeric(question, value, f"{above} / {below} = {number(value)}.", above - below)


def cash(dice: Dice, level: int) -> Exercise:
    """Return opening cash and flows; asked is the closing cash."""
    balance = dice.between(20, 60)
    words, steps = [f"Cash at the start is ${balance}."], list[str]()
    opening = balance
    for turn in range(level + 1):
        amount = dice.between(2, 19)
        comes = turn % 2 == 0
        after = balance + amount if comes else balance - amount
        words.append(f"${amount} {'comes in' if comes else 'goes out'}.")
        steps.append(f"{balance} {'+' if comes else '-'} {amount} = {after}.")
        balance = after
    return numeric(" ".join([*words, "What is the cash at the end?"]), balance, " ".join(steps), opening)


def interest(dice: Dice, level: int) -> Exercise:
    """Return a loan; asked is its interest: of a year, of several, or compounded over two."""
    principal, rate = dice.between(1, 9) * 100, dice.between(1, 9)
    a_year = principal * rate // 100
    if level == 1:
        question = f"What is a year's interest on ${principal} at {rate} %?"
        return numeric(question, a_year, f"{principal // 100} * {rate} = {a_year}.", principal + rate)
    years = dice.between(2, 5)
    if level == 2:
        question = f"What is the simple interest on ${principal} at {rate} % over {years} years?"
        steps = f"{principal // 100} * {rate} = {a_year}. {a_year} * {years} = {a_year * years}."
        return numeric(question, a_year * years, steps, a_year)
    grown = Fraction(principal * (100 + rate) ** 2, 10_000)
    question = f"What does ${principal} grow to at {rate} % a year, compounded, in 2 years?"
    first = principal + a_year
    steps = f"{principal} + {a_year} = {first}. {first} * {number(Fraction(100 + rate, 100))} = {number(grown)}."
    return numeric(question, grown, steps, principal + 2 * a_year)


def bond(dice: Dice, level: int) -> Exercise:
    """Return a bond; asked is its coupon, its current yield or its price a year before it ends."""
    face, rate = dice.between(1, 9) * 100, dice.between(1, 9)
    coupon = face * rate // 100
    if level == 1:
        question = f"A bond of ${face} pays a coupon of {rate} %. How many dollars is the coupon?"
        return numeric(question, coupon, f"{face // 100} * {rate} = {coupon}.", rate)
    if level == 2:
        price = dice.choice((80, 90, 110, 120, 125)) * face // 100
        value = Fraction(100 * coupon, price)
        question = f"A bond of ${face} with a coupon of {rate} % costs ${price}. What is its current yield in percent?"
        return numeric(question, value, f"{coupon} / {price} = {number(value)} %.", rate)
    market = dice.between(1, 12)
    value = Fraction(100 * (face + coupon), 100 + market)
    question = (
        f"A bond of ${face} with a coupon of {rate} % ends in one year; "
        f"the market yields {market} %. What is its price?"
    )
    paid, factor = face + coupon, number(Fraction(100 + market, 100))
    steps = f"{face} + {coupon} = {paid}. {paid} / {factor} = {number(value)}."
    return numeric(question, value, steps, face)


def portfolio(dice: Dice, level: int) -> Exercise:
    """Return two positions; asked is the portfolio's return in percent, or the money it earns."""
    share = dice.choice((50, 20, 40, 60, 80)) if level < 3 else dice.between(5, 95)
    first, last = dice.between(2, 9), dice.between(2, 9)
    if level == 1:
        share = 50
        first, last = first * 2, last * 2
    value = Fraction(share * first + (100 - share) * last, 100)
    question = (
        f"{share} % of a portfolio return {first} % and {100 - share} % return {last} %. What is its return in percent?"
    )
    parts = number(Fraction(share * first, 100)), number(Fraction((100 - share) * last, 100))
    return numeric(question, value, f"{parts[0]} + {parts[1]} = {number(value)}.", first + last)


def present_value(dice: Dice, level: int) -> Exercise:
    """Return a payment in a year, or in two; asked is what it is worth today."""
    rate = dice.choice((10, 25)) if level < 3 else dice.between(2, 12)
    today = dice.between(1, 9) * 100
    later = today * (100 + rate) // 100
    factor = number(Fraction(100 + rate, 100))
    if level < 3:
        question = f"You get ${later} in one year; the rate is {rate} %. What is it worth today?"
        return numeric(question, today, f"{later} / {factor} = {today}.", later)
    flow = dice.between(50, 300)
    value = Fraction(100 * flow, 100 + rate) + Fraction(10_000 * flow, (100 + rate) ** 2)
    question = f"You get ${flow} in one year and ${flow} in two; the rate is {rate} %. What is that worth today?"
    first = number(Fraction(100 * flow, 100 + rate))
    second = number(Fraction(10_000 * flow, (100 + rate) ** 2))
    return numeric(question, value, f"{first} + {second} = {number(value)}.", 2 * flow)


FAMILIES: tuple[Family, ...] = (profit, margin, ratio, cash, interest, bond, portfolio, present_value)
"""The kinds of Deep Finance Tasks."""
