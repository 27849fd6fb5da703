"""A world: the processes of one local platform in one folder, and how each is started.

chain ──▶ model server, judges, trainer, verifiers ──▶ platform
"""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import fraction
from fraction.faces.cli.children import Command
from fraction.faces.cli.ports import HOST, assign_ports, is_free, read_ports
from fraction.faces.cli.refusal import Refusal

JUDGES = ("judge-1", "judge-2", "judge-3")
RESERVE = "judge-4"
"""A judge that is started only where one of the others has to be replaced."""
JURY = (RESERVE, "judge-5", "judge-6", "judge-7")
"""Judges that are started where a score is to be contested: with three, enough for both panels (ADR 19)."""
TRAINERS = ("trainer-1",)
VERIFIERS = ("verifier-1", "verifier-2", "verifier-3")
NODES = JUDGES + TRAINERS + VERIFIERS
NAMES = ("chain", "models", *NODES, "platform")
"""Every process, in the order in which they are started."""

EMBEDDED_MODEL = Path(fraction.__file__).parent / "adapters" / "models" / "embedded"

LEAST_FREE_BYTES = 500_000_000
"""A world's chain, logs and adapters fit in less; a full disk in the middle is worse than a refusal."""


@dataclass(frozen=True, slots=True)
class World:
    """What is to run where."""

    folder: Path
    ports: Mapping[str, int]
    model: str = ""
    """A folder with weights, or the URL of an OpenAI-compatible server; empty for the embedded model."""
    models_override: str = ""
    """A URL that the platform asks in place of the model server's; for showing a hostile model."""
    conduct: Mapping[str, str] = field(default_factory=dict[str, str])
    """How named nodes misbehave; empty for honest ones."""

    @property
    def rpc(self) -> str:
        """The chain's URL."""
        return f"http://{HOST}:{self.ports['chain']}"

    @property
    def models(self) -> str:
        """The model server's URL."""
        return self.model.rstrip("/") if self.has_remote_model else f"http://{HOST}:{self.ports['models']}"

    @property
    def platform(self) -> str:
        """The platform's URL."""
        return f"http://{HOST}:{self.ports['platform']}"

    @property
    def has_remote_model(self) -> bool:
        """Whether a server elsewhere is asked instead of one of our own."""
        return self.model.startswith(("http://", "https://"))

    def chain_command(self) -> Command:
        """Return how the chain is started."""
        port = str(self.ports["chain"])
        return Command("chain", [*_python("node"), "chain", "--data", str(self.folder), "--port", port])

    def models_command(self) -> Command | None:
        """Return how the model server is started; None if one elsewhere is used."""
        if self.has_remote_model:
            return None
        blobs = [self.platform, *(f"http://{HOST}:{self.ports[name]}" for name in NODES)]
        options = {"--data": str(self.folder), "--model": self.model or str(EMBEDDED_MODEL)}
        options["--port"] = str(self.ports["models"])
        return Command("models", [*_python("modelserver"), *_flat(options), "--blobs", *blobs])

    def node_command(self, name: str) -> Command:
        """Return how a judge, trainer or verifier is started."""
        options = {
            "--data": str(self.folder),
            "--name": name,
            "--port": str(self.ports[name]),
            "--rpc": self.rpc,
            "--models": self.models,
            "--platform": self.platform,
        }
        if self.model and not self.has_remote_model:
            options["--model"] = self.model
        if self.conduct.get(name):
            options["--cheat"] = self.conduct[name]
        return Command(name, [*_python("node"), name.rpartition("-")[0], *_flat(options)])

    def platform_command(self) -> Command:
        """Return how the platform is started."""
        options = {
            "--data": str(self.folder),
            "--port": str(self.ports["platform"]),
            "--rpc": self.rpc,
            "--models": self.models_override or self.models,
        }
        if self.model and not self.has_remote_model:
            options["--model"] = self.model
        return Command("platform", [*_python("web"), *_flat(options)])

    def stages(self) -> Sequence[Sequence[Command]]:
        """Return all commands in the order of starting; those of one stage start side by side."""
        models = self.models_command()
        nodes = [self.node_command(name) for name in NODES]
        return [[self.chain_command()], [*([models] if models else []), *nodes], [self.platform_command()]]

    def write(self) -> None:
        """Write where everything is to `world.json`, for the other commands."""
        document = {
            "format": "fraction-world/1",
            "ports": dict(self.ports),
            "platform": self.platform,
            "rpc": self.rpc,
            "models": self.models,
            "model": self.model,
        }
        temporary = self.folder / "world.json.part"
        temporary.write_text(json.dumps(document, indent=2) + "\n")
        temporary.replace(self.folder / "world.json")


