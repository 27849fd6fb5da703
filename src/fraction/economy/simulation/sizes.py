"""The sizes at which the economy is simulated: what is published for the Spaces, and what is assumed about the world.

Money is in millionths of a dollar, stakes too, at a fixed price of FRAC: a changing one is another risk than cheating.
"""

from dataclasses import dataclass

DOLLAR = 1_000_000
"""Millionths of a dollar in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """One economy."""

    entrants: int = 6
    fee: int = 2 * DOLLAR
    payout_bps: tuple[int, ...] = (5000, 3000, 2000)
    bond_percent: int = 100
    """What an opener answers with for a result, of what all entrants together pay."""
    judges: int = 5
    quorum: int = 3
    tolerance: int = 1000
    """Mean distance from the medians up to which a judge is paid, in hundredths of a point."""
    nodes: int = 20
    """Judge nodes, those of cheats included."""
    stake: int = 100 * DOLLAR
    """What a node stakes, and the least it may: 1000 FRAC at 10 cents."""
    judge_cost: int = DOLLAR // 50
    """What reading a whole Session honestly costs a judge (electricity, or a model's price)."""
    noise: int = 400
    """How far an honest judge's score lies from an entry's quality: standard deviation, hundredths of a point."""
    spread: int = 1500
    """How far the qualities of entries lie apart: standard deviation, hundredths of a point."""
    absent_percent: int = 1
    """How often an honest judge fails to reveal."""
    gas: int = DOLLAR // 100
    """What an entry, or a judge's commit and reveal, costs on a rollup."""
    watch_percent: int = 50
    """How often a player who lost by a wrong score reads the others' entries, and contests it."""
    emission: int = 1_000 * DOLLAR
    """What a month's FRAC for builders is worth."""
    traffic: int = 20_000
    """Points that others earn in that month."""
    points_need_fee: bool = True
    """Whether only Sessions with an entry fee give points."""
