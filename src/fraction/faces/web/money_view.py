"""The books of the escrow: what the logs say was paid, beside what the contract holds and owes."""

from collections.abc import Sequence

from fraction.app.chain import Escrow
from fraction.base import Address
from fraction.faces.web.session_view import tier_of
from fraction.sessions import Session, bonds_of, is_returned
from fraction.spaces import Asset
from fraction_sdk.wire import AssetMoneyView, CreditCheckView, MoneyView


def money_view(escrow: Escrow, sessions: Sequence[Session]) -> MoneyView:
    """Return the books of every asset, from all Sessions that the platform knows."""
    assets: list[AssetMoneyView] = []
    for asset in Asset:
        played = [s for s in sessions if tier_of(s).asset is asset]
        credits = _credits(escrow, asset, played)
        fees = sum(tier_of(s).fee * len(s.entrants) for s in played)
        paid = _paid(played)
        bonds = [bonds_of(session) for session in played]
        lost = sum(bond.denied + bond.forfeited for bond in bonds)
        assets.append(
            AssetMoneyView(
                asset=asset.value,
                decimals=asset.decimals,
                fees=str(fees),
                prizes=str(paid["prizes"]),
                judge_fees=str(paid["judge_fees"]),
                treasury=str(paid["treasury"]),
                refunds=str(paid["refunds"]),
                pending=str(fees + lost - sum(paid.values())),
                bonds=str(sum(bond.held for bond in bonds)),
                bonds_returned=str(sum(bond.returned for bond in bonds)),
                bonds_lost=str(lost),
                deposits=str(_deposits(escrow, asset, played)),
                withdrawn=str(sum(max(0, int(c.expected) - int(c.on_chain)) for c in credits)),
                held=str(escrow.held(asset)),
                credits=credits,
            )
        )
    return MoneyView(assets=assets)


def _paid(sessions: Sequence[Session]) -> dict[str, int]:
    settled = [s.settled for s in sessions if s.settled is not None]
    return {
        "prizes": sum(sum(s.payouts) for s in settled),
        "judge_fees": sum(sum(c.amount for c in s.judge_fees) for s in settled),
        "treasury": sum(s.treasury for s in settled) + sum(bonds_of(s).forfeited for s in sessions),
        "refunds": sum(r.amount for s in sessions for r in s.refunds),
    }


def _deposits(escrow: Escrow, asset: Asset, sessions: Sequence[Session]) -> int:
    """Return what the contract owes those who open Sessions: bonds that came back, free for the next ones."""
    return sum(escrow.credit_of(opener, asset) for opener in {session.opened.opener for session in sessions})


def _credits(escrow: Escrow, asset: Asset, sessions: Sequence[Session]) -> list[CreditCheckView]:
    """Return what each account but the treasury should be owed, beside what the contract says."""
    expected: dict[Address, int] = {}

    def credit(account: Address, amount: int) -> None:
        expected[account] = expected.get(account, 0) + amount

    for session in sessions:
        if session.settled is not None:
            for entrant in session.entrants:
                credit(entrant.payee, session.settled.payouts[entrant.ticket])
            for fee in session.settled.judge_fees:
                credit(fee.account, fee.amount)
        for appeal in filter(is_returned, session.appeals):
            credit(appeal.appellant, appeal.bond)
        for refund in session.refunds:
            credit(session.entrants[refund.ticket].snapshot.owner, refund.amount)
    return [
        CreditCheckView(account=account, expected=str(amount), on_chain=str(escrow.credit_of(account, asset)))
        for account, amount in expected.items()
    ]
