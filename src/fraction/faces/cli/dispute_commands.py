"""`fraction dispute --demo`: a trainer lies, a verifier disputes it, and the contract finds the one wrong number."""

import struct
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.options import AsJson
from fraction.faces.cli.refusal import Refusal

if TYPE_CHECKING:
    from fraction.wiring.disputes import Outcome


def dispute(
    demo: Annotated[bool, typer.Option("--demo", help="Play a dispute on a local chain of its own.")] = False,
    liar: Annotated[
        str, typer.Option(help="How the trainer lies: other-data, flipped-bit, product, …; all.")
    ] = "product",
    as_json: AsJson = False,
) -> None:
    """Play a dispute over a training to its end: exit 0 if the liar was refuted."""
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.wiring.disputes import dispute_world, liars, play_dispute

    if not demo:
        raise Refusal("Say --demo: disputes of a running world are played by its nodes.")
    names = liars() if liar == "all" else (liar,)
    if unknown := [name for name in names if name not in liars()]:
        raise Refusal(f"There is no liar called {unknown[0]!r}; there are {', '.join(liars())} and all.")
    screen = Screen()
    outcomes: dict[str, Outcome] = {}
    for name in names:  # a world each: who is refuted loses half its stake and is not drawn again for long
        if not as_json:
            screen.say(f"── The trainer lies: {name}", "bold")
        say = _silent if as_json else lambda who, what: screen.say(f"   {who:<9} {what}")
        with dispute_world() as world:
            outcomes[name] = play_dispute(world, name, say)
        if not as_json:
            _tell(outcomes[name])
    if as_json:
        print_json({name: _summary(outcome) for name, outcome in outcomes.items()})
    if not all(outcome.refuted for outcome in outcomes.values()):
        raise typer.Exit(1)


def _silent(_who: str, _what: str) -> None:
    """Say nothing."""


def _tell(outcome: "Outcome") -> None:
    from fraction.faces.cli.screen import Screen

    screen, place = Screen(), outcome.position
    if outcome.ruling is not None:
        found, claimed = outcome.ruling
        screen.say(
            f"   Step {place.step + 1}, operator {place.operator} ({outcome.operator}), row {place.row}: the referee "
            f"found {_number(found)}, the trainer claimed {_number(claimed)}."
        )
    rows = [[event, f"{gas:,}"] for event, gas in outcome.gas]
    screen.table("", ["transaction", "gas"], [*rows, ["all", f"{sum(g for _, g in outcome.gas):,}"]], numbers=1)
    lost = (outcome.stake_before - outcome.stake_after) // 10**18
    screen.say(f"   {'REFUTED' if outcome.refuted else 'DEFENDED'}: the trainer lost {lost} FRAC of its stake.")


def _summary(outcome: "Outcome") -> dict[str, object]:
    return {
        "refuted": outcome.refuted,
        "step": outcome.position.step,
        "operator": outcome.operator,
        "ruling": outcome.ruling,
        "gas": sum(gas for _, gas in outcome.gas),
        "transactions": len(outcome.gas),
    }


def _number(word: int) -> str:
    """Return a float32 with its bits."""
    return f"{struct.unpack('>f', word.to_bytes(4, 'big'))[0]:.9g} (0x{word:08x})"
