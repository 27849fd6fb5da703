"""Published recipes: small files that say how this platform trains; their digest enters each training's claim."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, ValidationError

from fraction.base import Digest, JsonObject, Rejected, canonical_json, sha256_of
from fraction.training.dataset import Candidate, Dataset, select_examples, select_pairs
from fraction.training.recipe import MAX_STEPS, Method, Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRecipe:
    """What is learned from and how, whatever the size of the data set."""

    name: str
    version: int
    recipe: Recipe
    """Its `steps` are the most that a training may take."""
    passes: int
    """How often each example is seen, within that bound."""
    least_steps: int = 8
    """A small data set is seen more often, until there are as many steps."""
    keep_percent: int = 35
    """How much of what was played is good enough to learn from."""
    most_examples: int = 512
    margin: int = 500
    """Hundredths of a point by which the winner of a pair is ahead; for preference training."""

    def __post_init__(self) -> None:
        """Refuse what no data set could be trained by.

        Raises:
            Rejected: a value is out of its range.
        """
        ranges = {
            "version": (self.version, 1, 1 << 20),
            "passes": (self.passes, 1, 1_000),
            "least_steps": (self.least_steps, 1, MAX_STEPS),
            "keep_percent": (self.keep_percent, 1, 100),
            "most_examples": (self.most_examples, 1, 1 << 20),
            "margin": (self.margin, 1, 10_000),
        }
        for name, (value, low, high) in ranges.items():
            if not low <= value <= high:
                raise Rejected(f"The published recipe's {name} is {value}; it must be {low} to {high}.")

    def recipe_for(self, examples: int) -> Recipe:
        """Return the recipe for a data set of that size: a few passes over it."""
        steps = -(-examples * self.passes // self.recipe.batch_size)
        return replace(self.recipe, steps=min(self.recipe.steps, max(self.least_steps, steps)))

    def to_json(self) -> JsonObject:
        """Return the recipe as it is published."""
        return {
            "name": self.name,
            "version": self.version,
            "recipe": self.recipe.to_json(),
            "passes": self.passes,
            "least_steps": self.least_steps,
            "keep_percent": self.keep_percent,
            "most_examples": self.most_examples,
            "margin": self.margin,
        }

    def to_bytes(self) -> bytes:
        """Return the blob that everybody can fetch."""
        return canonical_json(self.to_json())

    def digest(self) -> Digest:
        """Return the name under which a claim refers to it."""
        return sha256_of(self.to_bytes())


def select(candidates: Sequence[Candidate], system: str, recipe: PublishedRecipe) -> Dataset:
    """Return the data set that a recipe makes of candidates: replies to imitate, or pairs to tell apart."""
    if recipe.recipe.method is Method.PREFERENCE:
        return select_pairs(candidates, system, recipe.margin, recipe.keep_percent, recipe.most_examples)
    return select_examples(candidates, system, recipe.keep_percent, recipe.most_examples)


class _Training(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    method: str
    rank: int
    alpha: int
    most_steps: int
    least_steps: int
    passes: int
    batch_size: int
    learning_rate_ppm: int
    warmup_steps: int
    max_tokens: int
    beta_percent: int = 10


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    keep_percent: int
    most_examples: int
    margin: int = 500


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    version: int
    about: str
    training: _Training
    data: _Data


def parse_recipe(document: object) -> PublishedRecipe:
    """Return the recipe that a file's contents describe, as `tomllib` reads them.

    Raises:
        Rejected: something is missing, unknown or out of its range.
    """
    try:
        file = _File.model_validate(document)
        method = Method(file.training.method)
    except (ValidationError, ValueError) as error:
        raise Rejected(f"The file is not a recipe: {_first(error)}") from error
    how = file.training
    return PublishedRecipe(
        name=file.name,
        version=file.version,
        recipe=Recipe(
            method=method,
            beta_percent=how.beta_percent,
            rank=how.rank,
            alpha=how.alpha,
            steps=how.most_steps,
            batch_size=how.batch_size,
            learning_rate_ppm=how.learning_rate_ppm,
            warmup_steps=how.warmup_steps,
            max_tokens=how.max_tokens,
        ),
        passes=how.passes,
        least_steps=how.least_steps,
        keep_percent=file.data.keep_percent,
        most_examples=file.data.most_examples,
        margin=file.data.margin,
    )


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return f"{'.'.join(map(str, found['loc']))}: {found['msg']}."
    return f"{error}."
