"""`fraction node …` and `fraction models serve`: one process of a world, in the foreground."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from fraction.faces.cli.options import DATA, DataFolder

nodes = typer.Typer(help="Run one judge, trainer or verifier, with its own key and stake.", no_args_is_help=True)
models = typer.Typer(help="Serve models over the OpenAI chat protocol.", no_args_is_help=True)

Name = Annotated[str, typer.Option(help="Names the node's folder and key.")]
Port = Annotated[int, typer.Option(help="Where the node serves its blobs.")]
Rpc = Annotated[str, typer.Option(help="URL of the chain.")]
Models = Annotated[str, typer.Option(help="URL of a model server.")]
Platform = Annotated[str, typer.Option(help="URL of the platform.")]
Model = Annotated[str, typer.Option(help="The model's name there, or a folder with weights.")]


@nodes.command()
def judge(
    rpc: Rpc,
    models: Models,
    platform: Platform,
    port: Port,
    name: Name = "judge",
    data: DataFolder = DATA,
    model: Model = "",
) -> None:
    """Judge the Sessions for which this node is drawn."""
    _node("judge", {"rpc": rpc, "models": models, "platform": platform, "name": name, "model": model}, port, data)


@nodes.command()
def trainer(
    rpc: Rpc, platform: Platform, port: Port, name: Name = "trainer", data: DataFolder = DATA, model: Model = ""
) -> None:
    """Compute the training tasks for which this node is drawn."""
    _node("trainer", {"rpc": rpc, "platform": platform, "name": name, "model": model}, port, data)


@nodes.command()
def verifier(
    rpc: Rpc, platform: Platform, port: Port, name: Name = "verifier", data: DataFolder = DATA, model: Model = ""
) -> None:
    """Recompute the training tasks for which this node is drawn."""
    _node("verifier", {"rpc": rpc, "platform": platform, "name": name, "model": model}, port, data)


def run_chain(port: int, data: Path) -> None:
    """Become a local chain with the contracts deployed."""
    _become("node", ["chain", "--data", str(data), "--port", str(port)])


@models.command()
def serve(
    model: Annotated[str, typer.Option(help="A folder with weights; the embedded model without it.")] = "",
    port: Annotated[int, typer.Option(help="Where it serves.")] = 8001,
    blobs: Annotated[list[str] | None, typer.Option(help="Where adapters are fetched; may be repeated.")] = None,
    data: DataFolder = DATA,
) -> None:
    """Serve one frozen base and many adapters."""
    from fraction.faces.cli.world import EMBEDDED_MODEL

    readers = ["--blobs", *blobs] if blobs else []
    options = ["--data", str(data), "--model", model or str(EMBEDDED_MODEL), "--port", str(port)]
    _become("modelserver", [*options, *readers])


def _node(worker: str, options: dict[str, str], port: int, data: Path) -> None:
    given = [part for name, value in options.items() if value for part in (f"--{name}", value)]
    _become("node", [worker, "--data", str(data), "--port", str(port), *given])


def _become(face: str, arguments: list[str]) -> None:
    """Replace this process, so that signals and the exit code are the node's own."""
    sys.stdout.flush()
    command = [sys.executable, "-m", f"fraction.faces.{face}", *arguments]
    os.execv(sys.executable, command)  # noqa: S606  (our own command line)
