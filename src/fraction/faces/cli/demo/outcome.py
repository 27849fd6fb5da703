"""What a demonstration came to: the views it collected, as one JSON document."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from fraction import __version__
from fraction.faces.cli.demo.money_check import MoneyCheck
from fraction_sdk.wire import HealthView, NodeView, SessionView, TrainingView

SCHEMA = "fraction-demo/1"


@dataclass(frozen=True, slots=True)
class Cheat:
    """One attempt to cheat, and how it ended."""

    tried: str
    caught: bool
    how: str
    """How it was caught."""
    cost: str


@dataclass(frozen=True, slots=True)
class CurveVote:
    """A vote on a payout curve, and what it changed."""

    proposal: str
    curve: tuple[int, ...]
    """Shares by place, in hundredths of a percent."""
    allowed_before: bool
    allowed_after: bool
    frac_for: int
    """Whole FRAC."""
    frac_against: int
    seconds: float

    @property
    def changed(self) -> bool:
        """Whether the vote allowed a curve that was not allowed before it."""
        return self.allowed_after and not self.allowed_before

    def line(self) -> str:
        """Return the vote in a line."""
        shares = " / ".join(f"{share / 100:g}" for share in self.curve)
        verdict = "allowed for new Spaces now" if self.changed else "NOT CHANGED"
        return f"payout curve {shares} %: {self.frac_for:,} FRAC for, {self.frac_against:,} against; {verdict}"


@dataclass(slots=True)
class Outcome:
    """Everything that the demonstration saw; filled as it goes."""

    seed: int
    usd_per_eth: int
    health: HealthView | None = None
    sessions: list[SessionView] = field(default_factory=list[SessionView])
    trainings: list[TrainingView] = field(default_factory=list[TrainingView])
    nodes: list[NodeView] = field(default_factory=list[NodeView])
    money: list[MoneyCheck] = field(default_factory=list[MoneyCheck])
    cheats: list[Cheat] = field(default_factory=list[Cheat])
    replays: dict[str, bool] = field(default_factory=dict[str, bool])
    """By Session: whether its bundle replays to what the chain says."""
    vote: CurveVote | None = None
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    """How long each stage took."""

    @property
    def good(self) -> bool:
        """Whether everything that must hold does: money, replays, verifiers, cheats, the vote."""
        return (
            all(check.balanced for check in self.money)
            and all(self.replays.values())
            and all(training.status != "failed" for training in self.trainings)
            and all(cheat.caught for cheat in self.cheats)
            and (self.vote is None or self.vote.changed)
        )


def outcome_document(outcome: Outcome) -> dict[str, object]:
    """Return the outcome as JSON for programs; money in smallest units, scores in hundredths of a point."""
    health = outcome.health
    return {
        "schema": SCHEMA,
        "version": __version__,
        "seed": outcome.seed,
        "good": outcome.good,
        "chain_id": health.chain_id if health else None,
        "escrow": health.escrow if health else None,
        "sessions": [_session(view) for view in outcome.sessions],
        "trainings": [_training(view) for view in outcome.trainings],
        "money": [check.document() for check in outcome.money],
        "cheats": [{"tried": c.tried, "caught": c.caught, "how": c.how, "cost": c.cost} for c in outcome.cheats],
        "replays": outcome.replays,
        "vote": asdict(outcome.vote) if outcome.vote else None,
        "seconds": {name: round(seconds, 1) for name, seconds in outcome.seconds.items()},
    }


def _session(view: SessionView) -> dict[str, object]:
    settlement = view.settlement
    return {
        "id": view.id,
        "space": view.space_id,
        "space_digest": view.space.digest,
        "digest": view.transcript_digest,
        "seed": view.seed,
        "phase": view.phase,
        "asset": view.tier.asset,
        "fee": view.tier.fee,
        "entrants": [entrant.model_dump() for entrant in view.entrants],
        "rounds": [{"round": r.round, "scores": _round_scores(view, r.round)} for r in view.rounds],
        "judges": [judge.model_dump(exclude={"sheet"}) for judge in view.judges],
        "medians": settlement.medians if settlement else None,
        "payouts": settlement.payouts if settlement else None,
        "judge_fees": [credit.model_dump() for credit in settlement.judge_fees] if settlement else [],
        "treasury": settlement.treasury if settlement else None,
        "slashes": [slash.model_dump() for slash in settlement.slashes] if settlement else [],
        "refunds": [refund.model_dump() for refund in view.refunds],
        "appeals": [contest.model_dump() for contest in view.appeals],
        "opener_bond": view.opener_bond,
        "transactions": [transaction.model_dump() for transaction in view.transactions],
    }


def _round_scores(view: SessionView, number: int) -> list[dict[str, object]]:
    """Return, for every judge whose sheet is known, its scores of one round by ticket."""
    entries = next(r.entries for r in view.rounds if r.round == number)
    by_judge: dict[str, dict[str, int]] = {}
    for entry in entries:
        for marks in entry.scores:
            by_judge.setdefault(marks.judge, {})[str(entry.ticket)] = marks.score
    return [{"judge": judge, "by_ticket": scores} for judge, scores in by_judge.items()]


def _training(view: TrainingView) -> dict[str, object]:
    return {
        "name": view.name,
        "agent": view.agent,
        "space": view.space,
        "status": view.status,
        "dataset_digest": view.dataset_digest,
        "examples": view.examples,
        "manifest": view.manifest,
        "task": view.task_number,
        "roots": {node.address: node.root for node in view.nodes},
        "nodes": [node.model_dump() for node in view.nodes],
        "losses_ppm": view.losses_ppm,
        "held_out": view.comparison.model_dump() if view.comparison else None,
        "promoted": bool(view.comparison and view.comparison.promoted),
        "adapter": view.adapter,
        "transactions": _hashes(view),
    }


def _hashes(view: TrainingView) -> Sequence[str]:
    return [transaction.hash for transaction in view.transactions]
