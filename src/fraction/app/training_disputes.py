"""Disputes as training nodes play them: each calls wrong what it found otherwise, and defends what it showed.

Verifiers take turns: while one of them disputes a result, the others watch, and step in if the time runs out or the
dispute is lost, as its challenger may be the cheater's friend.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable

from fraction.app.chain import TaskAnswer, TaskState
from fraction.app.disputes import DisputeGame, advance_dispute, challenge
from fraction.app.ports import Clock
from fraction.app.training_jobs import DisputeResult
from fraction.base import Address, Digest, Instant
from fraction.training import Dataset, Recipe
from fraction.verification.claim import Specification
from fraction.verification.dispute import Evidence, Position, Stage

TURN_SECONDS = 8
"""How long each node leaves to those before it to open a dispute."""
LAST_SECONDS = 15
"""So long before the end of the time for disputes, nobody waits for anybody."""

Specify: TypeAlias = Callable[[Dataset, Recipe], Digest | None]
"""Names everything that a training computes; None where no referee can decide over it."""


def unspecified(dataset: Dataset, recipe: Recipe) -> Digest | None:
    """Name nothing: a quorum alone decides."""
    return None


@runtime_checkable
class DisputableTrainer(Protocol):
    """A trainer whose every number a contract can decide."""

    def specify(self, dataset: Dataset, recipe: Recipe) -> Specification:
        """Return what a training is to compute, by digest.

        Raises:
            Rejected: no example is short enough for the recipe.
        """
        ...

    def evidence(self, dataset: Dataset, recipe: Recipe, leaves: tuple[Digest, ...], altered: bool = False) -> Evidence:
        """Return what can be shown for a training that left `leaves`; if `altered`, with another last state."""
        ...


@dataclass(slots=True)
class Contestant:
    """One node in the disputes over its tasks, and what it remembers of them."""

    game: DisputeGame
    clock: Clock
    challenges: bool = True
    """Whether it calls others wrong; a cheater only defends itself."""
    over: dict[int, Position] = field(default_factory=dict[int, Position])
    """Disputes that have ended, by number."""
    seen: dict[int, Instant] = field(default_factory=dict[int, Instant])
    """When each task was first seen with its results shown."""


def contest(
    contestant: Contestant, number: int, state: TaskState, evidence: Callable[[], Evidence], manifest: bytes
) -> str:
    """Do what is due in the disputes over task `number`; return what was done, or nothing.

    Args:
        contestant: who does it, drawn for the task
        number: of the task, whose results may be disputed now
        state: where it stands
        evidence: gives the node's own; asked for only when it is needed
        manifest: the task's
    """
    me, now = contestant.game.account, contestant.clock.now()
    positions = _positions(contestant, number)
    for dispute, position in positions.items():
        line = _move(contestant, dispute, position, evidence, now)
        if line:
            return f"dispute {dispute} over task {number}: {line}"
    since = contestant.seen.setdefault(number, now)
    order = [node for node in (*state.verifiers, state.trainer) if node is not None]
    may_open = now >= since + order.index(me) * TURN_SECONDS or now >= state.deadline - LAST_SECONDS
    if not contestant.challenges or not may_open or now >= state.deadline:
        return ""
    for answer in state.answers:
        if answer.node != me and _is_to_be_disputed(answer, me, positions, state.deadline - LAST_SECONDS <= now):
            own = evidence()
            if answer.root != own.claim:
                dispute = challenge(contestant.game, own, number, answer.node, manifest)
                return f"dispute {dispute} over task {number}: opened against {answer.node}"
    return ""


def dispute_results(game: DisputeGame, number: int) -> tuple[DisputeResult, ...]:
    """Return how the disputes over a task ended, for those that have."""
    found: list[DisputeResult] = []
    for dispute in range(1, game.disputes() + 1):
        position = game.position(dispute)
        if position.task == number and position.stage.is_over:
            ruling, gas = game.ruling(dispute) or (None, None), game.gas_of(dispute)
            refuted = position.stage is Stage.REFUTED
            sides = position.challenger, position.defender
            total = sum(used for _, used in gas)
            found.append(DisputeResult(dispute, *sides, refuted, position.step, *ruling, total, len(gas)))
    return tuple(found)


def _positions(contestant: Contestant, number: int) -> dict[int, Position]:
    """Return the disputes over a task, by number."""
    found: dict[int, Position] = {}
    for dispute in range(1, contestant.game.disputes() + 1):
        position = contestant.over.get(dispute) or contestant.game.position(dispute)
        if position.stage.is_over:
            contestant.over[dispute] = position
        if position.task == number:
            found[dispute] = position
    return found


def _move(
    contestant: Contestant, dispute: int, position: Position, evidence: Callable[[], Evidence], now: Instant
) -> str:
    me = contestant.game.account
    if position.stage.is_over or me not in (position.defender, position.challenger):
        return ""
    mover = position.defender if position.stage.is_defenders else position.challenger
    if mover == me:
        return advance_dispute(contestant.game, evidence(), dispute)
    if now <= position.deadline:
        return ""
    contestant.game.time_out(dispute)
    return "ended, as the other side was silent"


def _is_to_be_disputed(answer: TaskAnswer, me: Address, positions: dict[int, Position], is_late: bool) -> bool:
    """Return whether this node should dispute a result, if it found another one."""
    against = [p for p in positions.values() if p.claim == answer.root]
    if any(p.stage is Stage.REFUTED or p.challenger == me for p in against):
        return False
    return is_late or all(p.stage.is_over for p in against)
