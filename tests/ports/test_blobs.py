"""One suite over every adapter that keeps blobs."""

from pathlib import Path

import pytest

from fraction.adapters.blobs import CachedBlobs, DiskBlobs
from fraction.adapters.memory import MemoryBlobs
from fraction.app.ports import Blobs
from fraction.base import NotFound, sha256_of


@pytest.fixture(params=["memory", "disk", "cached"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "memory":
        return MemoryBlobs()
    disk = DiskBlobs(tmp_path / "blobs")
    return disk if request.param == "disk" else CachedBlobs(MemoryBlobs(), [disk])


@pytest.mark.parametrize("payload", [b"", b"hello", bytes(range(256)) * 4096])
def test_what_is_kept_is_found_by_its_digest(blobs: Blobs, payload: bytes) -> None:
    digest = blobs.keep(payload)
    assert digest == sha256_of(payload)
    assert blobs.keep(payload) == digest
    assert blobs.fetch(digest) == payload


def test_what_nobody_kept_is_not_found(blobs: Blobs) -> None:
    with pytest.raises(NotFound):
        blobs.fetch(sha256_of(b"nobody kept this"))
