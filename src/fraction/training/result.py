"""What a training run gives: the adapter, and the trail of partial updates that proves it."""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from fraction.base import Digest, Json, Rejected, canonical_json, sha256_of


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """One node's result; honest nodes of one class of machine get the same bytes."""

    adapter: Digest
    """The adapter's blob."""
    leaves: tuple[Digest, ...]
    """The digest of the partial update after each step; the Merkle root over them goes on chain."""
    losses_ppm: tuple[int, ...]
    """The loss before each step, in millionths of a nat per token."""

    def to_bytes(self) -> bytes:
        """Return the blob whose digest is revealed beside the root."""
        leaves: list[Json] = list(self.leaves)
        losses: list[Json] = list(self.losses_ppm)
        return canonical_json({"adapter": self.adapter, "leaves": leaves, "losses_ppm": losses})

    def digest(self) -> Digest:
        """Return the result's name."""
        return sha256_of(self.to_bytes())


_RESULTS: TypeAdapter[TrainingResult] = TypeAdapter(TrainingResult)


def result_from_bytes(blob: bytes) -> TrainingResult:
    """Return the result that a blob holds.

    Raises:
        Rejected: it holds none.
    """
    try:
        return _RESULTS.validate_json(blob)
    except ValidationError as error:
        raise Rejected("The blob is not a training result.") from error
