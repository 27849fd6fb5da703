"""One training of one agent in one Space, as the platform follows it.

collecting ─▶ training ─▶ gating ─▶ promoted | kept
└──────▶ failed
"""

from dataclasses import dataclass
from enum import Enum

from pydantic import TypeAdapter

from fraction.app.ports import Records
from fraction.base import Address, AgentId, Digest, Instant, SpaceId, Wei
from fraction.training import Comparison

_KIND = "training"


class Status(Enum):
    """Where a training stands."""

    COLLECTING = "collecting"
    """The data set and the task are being made."""
    TRAINING = "training"
    """Trainer and verifiers work."""
    GATING = "gating"
    """Their result is accepted; the held-out comparison runs."""
    PROMOTED = "promoted"
    """The new adapter serves."""
    KEPT = "kept"
    """The new adapter was not better beyond chance; the old version still serves."""
    FAILED = "failed"
    """No quorum agreed, or nobody could be drawn; the fee went back."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What one node found."""

    node: Address
    role: str
    """`trainer` or `verifier`."""
    root: Digest | None
    """None while it has not revealed."""
    result: Digest | None
    agrees: bool | None
    """Whether it found what was accepted; None while that is open."""
    first_difference: int | None
    """The first step at which a dissenting node's trail differs, where the trail could be fetched."""
    slashed: Wei
    """FRAC it lost."""


@dataclass(frozen=True, slots=True)
class DisputeResult:
    """How a dispute over a training's result ended."""

    number: int
    challenger: Address
    defender: Address
    refuted: bool
    """Whether the defender was wrong, or silent."""
    step: int
    """The disputed one, from 0."""
    found: int | None
    """Bits of the one number that the referee computed again; None if somebody was silent before."""
    claimed: int | None
    """Bits that the defender had there."""
    gas: int
    """Of all moves of both sides."""
    moves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """Everything that is known of a training."""

    name: str
    agent: AgentId
    space: SpaceId
    requested_at: Instant
    sessions: int
    """How many settled Sessions the data set could draw from."""
    status: Status = Status.COLLECTING
    reason: str = ""
    """Why it failed, in a sentence."""
    dataset: Digest | None = None
    examples: int = 0
    manifest: Digest | None = None
    specification: Digest | None = None
    """Names everything that is computed; None where no referee can decide over it."""
    task: int | None = None
    """The task's number in the registry."""
    fee: Wei | None = None
    nodes: tuple[NodeResult, ...] = ()
    disputes: tuple[DisputeResult, ...] = ()
    """Those that are over."""
    losses_ppm: tuple[int, ...] = ()
    adapter: Digest | None = None
    previous: Digest | None = None
    """What served before, to roll back to."""
    comparison: Comparison | None = None
    evidence: Digest | None = None
    """The blob with the held-out tasks, both versions' replies and their scores."""
    transactions: tuple[str, ...] = ()


_JOBS: TypeAdapter[TrainingJob] = TypeAdapter(TrainingJob)


def keep_job(records: Records, job: TrainingJob) -> None:
    """Keep the job in place of what was known of it."""
    records.keep(_KIND, job.name, _JOBS.dump_python(job, mode="json"))


def find_job(records: Records, name: str) -> TrainingJob:
    """Return the training of that name; raise NotFound if there is none."""
    return _JOBS.validate_python(records.get(_KIND, name))


def all_jobs(records: Records) -> tuple[TrainingJob, ...]:
    """Return every training, oldest first."""
    return tuple(find_job(records, name) for name in records.names(_KIND))
