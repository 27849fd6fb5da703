"""The tiny models, saved once a run."""

from pathlib import Path

import pytest
import torch

from tests.adapters.lora.tiny_models import SHAPES, save_model


@pytest.fixture(scope="session")
def model_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a folder for each family."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("models")
    return {shape: save_model(root / shape, shape) for shape in SHAPES}


@pytest.fixture(scope="session")
def llama(model_folders: dict[str, Path]) -> Path:
    """Return the small Llama's folder."""
    return model_folders["llama"]
