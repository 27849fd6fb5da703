"""Where trainings stand, one file each; needs no torch."""

import os
from pathlib import Path


class FolderCheckpoints:
    """Keeps checkpoints in a folder; a kill leaves the old one or the new one, never half of one."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`, made when the first one comes."""
        self._folder = folder

    def load(self, name: str) -> bytes | None:
        """Return what was kept under `name` last; None if nothing was."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def save(self, name: str, state: bytes) -> None:
        """Keep `state` in place of what was there, durable before it returns."""
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._path(name).with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(state)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path(name))

    def drop(self, name: str) -> None:
        """Forget it."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.checkpoint"
