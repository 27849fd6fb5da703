"""The name of a base: the digest of its weights; needs no torch, so the platform can tell it too."""

import hashlib
from pathlib import Path

from fraction.base import Digest, Rejected, sha256_of

_CHUNK = 1 << 20


def weights_digest(path: Path | str) -> Digest:
    """Return the SHA-256 of the folder's weights file, or of the list of digests if there are several.

    Raises:
        Rejected: there is no safetensors file.
    """
    digests: list[Digest] = []
    for file in sorted(Path(path).glob("*.safetensors")):
        running = hashlib.sha256()
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                running.update(chunk)
        digests.append(Digest(running.hexdigest()))
    if not digests:
        raise Rejected(f"There are no weights in {path}: save the model as safetensors.")
    return digests[0] if len(digests) == 1 else sha256_of("\n".join(digests).encode())
