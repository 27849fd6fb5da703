"""What becomes of the entry fees of one Session.

    pot ─┬─ 10 % fee ─┬─ half to the judges within the tolerance, in equal parts
         │            └─ the rest to the treasury
         └─ net ─────── prizes by place, scaled up if fewer entered than there are places

`vectors/payouts.json` holds this and the contract (`contracts/src/libraries/Settlement.sol`) to the same wei.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction.base import Rejected, Score, Wei
from fraction.economy.division import divide
from fraction.economy.ranking import standings

FEE_BPS = 1_000
"""What is kept of the pot unless governance says otherwise, in hundredths of a percent."""

_WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Payouts:
    """Where every wei of a pot goes."""

    prizes: tuple[Wei, ...]
    """By ticket."""
    judge_fees: tuple[Wei, ...]
    """By place in the panel."""
    treasury: Wei

    @property
    def total(self) -> Wei:
        """Return the sum, which is the pot."""
        return Wei(sum(self.prizes) + sum(self.judge_fees) + self.treasury)


def settle_pot(
    pot: int,
    medians: Sequence[Score],
    payout_bps: Sequence[int],
    deviations: Sequence[int | None],
    tolerance: int,
    fee_bps: int = FEE_BPS,
) -> Payouts:
    """Return who gets what of a Session's pot.

    Args:
        pot: all entry fees together
        medians: by ticket; equal medians share the prizes of the places that they cover
        payout_bps: shares by place, descending
        deviations: each judge's mean distance from the medians, by place in the panel; None without a reveal
        tolerance: the deviation up to which a judge is paid
        fee_bps: what is kept of the pot, as governance had it when the Session opened

    Raises:
        Rejected: nobody entered, or there is no prize.
    """
    if not medians or not payout_bps:
        raise Rejected("A pot without entrants or without prizes cannot be settled; refund it.")
    fee = pot * fee_bps // _WHOLE_BPS
    judge_fees = shared_equally(fee // 2, [d is not None and d <= tolerance for d in deviations])
    return Payouts(
        prizes=prizes_of(pot - fee, medians, payout_bps),
        judge_fees=judge_fees,
        treasury=Wei(fee - sum(judge_fees)),
    )


def refund_pot(fee: int, entrants: int) -> Payouts:
    """Return who gets what when a Session is cancelled: all their fee, nobody anything else."""
    return Payouts(prizes=(Wei(fee),) * entrants, judge_fees=(), treasury=Wei(0))


def place_prizes(net: int, payout_bps: Sequence[int], entrants: int) -> tuple[Wei, ...]:
    """Return the prizes of the places that are filled; they sum to `net`.

    >>> place_prizes(80, [5000, 3000, 2000], 2)
    (50, 30)
    """
    return divide(net, payout_bps[:entrants])


def prizes_of(net: int, medians: Sequence[Score], payout_bps: Sequence[int]) -> tuple[Wei, ...]:
    """Return each ticket's prize; equal medians share the prizes of the places they cover."""
    by_place = place_prizes(net, payout_bps, len(medians))
    by_ticket = [Wei(0)] * len(medians)
    for standing in standings(medians):
        first = standing.place - 1
        shared = sum(by_place[first : first + len(standing.tickets)])
        parts = divide(shared, (1,) * len(standing.tickets))
        for ticket, part in zip(standing.tickets, parts, strict=True):
            by_ticket[ticket] = part
    return tuple(by_ticket)


def shared_equally(pool: int, is_paid: Sequence[bool]) -> tuple[Wei, ...]:
    """Return equal parts of `pool`, rounded down, for those who are paid; the rest stays with the treasury.

    >>> shared_equally(10, [True, False, True, True])
    (3, 0, 3, 3)
    """
    part = pool // max(1, sum(is_paid))
    return tuple(Wei(part * paid) for paid in is_paid)
