# pyright: basic
# torch has no complete types.
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
import torch

from fraction.adapters.lora.engine import LocalTextEngine
from tests.adapters.lora.tiny_models import BlobShelf, save_model
from tests.faces.modelserver.servers import serving, tiny_engine


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return save_model(tmp_path_factory.mktemp("llama"), "llama")


@pytest.fixture(scope="session")
def shelf() -> BlobShelf:
    return BlobShelf()


@pytest.fixture(scope="session")
def engine(llama: Path, shelf: BlobShelf) -> Iterator[LocalTextEngine]:
    with tiny_engine(llama, shelf) as one:
        yield one


@pytest.fixture(scope="session")
def url(engine: LocalTextEngine) -> Iterator[str]:
    with serving(engine) as address:
        yield address


@pytest.fixture(scope="session")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0) as one:
        yield one
