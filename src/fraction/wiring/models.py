"""Models: where the embedded one lies, asking a server, running one here, training on one, testing code."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fraction.adapters.clock import SystemClock
from fraction.app.generation import ChatModel, TextEngine
from fraction.app.ports import Clock
from fraction.app.training_node import Run, Trained, Trainer
from fraction.app.unit_testing import TestOutcome, TestRunner
from fraction.base import Digest, JsonObject, Unavailable
from fraction.training import Dataset, Recipe
from fraction.wiring.environment import read_environment
from fraction.wiring.world import World

if TYPE_CHECKING:
    from fraction.adapters.lora.trainer import QloraTrainer

ARITHMETIC = "torch-cpu-fp32"
"""What `fraction.adapters.lora.trainer` calls its class of machine; not asked, as that would load torch."""

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
    """Return a trainer on the base in that folder, rounded to four bits; it is loaded for the first task."""
    from fraction.adapters.lora.weights import weights_digest

    return _LateTrainer(model, weights_digest(model))


class _LateTrainer:
    """A trainer that costs nothing until it is used."""

    def __init__(self, model: Path, base_digest: Digest) -> None:
        self._model = model
        self._base_digest = base_digest
        self._trainer: QloraTrainer | None = None

    @property
    def base_digest(self) -> Digest:
        return self._base_digest

    @property
    def arithmetic(self) -> str:
        return ARITHMETIC

    def train(self, dataset: Dataset, recipe: Recipe, on_step: Callable[[int, int], None]) -> Trained:
        return self._loaded().train(dataset, recipe, on_step)

    def run(self) -> Run:
        return self._loaded().run()

    def _loaded(self) -> "QloraTrainer":
        if self._trainer is None:
            from fraction.adapters.lora.base import load_base
            from fraction.adapters.lora.trainer import QloraTrainer

            self._trainer = QloraTrainer(load_base(self._model, nf4=True, unpacked=True))
        return self._trainer


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
