"""What to learn from what was played: recipes, data sets, manifests, the gate; no tensors here."""

from fraction.training.dataset import Candidate, Dataset, Example, select_examples
from fraction.training.gate import Comparison, compare
from fraction.training.manifest import Manifest
from fraction.training.recipe import Recipe
from fraction.training.result import TrainingResult, result_from_bytes

__all__ = [
    "Candidate",
    "Comparison",
    "Dataset",
    "Example",
    "Manifest",
    "Recipe",
    "TrainingResult",
    "compare",
    "result_from_bytes",
    "select_examples",
]
