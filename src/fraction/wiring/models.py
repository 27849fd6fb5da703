"""Models: where the embedded one lies, asking a server, running one here, training on one, testing code."""

from collections.abc import Sequence
from pathlib import Path

from fraction.adapters.clock import SystemClock
from fraction.app.generation import ChatModel, TextEngine
from fraction.app.ports import Clock
from fraction.app.training_node import Trainer
from fraction.app.unit_testing import TestOutcome, TestRunner
from fraction.base import JsonObject, Unavailable
from fraction.wiring.environment import read_environment
from fraction.wiring.world import World

_ROWS = 24
"""Replies that our own model server writes at once: a Session's round and a panel's questions come together."""


def embedded_model() -> Path:
    """Return the folder of the small model that ships with the package."""
    return Path(__file__).resolve().parents[1] / "adapters" / "models" / "embedded"


def clock() -> Clock:
    """Return the system's clock."""
    return SystemClock()


def chat_model(url: str) -> ChatModel:
    """Return a client of the model server at `url`."""
    from fraction.adapters.models import ChatClient

    return ChatClient(url, api_key=read_environment().model_key or None)


def text_engine(data: Path | None, model: Path | None, blobs: Sequence[str], nf4: bool) -> TextEngine:
    """Return an engine that runs a model in this process.

    Args:
        data: a world's folder, whose platform's blobs are looked at first
        model: the base's folder; None: the embedded model
        blobs: URLs that serve adapters by digest
        nf4: whether the base is rounded to four bits, as in training
    """
    from fraction.adapters.blobs import CachedBlobs, DiskBlobs, HttpBlobs
    from fraction.adapters.lora.base import load_base
    from fraction.adapters.lora.engine import EngineSettings, LocalTextEngine

    own = DiskBlobs((World(data).platform if data else Path.home() / ".fraction") / "blobs")
    readers = [HttpBlobs(list(blobs))] if blobs else []
    base = load_base(model or embedded_model(), nf4=nf4, unpacked=True)
    return LocalTextEngine(base, CachedBlobs(own, readers), EngineSettings(rows=_ROWS))


def trainer_on(model: Path) -> Trainer:
    """Return a trainer on the base in that folder, rounded to four bits."""
    from fraction.adapters.lora.base import load_base
    from fraction.adapters.lora.trainer import QloraTrainer

    return QloraTrainer(load_base(model, nf4=True))


def sandboxed_tests() -> TestRunner:
    """Return what runs hidden tests here; without a sandbox, something that says how to get one."""
    from fraction.adapters.sandbox import SandboxedTests, choose_sandbox

    try:
        return SandboxedTests(choose_sandbox())
    except Unavailable as error:
        return _NoSandbox(str(error))


class _NoSandbox:
    """Stands where a sandbox should be: code is not judged here, and the reason is said."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def run_tests(self, source: str, hidden: JsonObject) -> TestOutcome:
        raise Unavailable(self._reason)