def plan_world(folder: Path, model: str, asked_ports: Mapping[str, int]) -> World:
    """Return the world of `folder`, with the ports it had before where they are free.

    Raises:
        Refusal: a port is occupied, the model is not there, or the disk is nearly full.
    """
    _check_model(model)
    _check_folder(folder)
    ports = assign_ports((*NAMES, *JURY), asked_ports, read_ports(folder / "world.json"))
    return World(folder.resolve(), ports, _absolute(model))


def platform_url(folder: Path) -> str:
    """Return the URL of the platform of the world in `folder`; empty if there is none."""
    return _written(folder, "platform")


def operator_key(folder: Path) -> str:
    """Return the key with which the owner of the world in `folder` operates its platform; empty if there is none."""
    try:
        return (folder / "platform" / "operator.secret").read_text().strip().removeprefix("0x")
    except OSError:
        return ""


def running_chain(folder: Path) -> str:
    """Return the URL of the chain of the world in `folder`; empty if it does not run now."""
    port = read_ports(folder / "world.json").get("chain", 0)
    return _written(folder, "rpc") if port and not is_free(port) else ""


def world_of_bundle(bundle: Path, default: Path) -> Path | None:
    """Return the folder of the world that a bundle lies in, else the default one; None if neither is a world."""
    folders = [*bundle.resolve().parents, default]
    return next((folder for folder in folders if (folder / "world.json").is_file()), None)


def clear_world(folder: Path) -> None:
    """Empty the folder of an earlier world; the lock stays, as somebody holds it.

    Raises:
        Refusal: the folder holds something, and it is not a world.
    """
    kept = ("lock", "run", "logs", "world.json.part")
    rest = [path for path in folder.iterdir() if path.name not in kept]
    if rest and not (folder / "world.json").exists():
        raise Refusal(f"{folder} holds other files than a world's; give another --data folder, or --keep.")
    for path in folder.iterdir():
        if path.name == "lock":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _written(folder: Path, key: str) -> str:
    try:
        return str(json.loads((folder / "world.json").read_text())[key])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _absolute(model: str) -> str:
    return model if not model or model.startswith(("http://", "https://")) else str(Path(model).resolve())


def _check_model(model: str) -> None:
    if model.startswith(("http://", "https://")):
        return
    folder = Path(model) if model else EMBEDDED_MODEL
    if not (folder / "config.json").is_file():
        raise Refusal(
            f"There is no model in {folder} (no config.json); give --model a folder that transformers can "
            "load, or the http:// address of an OpenAI-compatible server."
        )


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "world.json.part").touch()
    except OSError as error:
        raise Refusal(f"Cannot write to {folder}: {error.strerror}; give another --data folder.") from error
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise Refusal(
            f"Only {free // 1_000_000} MB are free for {folder}; make room for {LEAST_FREE_BYTES // 1_000_000} MB."
        )


def _python(face: str) -> list[str]:
    return [sys.executable, "-m", f"fraction.faces.{face}"]


def _flat(options: Mapping[str, str]) -> list[str]:
    return [part for pair in options.items() for part in pair]
