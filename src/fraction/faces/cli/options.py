"""Options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.refusal import Refusal

if TYPE_CHECKING:
    from fraction_sdk import Fraction

DATA = Path(".fraction")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DataFolder = Annotated[Path, typer.Option("--data", help="The world's folder.", show_default=True)]
PlatformUrl = Annotated[str, typer.Option("--url", help="The platform; without it, the one of --data.")]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        help="Another base model: a folder with weights, or http://… of an OpenAI-compatible server.",
    ),
]


def connect(url: str, folder: Path) -> "Fraction":
    """Return a client of the platform at `url`, or of the world in `folder`.

    Raises:
        Refusal: neither is known.
    """
    from fraction.faces.cli.world import operator_key, platform_url
    from fraction.wiring.environment import read_environment
    from fraction_sdk import Fraction

    found = url or platform_url(folder)
    if not found:
        raise Refusal(f"No world runs in {folder}; start one with `fraction up`, or name a platform with --url.")
    # the operator's key goes to the operator's own platform only
    own = operator_key(folder) if found.rstrip("/") == platform_url(folder) else ""
    return Fraction(found, key=read_environment().api_key or own)
