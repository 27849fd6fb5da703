"""Blobs on disk survive damage, and nothing outside their folder is ever touched."""

import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraction.adapters.blobs import CachedBlobs, DiskBlobs, cid_of
from fraction.adapters.memory import MemoryBlobs
from fraction.base import Digest, NotFound, Rejected, Unavailable, sha256_of


@contextmanager
def no_file_larger_than(size: int) -> Generator[None]:
    """Let the system refuse to grow files, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_blob_lies_where_its_name_says(tmp_path: Path) -> None:
    digest = DiskBlobs(tmp_path).keep(b"hello")
    assert files_in(tmp_path) == [tmp_path / digest[:2] / digest[2:4] / digest]
    assert DiskBlobs(tmp_path).fetch(digest) == b"hello"


def test_a_damaged_blob_is_reported_never_served_and_replaced_by_keeping_it(tmp_path: Path) -> None:
    told: list[str] = []
    blobs = DiskBlobs(tmp_path, told.append)
    digest = blobs.keep(b"hello")
    (place,) = files_in(tmp_path)
    place.write_bytes(b"jello")
    with pytest.raises(NotFound):
        blobs.fetch(digest)
    assert len(told) == 1
    assert f"{place} is damaged" in told[0]
    assert blobs.keep(b"hello") == digest
    assert blobs.fetch(digest) == b"hello"


def test_a_disk_that_refuses_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path)
    with no_file_larger_than(1000), pytest.raises(Unavailable, match="The disk refuses"):
        blobs.keep(b"x" * 5000)
    assert files_in(tmp_path) == []
    assert blobs.fetch(blobs.keep(b"x" * 5000)) == b"x" * 5000


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="check the folder"):
        DiskBlobs(tmp_path / "file" / "blobs")


@given(st.text(max_size=80) | st.sampled_from(["../../../etc/passwd", "AB" * 32, "ab" * 32 + "\n", "a" * 63]))
def test_what_is_no_digest_is_rejected(name: str) -> None:
    blobs = DiskBlobs(Path("/nonexistent/../tmp"))
    with pytest.raises(Rejected, match="64 lower-case hex"):
        blobs.fetch(Digest(name))


def test_a_blob_found_elsewhere_is_kept_here(tmp_path: Path) -> None:
    here, there = DiskBlobs(tmp_path), MemoryBlobs()
    digest = there.keep(b"hello")
    assert CachedBlobs(here, [MemoryBlobs(), there]).fetch(digest) == b"hello"
    assert here.fetch(digest) == b"hello"


def test_ipfs_knows_a_blob_by_this_name() -> None:
    # `ipfs block put --cid-codec raw` of the same bytes
    assert cid_of(sha256_of(b"hello world")) == "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
