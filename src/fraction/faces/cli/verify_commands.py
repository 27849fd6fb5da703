"""`fraction verify …`: what verifying by sampling costs, and how surely it catches."""

from typing import Annotated

import typer

from fraction.faces.cli.options import AsJson
from fraction.faces.cli.refusal import Refusal

app = typer.Typer(help="What verifying a training costs, and how surely it catches.", no_args_is_help=True)


@app.command()
def simulate(
    segments: Annotated[int, typer.Option(help="Segments of a training.")] = 128,
    verifiers: Annotated[int, typer.Option(help="Verifiers drawn.")] = 3,
    each: Annotated[int, typer.Option(help="Segments that each computes again; 0 finds the fewest that will do.")] = 0,
    planted: Annotated[int, typer.Option(help="Segments with a known error that each gets on top.")] = 1,
    games: Annotated[int, typer.Option(help="Games to play for each row.")] = 1_000,
    seed: Annotated[str, typer.Option(help="Decides the games.")] = "fraction",
    as_json: AsJson = False,
) -> None:
    """Show by formula and by simulation what cheating trainers and verifiers expect to gain."""
    from fraction.base import Rejected
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.verification import sampling

    try:
        chosen = sampling.Sampling(segments=segments, verifiers=verifiers, each=each or 1, planted=planted)
        chosen = chosen if each else sampling.cheapest(chosen)
    except Rejected as refusal:
        raise Refusal(str(refusal)) from refusal
    rows = sampling.table(chosen, games, seed)
    if as_json:
        print_json({"each": chosen.each, "cost_ppm": chosen.cost_ppm, "rows": rows})
        return
    screen = Screen()
    screen.say(
        f"{chosen.segments} segments, {chosen.verifiers} verifiers, {chosen.each} segments each and {chosen.planted} "
        f"planted: verifying costs {chosen.cost_ppm / 10_000:.2f} % of the training."
    )
    columns = ["who", "share", "caught (formula)", "caught (played)", "gain (formula)", "gain (played)"]
    screen.table("Gain over an honest one, in costs of one training", columns, [r.cells() for r in rows], numbers=5)
    verdict = "Some cheating pays: raise stakes or coverage." if sampling.cheating_pays(chosen) else "Cheating loses."
    screen.say(verdict)
