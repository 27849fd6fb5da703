"""`fraction plan`: how many agents fit on a card over one base, and how fast they train."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.options import AsJson
from fraction.faces.cli.refusal import Refusal

if TYPE_CHECKING:
    from fraction.training.capacity import Gpu, Plan
    from fraction.training.model_shape import ModelShape

_GIGA = 10**9
_SHAPES = Path(__file__).resolve().parents[2] / "training" / "shapes"


def plan(
    model: Annotated[
        str, typer.Option(help="A transformers config.json, a folder that holds one, or a name such as llama-33b.")
    ] = "llama-33b",
    rank: Annotated[int, typer.Option(min=1, max=4_096, help="Rank of the adapters.")] = 4,
    gpu: Annotated[
        str, typer.Option(help="rtx4090, a100, h100 or h200; or MEMORY_GB,GB_PER_S,TFLOPS of another card.")
    ] = "h200",
    tokens: Annotated[int, typer.Option(min=1, help="Tokens of all agents in one step.")] = 4_096,
    as_json: AsJson = False,
) -> None:
    """Tell what training many agents over one base needs and gives, with every formula."""
    from fraction.base import Rejected
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.training import capacity

    try:
        card = find_gpu(gpu)
        found = capacity.plan(find_shape(model), rank, card, tokens)
    except Rejected as error:
        raise Refusal(str(error)) from error
    if as_json:
        print_json(_document(model, rank, card, tokens, found))
        return
    screen = Screen()
    screen.say(f"{model} at rank {rank} on {card.name}, {tokens} tokens a step", "bold")
    rows = [[row.name, _amount(row.value, row.unit), row.formula] for row in found.rows]
    screen.table("", ["what", "how much", "formula"], rows)


def find_shape(model: str) -> "ModelShape":
    """Return the shape of the model of that name, config file or folder.

    Raises:
        Refusal: there is no such file, or it is not JSON.
    """
    from fraction.base import parse_json
    from fraction.training.model_shape import read_shape

    named = _SHAPES / f"{model}.json"
    path = named if "/" not in model and named.is_file() else Path(model)
    file = path / "config.json" if path.is_dir() else path
    try:
        config = parse_json(file.read_bytes())
    except OSError as error:
        names = ", ".join(sorted(known.stem for known in _SHAPES.glob("*.json")))
        raise Refusal(f"There is no config at {file}; name a file, a folder, or one of {names}.") from error
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{file} is not JSON; give a transformers config.json.") from error
    return read_shape(config)


def find_gpu(text: str) -> "Gpu":
    """Return the card of that name, or the one described by memory, bandwidth and speed.

    Raises:
        Refusal: it is neither.
    """
    from fraction.training.capacity import GPUS, Gpu

    known = GPUS.get(text.lower().replace(" ", "").replace("-", ""))
    if known is not None:
        return known
    try:
        memory, bandwidth, teraflops = (float(part) for part in text.split(","))
    except ValueError:
        names = ", ".join(GPUS)
        raise Refusal(f"There is no card {text!r}; give {names}, or MEMORY_GB,GB_PER_S,TFLOPS.") from None
    if not all(0 < value < 10**6 for value in (memory, bandwidth, teraflops)):
        raise Refusal(f"The card {text!r} cannot be; all three numbers must be above 0.")
    return Gpu(text, int(memory * _GIGA), int(bandwidth * _GIGA), int(teraflops * 10**12))


def _amount(value: int, unit: str) -> str:
    if unit.startswith("bytes"):
        return f"{value / _GIGA:.3f} GB{unit.removeprefix('bytes')}"
    if unit == "parameters":
        return f"{value / 10**6:,.1f} M"
    return f"{value:,} {unit}"


def _document(model: str, rank: int, gpu: "Gpu", tokens: int, found: "Plan") -> dict[str, object]:
    rows = {row.name: {"value": row.value, "unit": row.unit, "formula": row.formula} for row in found.rows}
    return {"model": model, "rank": rank, "gpu": gpu.name, "tokens": tokens, "rows": rows}
