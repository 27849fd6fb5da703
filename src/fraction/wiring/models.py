"""Models: where the embedded one lies, asking a server, running one here, training on one, testing code."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from fraction.adapters.clock import SystemClock
from fraction.app.generation import ChatModel, TextEngine
from fraction.app.judge_session import Judge
from fraction.app.ports import Clock
from fraction.app.training_disputes import DisputableTrainer, Specify
from fraction.app.training_node import GroupTrainer, Run, Trained, Trainer
from fraction.app.try_space import Kit
from fraction.app.unit_testing import TestOutcome, TestRunner
from fraction.base import Address, Digest, JsonObject, Rejected, Unavailable
from fraction.training import Dataset, Method, Recipe
from fraction.verification.claim import Specification
from fraction.verification.dispute import Evidence
from fraction.wiring.environment import read_environment
from fraction.wiring.world import World

if TYPE_CHECKING:
    from fraction.adapters.exact.trainer import ExactTrainer

EXACT = ("exact-v1", "exact-fixed-v1")
"""Classes of arithmetic with the same bits on every machine; any other name is `fraction.adapters.lora`'s."""

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

    arithmetic = read_environment().arithmetic
    late = _LateExactTrainer if arithmetic in EXACT else _LateGroupTrainer
    return late(model, weights_digest(model), arithmetic)


def specifier(model: Path, arithmetic: str) -> Specify:
    """Return what names everything that a training on the base in that folder computes; None where nothing can.

    The base is loaded for the first training. Only exact arithmetic has a referee, so only it is specified. One
    training at a time: two threads cannot load models at once, as transformers makes them on a device of the process.
    """
    if arithmetic not in EXACT:
        return lambda _dataset, _recipe: None
    trainer: list[ExactTrainer] = []
    turn = Lock()

    def specify(dataset: Dataset, recipe: Recipe) -> Digest | None:
        with turn:
            try:
                if not trainer:
                    trainer.append(_exact_trainer(model, arithmetic))
            except ModuleNotFoundError:  # a platform without torch: a quorum alone decides
                return None
            return trainer[0].specify(dataset, recipe).digest()

    return specify


class _LateTrainer:
    """A trainer that costs nothing until it is used."""

    def __init__(self, model: Path, base_digest: Digest, arithmetic: str) -> None:
        self._model = model
        self._base_digest = base_digest
        self._arithmetic = arithmetic
        self._trainer: Trainer | None = None

    @property
    def base_digest(self) -> Digest:
        return self._base_digest

    @property
    def arithmetic(self) -> str:
        return self._arithmetic

    def train(self, dataset: Dataset, recipe: Recipe, on_step: Callable[[int, int], None]) -> Trained:
        return self._loaded().train(dataset, recipe, on_step)

    def _loaded(self) -> Trainer:
        if self._trainer is None:
            build = _exact_trainer if self._arithmetic in EXACT else _plain_trainer
            self._trainer = build(self._model, self._arithmetic)
        return self._trainer


class _LateGroupTrainer(_LateTrainer):
    """The same for a trainer that trains many tasks in one batch."""

    def run(self) -> Run:
        trainer = self._loaded()
        assert isinstance(trainer, GroupTrainer)  # noqa: S101 - made only where it is one
        return trainer.run()


class _LateExactTrainer(_LateGroupTrainer):
    """The same for a trainer that can also prove what it did."""

    def specify(self, dataset: Dataset, recipe: Recipe) -> Specification:
        return self._disputable().specify(dataset, recipe)

    def evidence(self, dataset: Dataset, recipe: Recipe, leaves: tuple[Digest, ...], altered: bool = False) -> Evidence:
        return self._disputable().evidence(dataset, recipe, leaves, altered)

    def _disputable(self) -> DisputableTrainer:
        trainer = self._loaded()
        assert isinstance(trainer, DisputableTrainer)  # noqa: S101 - made only where it is one
        return trainer


def _plain_trainer(model: Path, arithmetic: str) -> Trainer:
    """Return a trainer whose results compare within one kind of machine."""
    from fraction.adapters.lora.base import load_base
    from fraction.adapters.lora.trainer import ARITHMETIC, QloraTrainer

    if arithmetic != ARITHMETIC:
        raise Rejected(f"The arithmetic {arithmetic!r} is not known; use {', '.join(EXACT)} or {ARITHMETIC}.")
    return QloraTrainer(load_base(model, nf4=True, unpacked=True))


def _exact_trainer(model: Path, arithmetic: str) -> "ExactTrainer":
    """Return a trainer with the same bits everywhere: tokens and files are lora's, arithmetic is exact's."""
    from fraction.adapters.exact.base import freeze
    from fraction.adapters.exact.selftest import kernels_here
    from fraction.adapters.exact.shape import read_shape
    from fraction.adapters.exact.trainer import ExactTrainer, LowRanks
    from fraction.adapters.lora.adapter_config import AdapterConfig
    from fraction.adapters.lora.adapter_file import Adapter, LowRank, pack_adapter
    from fraction.adapters.lora.base import load_base
    from fraction.adapters.lora.lesson import Lesson, read_lesson
    from fraction.adapters.traces.step_trace import trace_of

    base = load_base(model, nf4=True, unpacked=True)
    targets, chat = base.targets, base.chat
    config: Any = base.model.config  # transformers' own class

    def lesson(dataset: Dataset, recipe: Recipe) -> Lesson:
        if recipe.method is not Method.SUPERVISED:
            raise Rejected(f"{arithmetic} only imitates so far; train the recipe {recipe.method.value} in another.")
        return read_lesson(chat, dataset.examples, recipe)

    def packed(recipe: Recipe, layers: LowRanks) -> bytes:
        config = AdapterConfig(recipe.rank, recipe.alpha, targets)
        return pack_adapter(Adapter(config, {name: LowRank(a, b) for name, (a, b) in layers.items()}))

    return ExactTrainer(
        base_digest=base.digest,
        base=freeze(read_shape(config.to_dict()), base.model.state_dict(), arithmetic),
        read_lesson=lesson,
        pack_adapter=packed,
        kernels=kernels_here(arithmetic, Path.home() / ".fraction" / "kernels"),
        trace_of=trace_of,
    )


def sandboxed_tests() -> TestRunner:
    """Return what runs hidden tests here; without a sandbox, something that says how to get one."""
    from fraction.adapters.sandbox import SandboxedTests, choose_sandbox

    try:
        return SandboxedTests(choose_sandbox())
    except Unavailable as error:
        return _NoSandbox(str(error))


@contextmanager
def trial_kit(model: str) -> Iterator[Kit]:
    """Give what a Space is tried with: a model that plays and judges, and the sandbox.

    Args:
        model: `http://…` of a server, a folder with weights, or empty for the embedded model

    Raises:
        Unavailable: this machine has no sandbox.
    """
    from fraction.adapters.sandbox import SandboxedPrograms, choose_sandbox

    programs = SandboxedPrograms(choose_sandbox())
    name = read_environment().model_name
    if model.startswith("http"):
        yield Kit(_trial_judge(chat_model(model), name), programs)
        return
    engine = text_engine(None, Path(model) if model else None, [], False)
    try:
        yield Kit(_trial_judge(engine, name), programs)
    finally:
        engine.close()


def _trial_judge(models: ChatModel, name: str) -> Judge:
    return Judge(Address("0x" + "0" * 40), models, name, sandboxed_tests(), 0, "trial")


class _NoSandbox:
    """Stands where a sandbox should be: code is not judged here, and the reason is said."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def run_tests(self, source: str, hidden: JsonObject) -> TestOutcome:
        raise Unavailable(self._reason)
