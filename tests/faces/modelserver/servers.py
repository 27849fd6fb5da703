# pyright: basic
# torch has no complete types.
"""The model server over a tiny random model, in this process, on a free port."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from fraction.adapters.lora.base import load_base
from fraction.adapters.lora.engine import EngineSettings, LocalTextEngine
from fraction.app.generation import TextEngine
from fraction.faces.modelserver import create_app
from tests.adapters.lora.tiny_models import BlobShelf


@contextmanager
def serving(engine: TextEngine) -> Generator[str]:
    """Serve `engine` until the block ends; give the server's URL."""
    server = uvicorn.Server(uvicorn.Config(create_app(engine, now=lambda: 1_000), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
            assert thread.is_alive()
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def tiny_engine(folder: Path, shelf: BlobShelf, queue: int = 64) -> Generator[LocalTextEngine]:
    """Run the tiny model in `folder` with four rows."""
    engine = LocalTextEngine(load_base(folder, nf4=False), shelf, EngineSettings(rows=4, queue=queue))
    try:
        yield engine
    finally:
        engine.close()
