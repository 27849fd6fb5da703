"""What becomes of a Session's money when scores are contested.

    first panel ─▶ medians ─▶ appeal? ─▶ fresh panel of 2n+1 ─▶ further off than the tolerance? ─▶ corrected scores
                                                     bond: back to the appellant │ to the panel

A judge is overruled if its score of an entry whose score was corrected is beyond the tolerance; it deviates if it is
overruled, or its mean distance from the final scores is beyond the tolerance. `vectors/appeals.json` holds this and the
contract (`contracts/src/SessionRulings.sol`, `SessionPayments.sol`) to the same wei.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from fraction.base import Rejected, Score, Wei
from fraction.economy.pot import FEE_BPS, prizes_of, shared_equally

Rows: TypeAlias = Sequence[Sequence[int] | None]
"""What each judge of a panel gave, by place in the panel; None without a reveal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PotTerms:
    """The rules by which a Session pays."""

    fee: int
    """Of each entrant."""
    payout_bps: tuple[int, ...]
    tolerance: int
    fee_bps: int = FEE_BPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One round of appeals: which tickets were contested, and what the fresh panel gave them."""

    tickets: tuple[int, ...]
    rows: Rows = ()
    """Scores in the order of `tickets`; no reveal at all means that the round lapsed."""

    @property
    def lapsed(self) -> bool:
        """Whether the panel decided nothing."""
        return not any(row is not None for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What became of one appeal."""

    ticket: int
    score: Score | None
    """The panel's median; None if the appeal lapsed."""
    upheld: bool
    bond: Wei
    """What the appellant paid; it comes back unless the appeal was denied."""

    @property
    def bond_back(self) -> Wei:
        """Return what the appellant gets."""
        return self.bond if self.upheld or self.score is None else Wei(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Where every wei of a pot and its bonds goes."""

    scores: tuple[Score, ...]
    """Final, by ticket."""
    prizes: tuple[Wei, ...]
    rulings: tuple[tuple[Ruling, ...], ...]
    """By round, then in the order of the appeals."""
    deviates: tuple[tuple[bool, ...], ...]
    """By panel, the first one first, then by place in it; False without a reveal."""
    overruled: tuple[tuple[bool, ...], ...]
    """As `deviates`."""
    judge_fees: tuple[tuple[Wei, ...], ...]
    """As `deviates`."""
    treasury: Wei

    @property
    def total(self) -> Wei:
        """Return the sum, which is the pot and all bonds."""
        bonds = sum(ruling.bond_back for rulings in self.rulings for ruling in rulings)
        return Wei(sum(self.prizes) + sum(map(sum, self.judge_fees)) + self.treasury + bonds)


def settle_session(terms: PotTerms, rows: Rows, hearings: Sequence[Hearing] = ()) -> Result:
    """Return who gets what of a Session whose first panel gave `rows`, after all appeals.

    Raises:
        Rejected: nobody entered, nobody revealed, or there is no prize.
    """
    given = [row for row in rows if row is not None]
    if not given or not given[0] or not terms.payout_bps:
        raise Rejected("A pot without entrants, scores or prizes cannot be settled; refund it.")
    medians = _medians(given)
    rulings, finals = _heard(terms, medians, hearings)
    corrected = {r.ticket for round in rulings for r in round if r.upheld}
    panels = [(tuple(range(len(medians))), rows, medians)]
    panels += [(h.tickets, h.rows, _medians([r for r in h.rows if r is not None])) for h in hearings if not h.lapsed]
    overruled: list[tuple[bool, ...]] = []
    deviates: list[tuple[bool, ...]] = []
    for tickets, given_rows, own in panels:
        right = [finals[t] if t in corrected else median for t, median in zip(tickets, own, strict=True)]
        overruled.append(_overruled(terms.tolerance, tickets, given_rows, finals, corrected))
        deviates.append(_deviates(terms.tolerance, given_rows, right, overruled[-1]))
    kept = terms.fee * len(medians) * terms.fee_bps // 10_000
    pools, costs = _pools(kept, rulings)
    pools = [kept // 2, *(pool for pool, hearing in zip(pools, hearings, strict=True) if not hearing.lapsed)]
    fees = [
        shared_equally(pool, [row is not None and not off for row, off in zip(panel[1], offs, strict=True)])
        for pool, panel, offs in zip(pools, panels, deviates, strict=True)
    ]
    return Result(
        scores=finals,
        prizes=prizes_of(terms.fee * len(medians) - kept, finals, terms.payout_bps),
        rulings=rulings,
        deviates=tuple(deviates),
        overruled=tuple(overruled),
        judge_fees=tuple(fees),
        treasury=Wei(kept - kept // 2 - costs + sum(pools) - sum(map(sum, fees))),
    )


def bond_of(fee: int, round: int) -> Wei:
    """Return what an appeal costs that the panel of `round` (from 1) decides.

    >>> bond_of(5, 1), bond_of(5, 2)
    (5, 10)
    """
    return Wei(fee << (round - 1))


def panel_size(judges: int, round: int) -> int:
    """Return how many judges sit in the panel of `round`: n, 2n+1, 2(2n+1)+1.

    >>> [panel_size(3, round) for round in range(3)]
    [3, 7, 15]
    """
    return ((judges + 1) << round) - 1


def _medians(rows: Sequence[Sequence[int]]) -> tuple[Score, ...]:
    # lower median: with an even panel, an average could be a score that no judge gave
    return tuple(Score(sorted(column)[(len(column) - 1) // 2]) for column in zip(*rows, strict=True))


def _heard(
    terms: PotTerms, medians: tuple[Score, ...], hearings: Sequence[Hearing]
) -> tuple[tuple[tuple[Ruling, ...], ...], tuple[Score, ...]]:
    """Return what became of each appeal, and the scores afterwards."""
    scores = list(medians)
    rulings: list[tuple[Ruling, ...]] = []
    for round, hearing in enumerate(hearings, 1):
        bond = bond_of(terms.fee, round)
        if hearing.lapsed:
            rulings.append(tuple(Ruling(ticket=t, score=None, upheld=False, bond=bond) for t in hearing.tickets))
            continue
        found = zip(hearing.tickets, _medians([r for r in hearing.rows if r is not None]), strict=True)
        ruled = tuple(
            Ruling(ticket=t, score=score, upheld=abs(score - scores[t]) > terms.tolerance, bond=bond)
            for t, score in found
        )
        for ruling in ruled:
            if ruling.upheld and ruling.score is not None:
                scores[ruling.ticket] = ruling.score
        rulings.append(ruled)
    return tuple(rulings), tuple(scores)


def _pools(kept: int, rulings: Sequence[Sequence[Ruling]]) -> tuple[list[int], int]:
    """Return what each round's panel shares, and how much of that is the treasury's.

    A denied appeal's bond is the panel's. For one that is upheld the treasury pays as much, as far as its half reaches.
    """
    left = kept - kept // 2
    pools: list[int] = []
    for round in rulings:
        pool = 0
        for ruling in round:
            part = min(ruling.bond, left) if ruling.upheld else ruling.bond - ruling.bond_back
            left -= part if ruling.upheld else 0
            pool += part
        pools.append(pool)
    return pools, kept - kept // 2 - left


def _overruled(
    tolerance: int, tickets: Sequence[int], rows: Rows, finals: Sequence[Score], corrected: set[int]
) -> tuple[bool, ...]:
    """Return who of a panel is beyond the tolerance at a corrected score."""
    places = [place for place, ticket in enumerate(tickets) if ticket in corrected]
    return tuple(
        row is not None and any(abs(row[place] - finals[tickets[place]]) > tolerance for place in places)
        for row in rows
    )


def _deviates(tolerance: int, rows: Rows, right: Sequence[Score], overruled: Sequence[bool]) -> tuple[bool, ...]:
    """Return who of a panel is overruled, or in the mean further than the tolerance from the `right` scores."""

    def is_off(row: Sequence[int]) -> bool:
        return sum(abs(a - b) for a, b in zip(row, right, strict=True)) // len(right) > tolerance

    return tuple(row is not None and (blamed or is_off(row)) for row, blamed in zip(rows, overruled, strict=True))
