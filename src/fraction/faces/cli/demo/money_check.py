"""Whether every wei that was paid in is accounted for, in the Sessions' own words and on chain."""

from collections.abc import Sequence
from dataclasses import dataclass

from fraction_sdk.texts import money_text
from fraction_sdk.wire import AssetMoneyView, MoneyView, SessionView


@dataclass(frozen=True, slots=True)
class MoneyCheck:
    """The books of one asset, in its smallest unit."""

    asset: str
    decimals: int
    fees: int
    prizes: int
    judge_fees: int
    treasury: int
    refunds: int
    pending: int
    """Fees of Sessions that are not over."""
    bonds: int
    """What the contract holds of bonds, openers' deposits for the next ones included."""
    bonds_returned: int
    """To players whose appeals were upheld, or found no panel."""
    bonds_lost: int
    """What appeals in vain, and openers without a result, paid to judges and treasury."""
    withdrawn: int
    held: int
    """What the contract holds on chain."""
    owed: int
    """What the contract says that it owes players and judges."""

    @property
    def paid_out(self) -> int:
        """Everything that fees were turned into."""
        return self.prizes + self.judge_fees + self.treasury + self.refunds

    @property
    def balanced(self) -> bool:
        """Whether fees and bonds equal what became of them, and the chain holds and owes just that."""
        taken = self.fees + self.bonds_lost
        return (
            taken == self.paid_out + self.pending
            and self.held + self.withdrawn == taken + self.bonds + self.bonds_returned
            and self.owed + self.withdrawn == self.prizes + self.judge_fees + self.refunds + self.bonds_returned
        )

    def line(self) -> str:
        """Return the check in a line."""

        def text(amount: int) -> str:
            return money_text(amount, self.decimals, self.asset)

        verdict = "equal, to the last unit" if self.balanced else "NOT EQUAL"
        lost = f" + lost bonds {text(self.bonds_lost)}" if self.bonds_lost else ""
        returned = f", {text(self.bonds_returned)} back with players" if self.bonds_returned else ""
        return (
            f"fees {text(self.fees)}{lost} = prizes {text(self.prizes)} + judges and treasury "
            f"{text(self.judge_fees + self.treasury)} + refunds {text(self.refunds)}; bonds held {text(self.bonds)}"
            f"{returned}; on chain {text(self.held + self.withdrawn)}: {verdict}"
        )

    def document(self) -> dict[str, object]:
        """Return the check as JSON."""
        names = ("fees", "prizes", "judge_fees", "treasury", "refunds", "pending", "withdrawn", "held", "owed")
        names += ("bonds", "bonds_returned", "bonds_lost")
        amounts = {name: str(getattr(self, name)) for name in names}
        return {"asset": self.asset, "decimals": self.decimals, **amounts, "balanced": self.balanced}


def check_money(money: MoneyView, sessions: Sequence[SessionView]) -> list[MoneyCheck]:
    """Return the check of every asset that was played for.

    Args:
        money: what the platform's books and the chain say
        sessions: every Session of the platform, from which the fees are counted again
    """
    checks = [_check(asset, [s for s in sessions if s.tier.asset == asset.asset]) for asset in money.assets]
    return [check for check in checks if check.fees or check.held]


def _check(asset: AssetMoneyView, sessions: Sequence[SessionView]) -> MoneyCheck:
    settled = [s.settlement for s in sessions if s.settlement is not None]
    fees = sum(int(s.tier.fee) * len(s.entrants) for s in sessions)
    contests = [contest for s in sessions for contest in s.appeals]
    forfeited = sum(int(s.opener_bond) for s in sessions if s.cancelled is not None and s.cancelled.bond_lost)
    denied = sum(int(c.bond) for s in sessions for c in s.appeals if c.outcome == "denied" and s.over)
    return MoneyCheck(
        asset=asset.asset,
        decimals=asset.decimals,
        fees=fees,
        prizes=sum(int(payout) for s in settled for payout in s.payouts),
        judge_fees=sum(int(credit.amount) for s in settled for credit in s.judge_fees),
        treasury=sum(int(s.treasury) for s in settled) + forfeited,
        refunds=sum(int(refund.amount) for s in sessions for refund in s.refunds),
        pending=sum(int(s.tier.fee) * len(s.entrants) for s in sessions if not s.over),
        bonds=sum(int(s.bonds_held) for s in sessions) + int(asset.deposits),
        bonds_returned=sum(int(c.bond) for c in contests if c.outcome in ("upheld", "lapsed")),
        bonds_lost=denied + forfeited,
        withdrawn=int(asset.withdrawn),
        held=int(asset.held),
        owed=sum(int(credit.on_chain) for credit in asset.credits),
    )
