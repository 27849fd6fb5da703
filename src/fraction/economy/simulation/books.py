"""The contracts' books, kept in Python: stakes, credits and points as `SessionEscrow` and `StakeVault` write them.

What is paid and slashed comes from `fraction.economy`; here it reaches accounts. A test plays the same random Sessions
with the contracts and with these books, and compares every account (`tests/contracts/test_books.py`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from fraction.base import Rejected, Score
from fraction.economy.pot import Payouts, refund_pot, settle_pot
from fraction.economy.stakes import judge_slashes

Point = Callable[[int, int], int]
"""Chance of a draw: from how many were drawn already and the weight that is left, a number below that weight."""


@dataclass(frozen=True, slots=True)
class Played:
    """A Session whose judges have had their time."""

    fee: int
    payout_bps: tuple[int, ...]
    tolerance: int
    quorum: int
    owners: tuple[str, ...]
    """By ticket: who paid the entry fee, and gets the prize."""
    panel: tuple[str, ...]
    rows: tuple[tuple[int, ...] | None, ...]
    """By place in the panel: scores by ticket; None without a reveal."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a Session."""

    medians: tuple[Score, ...]
    """By ticket; empty if it was cancelled."""
    payouts: Payouts
    slashes: tuple[int, ...]
    """By place in the panel."""


class Books:
    """Accounts of everybody in the economy."""

    def __init__(self, minimum_stake: int) -> None:
        """Open empty books; nodes below `minimum_stake` are not drawn."""
        self.minimum_stake = minimum_stake
        self.stakes: dict[str, int] = {}
        """By node, in the order of registration, which is the order of draws."""
        self.credits: Counter[str] = Counter()
        self.points: Counter[str] = Counter()
        self.judge_points: Counter[str] = Counter()
        self.treasury = 0
        self.slashed = 0

    def stake(self, node: str, amount: int) -> None:
        """Register a node, or add to its stake."""
        self.stakes[node] = self.stakes.get(node, 0) + amount

    def draw(self, count: int, excluded: Collection[str], point: Point) -> tuple[str, ...]:
        """Return up to `count` nodes, drawn by stake without replacement."""
        weights = {
            node: stake for node, stake in self.stakes.items() if node not in excluded and stake >= self.minimum_stake
        }
        drawn: list[str] = []
        while weights and len(drawn) < count:
            node = _node_at(point(len(drawn), sum(weights.values())), weights)
            drawn.append(node)
            del weights[node]
        return tuple(drawn)

    def finish(self, played: Played, corrections: Mapping[int, Score] | None = None) -> Result:
        """Settle a Session, or cancel it if fewer than the quorum revealed; return what became of it.

        Args:
            played: what the panel did
            corrections: by ticket, the scores that upheld appeals put in the place of the panel's medians
        """
        revealed = [row for row in played.rows if row is not None]
        if len(revealed) < played.quorum:
            return self._cancel(played)
        medians, deviations = weigh(played.rows, corrections or {})
        pot = played.fee * len(played.owners)
        payouts = settle_pot(pot, medians, played.payout_bps, deviations, played.tolerance)
        self.treasury += payouts.treasury
        self.points.update(played.owners)
        for judge, fee, deviation in zip(played.panel, payouts.judge_fees, deviations, strict=True):
            self.credits[judge] += fee
            self.judge_points[judge] += deviation is not None and deviation <= played.tolerance
        return self._book(played, medians, payouts, deviations)

    def _cancel(self, played: Played) -> Result:
        payouts = refund_pot(played.fee, len(played.owners))
        deviations = [None if row is None else 0 for row in played.rows]
        return self._book(played, (), payouts, deviations)

    def _book(
        self, played: Played, medians: tuple[Score, ...], payouts: Payouts, deviations: Sequence[int | None]
    ) -> Result:
        for owner, prize in zip(played.owners, payouts.prizes, strict=True):
            self.credits[owner] += prize
        stakes = [self.stakes[judge] for judge in played.panel]
        slashes = judge_slashes(stakes, deviations, played.tolerance)
        for judge, slash in zip(played.panel, slashes, strict=True):
            self.stakes[judge] -= slash
            self.slashed += slash
        return Result(medians, payouts, slashes)


def weigh(
    rows: Sequence[Sequence[int] | None], corrections: Mapping[int, Score]
) -> tuple[tuple[Score, ...], tuple[int | None, ...]]:
    """Return the lower medians by ticket, some of them corrected, and each judge's mean distance from them.

    The distance is rounded down; it is None without a reveal.

    Raises:
        Rejected: nobody revealed.

    >>> weigh([(10, 20), None, (30, 20)], {})
    ((10, 20), (0, None, 10))
    """
    revealed = [row for row in rows if row is not None]
    if not revealed:
        raise Rejected("Without a reveal there is no median.")
    medians = [lower_median(column) for column in zip(*revealed, strict=True)]
    final = tuple(corrections.get(ticket, median) for ticket, median in enumerate(medians))
    return final, tuple(None if row is None else _distance(row, final) for row in rows)


def lower_median(scores: Sequence[int]) -> Score:
    """Return the middle score, of two middle ones the lower."""
    return Score(sorted(scores)[(len(scores) - 1) // 2])


def _node_at(at: int, weights: Mapping[str, int]) -> str:
    """Return the node in whose part of the line from 0 to the sum of the weights a number falls."""
    for node, weight in weights.items():
        if at < weight:
            return node
        at -= weight
    raise Rejected("A draw's number must be below the weight of all nodes.")


def _distance(row: Sequence[int], medians: Sequence[Score]) -> int:
    return sum(abs(score - median) for score, median in zip(row, medians, strict=True)) // len(medians)
