"""`fraction judge eval`: the report card of any judge."""

from dataclasses import asdict
from typing import Annotated

import typer

from fraction.faces.cli.options import AsJson

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


def _points(hundredths: int) -> str:
    return f"{hundredths / 100:+.2f}"
