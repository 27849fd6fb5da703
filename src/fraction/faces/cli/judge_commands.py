"""`fraction judge eval | card`: how far any judge can be trusted, and what its record is worth."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.options import AsJson

if TYPE_CHECKING:
    from fraction.faces.cli.screen import Screen
    from fraction.judging.intervals import Interval
    from fraction.judging.record import Card

app = typer.Typer(help="Measure judges.", no_args_is_help=True)


@app.command("eval")
def evaluate(
    model: Annotated[str, typer.Option(help="A folder with weights or URL#NAME; the embedded model without it.")] = "",
    space: Annotated[str, typer.Option(help="The Space whose entries are judged.")] = "writing-tweets",
    entries: Annotated[int, typer.Option(min=2, help="How many entries of known quality.")] = 60,
    attacks: Annotated[bool, typer.Option(help="Also try the attack suite.")] = True,
    as_json: AsJson = False,
) -> None:
    """Print how far a judge's marks can be trusted: agreement, steadiness, bias, and what attacks gain."""
    from fraction.app.evaluate_judge import evaluate_judge
    from fraction.base import FractionError
    from fraction.faces.cli.refusal import Refusal
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.judging.attacks import attacks as all_attacks
    from fraction.wiring.judging import judge_with, known_entries

    try:
        rules, known = known_entries(space)
        card = evaluate_judge(judge_with(model), rules, known[:entries], all_attacks() if attacks else ())
    except FractionError as error:
        raise Refusal(str(error)) from error
    if as_json:
        print_json(asdict(card))
        return
    screen = Screen()
    rows = [[name, "-" if value is None else f"{value:.3f}"] for name, value in card.agreement.items()]
    screen.table(f"Agreement with known quality, {card.entries} entries of {space}", ["criterion", "Spearman"], rows)
    bias = "-" if card.length_bias is None else f"{card.length_bias:+.3f}"
    screen.say(f"distance between two wordings {card.steadiness / 100:.2f} points; length bias {bias}")
    rows = [
        [g.family, str(g.attacks), _points(g.mean), _points(g.high), f"{100 * g.above_one_point / g.attacks:.1f} %"]
        for g in card.gains
    ]
    if rows:
        screen.table("What attacks gain, in points", ["family", "tries", "mean", "95th", "above 1 point"], rows)


@app.command()
def card(
    model: Annotated[str, typer.Option(help="A folder with weights or URL#NAME; the embedded model without it.")] = "",
    space: Annotated[str, typer.Option(help="The Space whose entries are judged.")] = "writing-tweets",
    entries: Annotated[int, typer.Option(min=4, help="How many entries of known quality.")] = 60,
    seed: Annotated[str, typer.Option(help="Decides what is planted.")] = "card",
    as_json: AsJson = False,
) -> None:
    """Print a judge's report card from planted entries, with intervals, and the weight that follows from it."""
    from fraction.app.watch_judge import watch_judge
    from fraction.base import FractionError
    from fraction.faces.cli.refusal import Refusal
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.judging.bias import slope
    from fraction.judging.record import card_of
    from fraction.judging.weight import weight_of
    from fraction.wiring.judging import judge_with, known_entries, stopwatch

    try:
        rules, known = known_entries(space)
        watched = watch_judge(judge_with(model), rules, known[:entries], stopwatch, seed)
    except FractionError as error:
        raise Refusal(str(error)) from error
    found, weight = card_of(watched.record), weight_of(watched.record)
    slopes = {"per_character": slope(watched.padded), "per_line": slope(watched.spread)}
    if as_json:
        print_json({**asdict(found), **{n: s and asdict(s) for n, s in slopes.items()}, "weight": weight})
        return
    _show_card(Screen(), space, found, slopes, weight)


def _show_card(
    screen: "Screen", space: str, card: "Card", slopes: "Mapping[str, Interval | None]", weight: int
) -> None:
    rows = [
        ["gold pairs in the right order", _interval(card.accuracy, 100, "%")],
        ["distance between repeats, points", _interval(card.inconsistency, 0.01)],
        ["rank agreement with known quality", _interval(card.agreement)],
        ["gives more than known quality, points", _interval(card.offset, 0.01)],
        ["position bias, rank correlation", _interval(card.position_bias)],
        ["length bias, rank correlation", _interval(card.length_bias)],
        ["for 100 characters that add nothing, points", _interval(slopes["per_character"], 1)],
        ["for a line break, points", _interval(slopes["per_line"], 0.01)],
        ["verdicts given", _interval(card.presence, 100, "%")],
        ["milliseconds a mark", _interval(card.milliseconds)],
    ]
    screen.table(f"Report card, {space}", ["", "estimate", "95 % interval"], [[name, *cells] for name, cells in rows])
    screen.say(f"weight {weight} of 1000", "bold")


def _interval(found: "Interval | None", scale: float = 1.0, unit: str = "") -> list[str]:
    if found is None:
        return ["-", "-"]
    low, value, high = (f"{scale * part:.{1 if scale == 100 else 2}f}" for part in (found.low, found.value, found.high))
    return [f"{value} {unit}".strip(), f"{low} to {high}"]


def _points(hundredths: int) -> str:
    return f"{hundredths / 100:+.2f}"
