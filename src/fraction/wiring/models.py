"""Models: where the embedded one lies, asking a server, running one here, training on one, testing code."""

from collections.abc import Callable
from pathlib import Path

from fraction.app.generation import ChatModel, TextEngine
from fraction.app.ports import BlobReader
from fraction.app.training_node import Trained, Trainer
from fraction.app.unit_testing import TestOutcome, TestRunner
from fraction.base import Digest, JsonObject, Unavailable
from fraction.training import Dataset, Recipe
from fraction.wiring.environment import read_environment


def embedded_model() -> Path:
    """Return the folder of the small model that ships with the package."""
    return Path(__file__).resolve().parents[1] / "adapters" / "models" / "embedded"


def chat_model(url: str) -> ChatModel:
    """Return a client of the model server at `url`."""
    from fraction.adapters.models import ChatClient, ChatSettings

    key = read_environment().model_key or None
    return ChatClient(ChatSettings(url=url, api_key=key))


def build_text_engine(model: Path, blobs: BlobReader) -> TextEngine:
    """Return an engine that runs the model in this process, with adapters fetched by digest."""
    from fraction.adapters.lora.engine import EngineSettings, LocalTextEngine

    return LocalTextEngine.open(EngineSettings(model=model), blobs)


def trainer_on(model: Path) -> Trainer:
    """Return a trainer on the base in that folder."""
    from fraction.adapters.lora.trainer import QloraTrainer

    return _Trainer(QloraTrainer(model))


class _Trainer:
    """The QLoRA trainer as the training nodes see it."""

    def __init__(self, trainer) -> None:  # noqa: ANN001 - torch's home is not imported before it is used
        self._trainer = trainer

    @property
    def base_digest(self) -> Digest:
        return self._trainer.base_digest

    @property
    def arithmetic(self) -> str:
        return self._trainer.arithmetic

    def train(self, dataset: Dataset, recipe: Recipe, on_step: Callable[[int, int], None]) -> Trained:
        run = self._trainer.train(dataset.examples, recipe, on_step)
        return Trained(run.adapter, tuple(run.leaves), tuple(run.losses_ppm))


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
