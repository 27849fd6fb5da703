"""Judges to be measured, and the entries of known quality that ship with the package."""

import json
import time
from pathlib import Path

from fraction.adapters.memory import MemoryBlobs
from fraction.app.evaluate_judge import KnownEntry
from fraction.app.generation import ChatModel
from fraction.app.judge_session import Judge
from fraction.base import Address, NotFound
from fraction.spaces import Space
from fraction.wiring.models import chat_model, embedded_model, sandboxed_tests
from fraction.wiring.platform import catalog

_JUDGED = Path(__file__).resolve().parents[1] / "spaces" / "judged"
_ROWS = 32


def judge_with(model: str) -> Judge:
    """Return a judge that asks the model of a folder or of a server's URL; the embedded one if `model` is empty."""
    if model.startswith(("http://", "https://")):
        url, _, name = model.partition("#")
        return _judge(chat_model(url), name or "base")
    from fraction.adapters.lora.base import load_base
    from fraction.adapters.lora.engine import EngineSettings, LocalTextEngine

    folder = Path(model) if model else embedded_model()
    engine = LocalTextEngine(load_base(folder, nf4=False), MemoryBlobs(), EngineSettings(rows=_ROWS, queue=4_000))
    return _judge(engine, "base")


def _judge(models: ChatModel, model: str) -> Judge:
    return Judge(Address("0x" + "0" * 40), models, model, sandboxed_tests(), 0, "evaluation")


def stopwatch() -> float:
    """Return seconds since some moment."""
    return time.monotonic()


def known_entries(space_id: str) -> tuple[Space, tuple[KnownEntry, ...]]:
    """Return a shipped Space and its entries of known quality.

    Raises:
        NotFound: no such Space ships with entries.
    """
    names = sorted(path.stem for path in _JUDGED.glob("*.json"))
    space = next((space for space in catalog() if space.id == space_id and space_id in names), None)
    if space is None:
        raise NotFound(f"There are no judged entries for {space_id}; choose one of {', '.join(names)}.")
    rows = json.loads((_JUDGED / f"{space_id}.json").read_text(encoding="utf-8"))
    return space, tuple(KnownEntry(row["task"], row["reply"], row["levels"]) for row in rows)
