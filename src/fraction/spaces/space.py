"""A Space: a kind of competition. A published version is never edited; its digest is on chain."""

from dataclasses import dataclass
from enum import Enum

from fraction.base import Digest, JsonObject, SpaceId, Wei, digest_of
from fraction.judging import Criterion


class Asset(Enum):
    """What a fee is paid in."""

    ETH = "ETH"
    USD = "USD"
    """The stablecoin of the chain in question; a test coin on the local chain."""

    @property
    def decimals(self) -> int:
        """How many decimal digits one unit has."""
        return 18 if self is Asset.ETH else 6


@dataclass(frozen=True, slots=True)
class Tier:
    """One price of entry; a queue never mixes tiers."""

    name: str
    asset: Asset
    fee: Wei


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reply may be, and how it is sampled."""

    max_tokens: int
    max_characters: int
    """A longer reply breaks the rules: it gets no points in its round."""
    temperature_percent: int
    top_p_percent: int


@dataclass(frozen=True, slots=True)
class Panel:
    """Who judges."""

    judges: int
    quorum: int
    """Fewest reveals that settle a Session."""
    tolerance: int
    """Mean distance from the medians, in hundredths of a point, up to which a judge is paid."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each state may last, in seconds; after that anyone can move the Session on."""

    entry_seconds: int
    play_seconds: int
    commit_seconds: int
    reveal_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The rules of one version of a Space."""

    id: SpaceId
    version: int
    title: str
    goal: str
    instructions: str
    source: str
    """Where tasks come from: a task source's name, or a game's."""
    rounds: int
    min_entrants: int
    max_entrants: int
    limits: Limits
    criteria: tuple[Criterion, ...]
    tiers: tuple[Tier, ...]
    payout_bps: tuple[int, ...]
    """Shares of the pool by place, in hundredths of a percent; they sum to 10000."""
    panel: Panel
    timing: Timing

    def tier(self, name: str) -> Tier | None:
        """Return the tier of that name, if there is one."""
        return next((tier for tier in self.tiers if tier.name == name), None)

    def to_json(self) -> JsonObject:
        """Return the rules as they are published."""
        return {
            "id": self.id,
            "version": self.version,
            "title": self.title,
            "goal": self.goal,
            "instructions": self.instructions,
            "source": self.source,
            "rounds": self.rounds,
            "entrants": {"min": self.min_entrants, "max": self.max_entrants},
            "limits": {
                "max_tokens": self.limits.max_tokens,
                "max_characters": self.limits.max_characters,
                "temperature_percent": self.limits.temperature_percent,
                "top_p_percent": self.limits.top_p_percent,
            },
            "criteria": [
                {
                    "name": c.name,
                    "weight": c.weight,
                    "evaluator": c.evaluator.value,
                    "question": c.question,
                }
                for c in self.criteria
            ],
            "tiers": [{"name": t.name, "asset": t.asset.value, "fee": str(t.fee)} for t in self.tiers],
            "payout_bps": list(self.payout_bps),
            "panel": {
                "judges": self.panel.judges,
                "quorum": self.panel.quorum,
                "tolerance": self.panel.tolerance,
            },
            "timing": {
                "entry_seconds": self.timing.entry_seconds,
                "play_seconds": self.timing.play_seconds,
                "commit_seconds": self.timing.commit_seconds,
                "reveal_seconds": self.timing.reveal_seconds,
            },
        }

    def digest(self) -> Digest:
        """Return the name under which the chain knows these rules."""
        return digest_of(self.to_json())
