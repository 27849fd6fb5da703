"""Receipts: each payment and each slash, with its reason and its transaction; pure functions of the logs."""

from collections.abc import Iterator, Mapping, Sequence

from fraction.app.training_jobs import Status, TrainingJob
from fraction.base import Address
from fraction.faces.web.session_view import tier_of
from fraction.sessions import Session, Slash
from fraction.spaces import Asset
from fraction_sdk.wire import ReceiptView

_FRAC_DECIMALS = 18


def receipt_views(
    sessions: Sequence[Session], jobs: Sequence[TrainingJob], names: Mapping[Address, str]
) -> list[ReceiptView]:
    """Return all receipts, the latest Session's first.

    Args:
        sessions: all Sessions, oldest first
        jobs: all trainings, oldest first
        names: embedded accounts' names by address
    """
    found = [receipt for session in sessions for receipt in _of_session(session)]
    found += [receipt for job in jobs for receipt in _of_training(job)]
    return [r.model_copy(update={"name": r.name or names.get(Address(r.account), "")}) for r in reversed(found)]


def _of_session(session: Session) -> Iterator[ReceiptView]:
    tier = tier_of(session)
    for entrant in session.entrants:
        yield _receipt(session, tier.asset, "entry fee", "into escrow", entrant.snapshot.owner, -tier.fee).model_copy(
            update={
                "agent": entrant.snapshot.agent,
                "name": entrant.snapshot.name,
                "transaction": entrant.transaction,
            }
        )
    yield from _settled(session, tier.asset)
    if session.cancelled is not None:
        yield from _slashes(session, session.cancelled.slashes, session.cancelled.transaction)
    for refund in session.refunds:
        snapshot = session.entrants[refund.ticket].snapshot
        yield _receipt(
            session, tier.asset, "refund", "the Session was cancelled", snapshot.owner, refund.amount
        ).model_copy(update={"agent": snapshot.agent, "name": snapshot.name, "transaction": refund.transaction})


def _settled(session: Session, asset: Asset) -> Iterator[ReceiptView]:
    settled = session.settled
    if settled is None:
        return
    for entrant in session.entrants:
        score = settled.medians[entrant.ticket]
        reason = f"median {score // 100}.{score % 100:02d}"
        if settled.payouts[entrant.ticket]:
            yield _receipt(session, asset, "prize", reason, entrant.payee, settled.payouts[entrant.ticket]).model_copy(
                update={
                    "agent": entrant.snapshot.agent,
                    "name": entrant.snapshot.name,
                    "transaction": settled.transaction,
                }
            )
    for credit in settled.judge_fees:
        receipt = _receipt(session, asset, "judge's fee", credit.reason, credit.account, credit.amount)
        yield receipt.model_copy(update={"name": "judge", "transaction": settled.transaction})
    yield from _slashes(session, settled.slashes, settled.transaction)


def _slashes(session: Session, slashes: Sequence[Slash], transaction: str) -> Iterator[ReceiptView]:
    for slash in slashes:
        yield ReceiptView(
            what="slash",
            reason=slash.reason,
            name="judge",
            account=slash.node,
            amount=str(-slash.amount),
            asset="FRAC",
            decimals=_FRAC_DECIMALS,
            session=session.opened.session,
            transaction=transaction,
        )


def _of_training(job: TrainingJob) -> Iterator[ReceiptView]:
    last = job.transactions[-1] if job.transactions else ""
    agreeing = [node for node in job.nodes if node.agrees]
    for node in agreeing if job.status is not Status.FAILED else ():
        yield ReceiptView(
            what="training fee",
            reason="its result is the one that the quorum found",
            name=node.role,
            account=node.node,
            amount=str((job.fee or 0) // len(agreeing)),
            asset=Asset.ETH.value,
            decimals=Asset.ETH.decimals,
            training=job.name,
            transaction=last,
        )
    for node in job.nodes:
        if node.slashed:
            yield ReceiptView(
                what="slash",
                reason="its result is not the quorum's, or it did not reveal",
                name=node.role,
                account=node.node,
                amount=str(-node.slashed),
                asset="FRAC",
                decimals=_FRAC_DECIMALS,
                training=job.name,
                transaction=last,
            )


def _receipt(session: Session, asset: Asset, what: str, reason: str, account: Address, amount: int) -> ReceiptView:
    return ReceiptView(
        what=what,
        reason=reason,
        name="",
        account=account,
        amount=str(amount),
        asset=asset.value,
        decimals=asset.decimals,
        session=session.opened.session,
        transaction="",
    )
