"""The staked nodes: what each has at stake, earned and lost, and how judges judged."""

from collections import Counter
from collections.abc import Sequence

from fraction.app.chain import Role, Vault
from fraction.app.training_jobs import TrainingJob
from fraction.base import Address
from fraction.faces.web.session_view import tier_of
from fraction.judging.intervals import Interval
from fraction.judging.record import Record, card_of
from fraction.sessions import Session
from fraction.sessions.records import records_of
from fraction.spaces import Asset
from fraction_sdk.wire import EarnedView, EstimateView, JudgeRecordView, NodeView


def node_views(vault: Vault, sessions: Sequence[Session], jobs: Sequence[TrainingJob]) -> list[NodeView]:
    """Return every registered node; earnings and losses as the logs tell them."""
    earned = _judge_fees(sessions) + _training_fees(jobs)
    slashed = _slashed(sessions, jobs)
    work = Counter(judge for s in sessions for judge in s.judges)
    work += Counter(node.node for job in jobs for node in job.nodes)
    records = records_of(sessions)
    return [
        NodeView(
            address=address,
            role=role.name.lower(),
            endpoint=vault.endpoint_of(role, address),
            stake=str(vault.stake_of(role, address)),
            earned=_earned(earned, address),
            slashed=str(slashed[address]),
            jobs=work[address],
            record=_record(records[address]) if role is Role.JUDGE and address in records else None,
        )
        for role in Role
        for address in vault.nodes(role)
    ]


def _record(record: Record) -> JudgeRecordView:
    card = card_of(record)
    return JudgeRecordView(
        drawn=record.drawn,
        answered=_thousandths(card.presence),
        agreement=card.agreement and _thousandths(card.agreement),
        length_bias=card.length_bias and _thousandths(card.length_bias),
        kin_bias=card.kin_bias and _thousandths(card.kin_bias, one=10),
    )


def _thousandths(found: Interval, one: int = 1_000) -> EstimateView:
    """Return the estimate on the wire; `one` is how many thousandths its unit has."""
    return EstimateView(low=round(one * found.low), value=round(one * found.value), high=round(one * found.high))


def _judge_fees(sessions: Sequence[Session]) -> Counter[tuple[Address, Asset]]:
    fees: Counter[tuple[Address, Asset]] = Counter()
    for session in sessions:
        if session.settled is not None:
            for credit in session.settled.judge_fees:
                fees[credit.account, tier_of(session).asset] += credit.amount
    return fees


def _training_fees(jobs: Sequence[TrainingJob]) -> Counter[tuple[Address, Asset]]:
    fees: Counter[tuple[Address, Asset]] = Counter()
    for job in jobs:
        agreeing = [node.node for node in job.nodes if node.agrees]
        for node in agreeing:
            fees[node, Asset.ETH] += (job.fee or 0) // len(agreeing)
    return fees


def _slashed(sessions: Sequence[Session], jobs: Sequence[TrainingJob]) -> Counter[Address]:
    lost: Counter[Address] = Counter()
    for session in sessions:
        for end in (session.settled, session.cancelled):
            for slash in end.slashes if end is not None else ():
                lost[slash.node] += slash.amount
    for job in jobs:
        for node in job.nodes:
            lost[node.node] += node.slashed
    return lost


def _earned(earned: Counter[tuple[Address, Asset]], address: Address) -> list[EarnedView]:
    return [
        EarnedView(asset=asset.value, decimals=asset.decimals, amount=str(earned[address, asset]))
        for asset in Asset
        if earned[address, asset]
    ]
