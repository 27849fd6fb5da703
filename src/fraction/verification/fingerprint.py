"""The second class: bfloat16 training on GPUs, checked within stated tolerances, never exact and never mixed with it.

Where a model is too large for exact arithmetic, a trainer publishes, for each step of drawn segments, fingerprints of
activations and of updates: the places of the largest numbers and those numbers. A verifier runs single steps again
from the trainer's own states, so that rounding does not add up over steps, and compares:

    missing     of the published places, how many are not among its own largest (twice as many are looked at)
    exponents   of the places both have, how many have another exponent
    mantissas   mean difference of the 7-bit mantissas where the exponents are equal

What stays inside the tolerances can still be wrong by as much: this class screens, a committee decides, no stake is
lost by arithmetic alone, and wherever a result is shown the class is named beside it.

Source: TOPLOC, Ong et al. 2025, arXiv:2501.16007 (top-k activations; exponent and mantissa statistics).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Rejected

CLASS = "bf16-tolerance-v1"
"""The name that a recipe, a claim and every page show for this class."""
LABEL = "checked within tolerances, not exact"
PLACES = 128


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The largest numbers of a tensor and where they stand."""

    places: tuple[int, ...]
    """In row-major order, the largest number's first."""
    words: tuple[int, ...]
    """The numbers, as bfloat16 bits."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a recomputed tensor is from a fingerprint."""

    missing_ppm: int
    exponents_ppm: int
    mantissas_ppm: int
    """Mean difference, in millionths of the mantissa's last place."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an honest machine of another make may be."""

    missing_ppm: int = 200_000
    exponents_ppm: int = 100_000
    mantissas_ppm: int = 3_000_000

    def allows(self, distance: Distance) -> bool:
        """Return whether the distance is that of honest rounding."""
        return (
            distance.missing_ppm <= self.missing_ppm
            and distance.exponents_ppm <= self.exponents_ppm
            and distance.mantissas_ppm <= self.mantissas_ppm
        )


def fingerprint(words: Sequence[int], places: int = PLACES) -> Fingerprint:
    """Return the fingerprint of a tensor of bfloat16 numbers, given as their bits in row-major order.

    Raises:
        Rejected: there are no numbers, or one is not finite.
    """
    if not words or any(word & 0x7F80 == 0x7F80 for word in words):
        raise Rejected("A fingerprint is made of one or more finite bfloat16 numbers.")
    found = _largest(words, places)
    return Fingerprint(tuple(found), tuple(words[place] for place in found))


def distance(claimed: Fingerprint, words: Sequence[int]) -> Distance:
    """Return how far a recomputed tensor is from what was claimed.

    Raises:
        Rejected: the fingerprint is of a larger tensor.
    """
    if not claimed.places or max(claimed.places) >= len(words):
        raise Rejected("The fingerprint is of another tensor than the one that was computed again.")
    own = set(_largest(words, 2 * len(claimed.places)))
    both = [(word, words[p]) for p, word in zip(claimed.places, claimed.words, strict=True) if p in own]
    equal = [(a, b) for a, b in both if a >> 7 == b >> 7]  # sign and exponent
    apart = sum(abs((a & 0x7F) - (b & 0x7F)) for a, b in equal)
    count = len(claimed.places)
    return Distance(
        missing_ppm=(count - len(both)) * 1_000_000 // count,
        exponents_ppm=(len(both) - len(equal)) * 1_000_000 // max(1, len(both)),
        mantissas_ppm=apart * 1_000_000 // max(1, len(equal)),
    )


def _largest(words: Sequence[int], count: int) -> list[int]:
    """Return the places of the largest magnitudes; of equal ones, the first."""
    return sorted(range(len(words)), key=lambda place: (-(words[place] & 0x7FFF), place))[:count]
