"""Quantities as whole numbers: there is no float in this code base that pays or ranks."""

from typing import NewType

Wei = NewType("Wei", int)
"""The smallest unit of the asset in question: 1e-18 ETH, or 1e-6 of the stablecoin."""

Instant = NewType("Instant", int)
"""Whole seconds since 1970-01-01 UTC, as the chain counts them."""

Score = NewType("Score", int)
"""Hundredths of a point, 0..10000 for 0.00 to 100.00 points, so that every node ranks alike."""
