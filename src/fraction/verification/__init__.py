"""Whether it is true: claims, Merkle trees, and when enough nodes agree."""

from fraction.verification.merkle import first_difference, merkle_proof, merkle_root, proves
from fraction.verification.quorum import Attestation, Decision, tally

__all__ = [
    "Attestation",
    "Decision",
    "first_difference",
    "merkle_proof",
    "merkle_root",
    "proves",
    "tally",
]
