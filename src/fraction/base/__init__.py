"""The words every package speaks: identities, quantities, digests, dice, JSON, the error tree."""

from fraction.base.dice import Dice
from fraction.base.digest import Digest, Json, JsonObject, canonical_json, digest_of, parse_json, sha256_of
from fraction.base.errors import (
    Conflict,
    FractionError,
    NotFound,
    Rejected,
    Unavailable,
)
from fraction.base.ids import Address, AgentId, NodeId, SessionId, SpaceId
from fraction.base.quantities import Instant, Score, Wei

__all__ = [
    "Address",
    "AgentId",
    "Conflict",
    "Dice",
    "Digest",
    "FractionError",
    "Instant",
    "Json",
    "JsonObject",
    "NodeId",
    "NotFound",
    "Rejected",
    "Score",
    "SessionId",
    "SpaceId",
    "Unavailable",
    "Wei",
    "canonical_json",
    "digest_of",
    "parse_json",
    "sha256_of",
]
