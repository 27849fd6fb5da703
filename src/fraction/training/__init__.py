"""What to learn from what was played: recipes, data sets, manifests, the gate; no tensors here."""

from fraction.training.dataset import (
    Candidate,
    Dataset,
    Example,
    Loser,
    allowed_candidates,
    select_examples,
    select_pairs,
)
from fraction.training.gate import Comparison, compare
from fraction.training.manifest import Manifest
from fraction.training.published import PublishedRecipe, parse_recipe, select
from fraction.training.recipe import Method, Recipe
from fraction.training.result import TrainingResult, result_from_bytes

__all__ = [
    "Candidate",
    "Comparison",
    "Dataset",
    "Example",
    "Loser",
    "Manifest",
    "Method",
    "PublishedRecipe",
    "Recipe",
    "TrainingResult",
    "allowed_candidates",
    "compare",
    "parse_recipe",
    "result_from_bytes",
    "select",
    "select_examples",
    "select_pairs",
]
