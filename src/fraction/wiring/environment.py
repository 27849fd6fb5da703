"""The environment, read once; every variable begins with FRACTION_ and has a default that works on a laptop."""

import os
from dataclasses import dataclass

from fraction.base import Rejected


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment may change."""

    chain: str
    """FRACTION_CHAIN: `local`, `sepolia`, `base` or `arbitrum`."""
    database: str
    """FRACTION_DATABASE_URL: PostgreSQL for the platform; empty: SQLite in the world's folder."""
    model_name: str
    """FRACTION_MODEL: how the model server calls the base; `base` on our own server."""
    model_key: str
    """FRACTION_MODEL_KEY: bearer token for a hosted model server."""
    stake_frac: int
    """FRACTION_STAKE: whole FRAC that a node stakes when it registers."""
    arithmetic: str
    """FRACTION_ARITHMETIC: class of arithmetic of trainings; the platform, trainers and verifiers use the same one."""
    training_steps: int
    """FRACTION_TRAINING_STEPS: most optimiser steps of a training."""
    dispute_seconds: int
    """FRACTION_DISPUTE_SECONDS: how long the result of an exact training may be disputed."""
    gate_tasks: int
    """FRACTION_GATE_TASKS: most unplayed tasks in a held-out comparison."""
    recipe: str
    """FRACTION_RECIPE: `imitate`, `prefer`, or a TOML file."""


def read_environment() -> Environment:
    """Return the settings of this process.

    Raises:
        Rejected: a number is none.
    """
    chain = os.environ.get("FRACTION_CHAIN", "local")
    return Environment(
        chain=chain,
        database=os.environ.get("FRACTION_DATABASE_URL", ""),
        model_name=os.environ.get("FRACTION_MODEL", "base"),
        model_key=os.environ.get("FRACTION_MODEL_KEY", ""),
        stake_frac=_number("FRACTION_STAKE", 5_000),
        arithmetic=os.environ.get("FRACTION_ARITHMETIC", "exact-v1"),
        training_steps=_number("FRACTION_TRAINING_STEPS", 60),
        dispute_seconds=_number("FRACTION_DISPUTE_SECONDS", 30 if chain == "local" else 3_600),
        gate_tasks=_number("FRACTION_GATE_TASKS", 96),
        recipe=os.environ.get("FRACTION_RECIPE", "imitate"),
    )


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise Rejected(f"The environment variable {name} must be a whole number above 0; it is {text!r}.")
    return int(text)
