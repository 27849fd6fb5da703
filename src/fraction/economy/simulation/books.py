"""The contracts' books, kept in Python: stakes and credits as `SessionEscrow` and `StakeVault` write them.

What is paid and slashed comes from `fraction.economy`; here it reaches accounts. A test plays the same random Sessions
with the contracts and with these books, and compares every account (`tests/contracts/test_books.py`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fraction.base import Rejected
from fraction.economy.appeals import Hearing, PotTerms, Result, settle_session
from fraction.economy.stakes import DEVIATION_BPS, NO_SHOW_BPS, OVERRULED_BPS, stake_part

Point = Callable[[int, int], int]
"""Chance of a draw: from how many were drawn already and the weight that is left, a number below that weight."""

Row: TypeAlias = tuple[int, ...]
"""What one judge gave, by place."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Judges who had their time."""

    judges: tuple[str, ...]
    """In the order drawn, without those who were replaced."""
    rows: tuple[Row | None, ...]
    """By judge; None without a reveal."""
    replaced: tuple[str, ...] = ()
    """Those who stayed away while there was time to draw others."""
    uncommitted: frozenset[str] = frozenset()
    """Judges who did not even commit; the others without a row withheld it, or reveals never began."""

    @property
    def reveals(self) -> int:
        """Return how many revealed."""
        return sum(row is not None for row in self.rows)

    def absent(self, quorum: int) -> tuple[str, ...]:
        """Return who is slashed for staying away: where fewer than `quorum` committed nobody could reveal."""
        could_reveal = len(self.judges) - len(self.uncommitted) >= quorum
        silent = (judge for judge, row in zip(self.judges, self.rows, strict=True) if row is None)
        return *self.replaced, *(judge for judge in silent if could_reveal or judge in self.uncommitted)


@dataclass(frozen=True, slots=True)
class Appeals:
    """One round: what was contested, by whom, and who judged it."""

    tickets: tuple[int, ...]
    appellants: tuple[str, ...]
    panel: Panel
    quorum: int

    @property
    def lapsed(self) -> bool:
        """Return whether the panel did not decide."""
        return self.panel.reveals < self.quorum


@dataclass(frozen=True, slots=True)
class Played:
    """A Session whose judges have had their time."""

    terms: PotTerms
    quorum: int
    payees: tuple[str, ...]
    """By ticket: who gets the prize, or the fee back."""
    panel: Panel
    appeals: tuple[Appeals, ...] = ()


Movements: TypeAlias = list[tuple[str, int]]
"""Who got (or, below 0, lost of its stake) how much."""


class Books:
    """Accounts of everybody in the economy."""

    def __init__(self, minimum_stake: int) -> None:
        """Open empty books; nodes below `minimum_stake` are not drawn."""
        self.minimum_stake = minimum_stake
        self.stakes: dict[str, int] = {}
        """By node, in the order of registration, which is the order of draws."""
        self.credits: Counter[str] = Counter()
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

    def finish(self, played: Played) -> tuple[Result | None, Movements]:
        """Settle a Session, or cancel it without a quorum; return the result (None: cancelled) and what moved."""
        rounds = [(played.panel, played.quorum), *((round.panel, round.quorum) for round in played.appeals)]
        moved = [self._slash(judge, NO_SHOW_BPS) for panel, quorum in rounds for judge in panel.absent(quorum)]
        if played.panel.reveals < played.quorum:
            return None, moved + [self._credit(payee, played.terms.fee) for payee in played.payees]
        result = settle_session(played.terms, played.panel.rows, [hearing_of(round) for round in played.appeals])
        self.treasury += result.treasury
        moved += [self._credit(payee, prize) for payee, prize in zip(played.payees, result.prizes, strict=True)]
        for round, rulings in zip(played.appeals, result.rulings, strict=True):
            for appellant, ruling in zip(round.appellants, rulings, strict=True):
                moved.append(self._credit(appellant, ruling.bond_back))
        deciding = [played.panel, *(round.panel for round in played.appeals if not round.lapsed)]
        for place, panel in enumerate(deciding):
            moved += [self._credit(*paid) for paid in zip(panel.judges, result.judge_fees[place], strict=True)]
            for judge, is_off, is_overruled in zip(
                panel.judges, result.deviates[place], result.overruled[place], strict=True
            ):
                if is_off:
                    moved.append(self._slash(judge, OVERRULED_BPS if is_overruled else DEVIATION_BPS))
        return result, moved

    def _credit(self, account: str, amount: int) -> tuple[str, int]:
        self.credits[account] += amount
        return account, amount

    def _slash(self, judge: str, bps: int) -> tuple[str, int]:
        part = stake_part(self.stakes[judge], bps)
        self.stakes[judge] -= part
        self.slashed += part
        return judge, -part


def hearing_of(round: Appeals) -> Hearing:
    """Return what the economy needs to know of a round; one without a quorum decided nothing."""
    rows = tuple(None for _ in round.panel.rows) if round.lapsed else round.panel.rows
    return Hearing(tickets=round.tickets, rows=rows)


def _node_at(at: int, weights: Mapping[str, int]) -> str:
    """Return the node in whose part of the line from 0 to the sum of the weights a number falls."""
    for node, weight in weights.items():
        if at < weight:
            return node
        at -= weight
    raise Rejected("A draw's number must be below the weight of all nodes.")
