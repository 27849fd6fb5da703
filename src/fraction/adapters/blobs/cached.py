"""Blobs that are kept here once they have been found elsewhere."""

from collections.abc import Sequence

from fraction.app.ports import BlobReader, Blobs
from fraction.base import Digest, NotFound, Unavailable


class CachedBlobs:
    """Looks here first, then elsewhere, and keeps what it finds; a `Blobs`."""

    def __init__(self, local: Blobs, readers: Sequence[BlobReader]) -> None:
        """Keep blobs in `local`; ask `readers` in order for those that are not there."""
        self._local = local
        self._readers = tuple(readers)

    def fetch(self, digest: Digest) -> bytes:
        """Return the bytes, which have been checked against `digest`.

        Raises:
            NotFound: nobody has them.
            Unavailable: nobody who could be asked has them.
        """
        try:
            return self._local.fetch(digest)
        except NotFound as error:
            missing = error
        unasked: list[str] = []
        for reader in self._readers:
            try:
                payload = reader.fetch(digest)
            except NotFound:
                continue
            except Unavailable as error:
                unasked.append(str(error))
                continue
            self._local.keep(payload)
            return payload
        if unasked:
            raise Unavailable(" ".join(unasked))
        raise missing

    def keep(self, payload: bytes) -> Digest:
        """Keep `payload`, durable before it returns; return its name."""
        return self._local.keep(payload)
