"""Blobs in a folder: `ab/cd/abcd…` holds the bytes whose SHA-256 is `abcd…`.

A blob is written beside its place, flushed, and renamed into it; so a reader, another process or a power
cut sees all of it or nothing.
"""

import errno
import logging
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fraction.adapters.blobs.cid import is_digest
from fraction.base import Digest, NotFound, Rejected, Unavailable, sha256_of

_LOGGER = logging.getLogger("fraction.blobs")


class DiskBlobs:
    """Keeps blobs in a folder; a `Blobs`. Several processes may share the folder."""

    def __init__(self, folder: Path, on_trouble: Callable[[str], None] = _LOGGER.warning) -> None:
        """Keep them in `folder`, which is made if need be.

        Args:
            folder: on a local disk
            on_trouble: is told, in a sentence, of each damaged blob that is met; without it they are logged

        Raises:
            Unavailable: the folder cannot be made.
        """
        self._folder = folder
        self._on_trouble = on_trouble
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refused(folder, error) from error

    def fetch(self, digest: Digest) -> bytes:
        """Return the bytes, which have been checked against `digest`.

        Raises:
            NotFound: there is no such blob, or it is damaged (which is told to `on_trouble`).
            Unavailable: the disk cannot be read.
        """
        place = self._place(digest)
        try:
            payload = place.read_bytes()
        except FileNotFoundError as error:
            raise _missing(digest) from error
        except OSError as error:
            raise _refused(place, error) from error
        if sha256_of(payload) != digest:
            self._on_trouble(f"The blob in {place} is damaged and counts as missing; check the disk.")
            raise _missing(digest)
        return payload

    def keep(self, payload: bytes) -> Digest:
        """Keep `payload`, durable before it returns; return its name. A damaged copy is replaced.

        Raises:
            Unavailable: the disk is full or cannot be written; nothing was kept.
        """
        digest = sha256_of(payload)
        with suppress(NotFound):
            self.fetch(digest)
            return digest
        place = self._place(digest)
        try:
            self._write(place, payload)
        except OSError as error:
            raise _refused(place, error) from error
        return digest

    def _place(self, digest: str) -> Path:
        if not is_digest(digest):
            raise Rejected(f"A blob's name is 64 lower-case hex characters; {digest!r:.80} is none.")
        return self._folder / digest[:2] / digest[2:4] / digest

    def _write(self, place: Path, payload: bytes) -> None:
        self._make_durable_folders(place.parent)
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".new-")
        try:
            with open(handle, "wb") as file:
                file.write(payload)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, place)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        _flush_folder(place.parent)

    def _make_durable_folders(self, folder: Path) -> None:
        for made in (folder.parent, folder):
            if not made.is_dir():
                made.mkdir(exist_ok=True)
                _flush_folder(made.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _missing(digest: Digest) -> NotFound:
    return NotFound(f"There is no blob {digest} here; ask a node that has it.")


def _refused(place: Path, error: OSError) -> Unavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(f"The disk that holds {place} is full; free some space and try again.")
    return Unavailable(f"The disk refuses {place} ({error.strerror}); check the folder and its permissions.")
